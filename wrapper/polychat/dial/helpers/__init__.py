"""Helpers under the names where aidial-client has them."""
