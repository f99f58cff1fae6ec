"""Types of the caller."""

from __future__ import annotations

from polychat_rest.dial.models import UserInfo as UserInfo

__all__ = ["UserInfo"]
