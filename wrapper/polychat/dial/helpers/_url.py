"""Small functions on URLs."""

from __future__ import annotations


def enforce_trailing_slash(url: str) -> str:
    """`url` with a slash at its end."""
    return url if url.endswith("/") else f"{url}/"


def remove_prefix(s: str, prefix: str) -> str:
    """`s` without `prefix`, where it starts with it: once, and as a whole."""
    return s.removeprefix(prefix)


def remove_leading_slash(url: str) -> str:
    """`url` without one slash at its beginning."""
    return url.removeprefix("/")
