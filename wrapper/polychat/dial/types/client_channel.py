"""Types of the client channel."""

from __future__ import annotations

from enum import Enum

__all__ = ["SigninResult"]


class SigninResult(str, Enum):  # as aidial-client has it: str() gives the member
    """What came of asking a user to sign in to a toolset."""

    SUCCESS = "success"
    DENIED = "denied"
    ERROR = "error"
