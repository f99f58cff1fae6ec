"""What the plain low-level client raises. ``polychat.errors`` is the tree of the facade."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "ErrorDocument",
    "InvalidPathError",
    "TruncatedStream",
    "UnexpectedStatus",
    "UnreadableAnswer",
]


class InvalidPathError(ValueError):
    """A path parameter that cannot be sent as what was meant; raised before anything is sent."""


class UnexpectedStatus(Exception):
    """The server answered with a status, or a body for it, that the spec does not document.

    Attributes: `status_code`, `headers`, and `content`, the body's bytes as they came.
    """

    def __init__(self, status_code: int, content: bytes, headers: Mapping[str, str]) -> None:
        super().__init__(status_code, content, headers)
        self.status_code = status_code
        self.content = content
        self.headers = headers

    def __str__(self) -> str:
        text = self.content[:500].decode(errors="replace")
        return f"unexpected status {self.status_code}: {text or '(empty body)'}"


class UnreadableAnswer(UnexpectedStatus):
    """The status is documented, the body is not what the spec promises for it: HTML for JSON, an
    object without the fields that make it an answer, nothing at all."""

    def __str__(self) -> str:
        kind = self.headers.get("content-type", "no content type")
        text = self.content[:500].decode(errors="replace")
        return f"status {self.status_code} with an unreadable body ({kind}): {text or '(empty)'}"


class ErrorDocument(UnreadableAnswer):
    """The status says success, the body is an error."""

    def __str__(self) -> str:
        text = self.content[:500].decode(errors="replace")
        return f"status {self.status_code} with an error in the place of an answer: {text}"


class TruncatedStream(UnreadableAnswer):
    """An event stream that stopped before its end. What had arrived was given before."""

    def __str__(self) -> str:
        return f"status {self.status_code}: the stream stopped before its end"
