"""The tokens of a listing that comes in pages."""

from __future__ import annotations

from typing import Any

from polychat.errors import ResponseParseError

from .info import response_of
from .platform import Platform


class Pages:
    """Which page to ask for next, until there is none. It asks for nothing itself.

    A loop asks for the page of `token` (None is the first), then calls `turn` with the token that
    the page gave. A listing that gives a token twice would be read for ever: that is an error.
    """

    __slots__ = ("_platform", "_seen", "token")

    def __init__(self, platform: Platform) -> None:
        self.token: str | None = None
        self._platform = platform
        self._seen: set[int] = set()
        """Hashes, for tokens can be long and listings longer."""

    def turn(self, token: Any, page: Any) -> bool:
        """Takes the token that `page` gave. Whether there is another page: an empty token ends.

        Raises `ResponseParseError`, as the platform's class of it, for a token that was given
        before, and for one that is no text.
        """
        if token is None or token == "":  # 0 is no text, and no end
            return False
        if not isinstance(token, str):
            raise self._error(f"the page token is a {type(token).__name__}, not text", page)
        if hash(token) in self._seen:
            raise self._error(
                f"the page token {_short(token)} came again after {len(self._seen)} more pages:"
                " the listing would not end",
                page,
            )
        self._seen.add(hash(token))
        self.token = token
        return True

    def _error(self, message: str, page: Any) -> Exception:
        told = response_of(page).common()
        return self._platform.dress(
            ResponseParseError(message, platform=self._platform.name, **told)
        )


def _short(token: str) -> str:
    return repr(token if len(token) <= 60 else f"{token[:60]}...")
