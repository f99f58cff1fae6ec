"""Files and URLs as base64."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from polychat.errors import APIConnectionError, APIStatusError

from ._name import PLATFORM

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["fetch", "load_base64_from_file", "load_base64_from_url"]

_SECONDS = 60.0


def fetch(url: str) -> bytes:
    """The bytes at a URL; no token is sent there.

    Raises `APIConnectionError` where no answer comes within 60 seconds of silence, and
    `APIStatusError` for an answer that is not a success.
    """
    import httpx

    try:
        answer = httpx.get(url, timeout=_SECONDS, follow_redirects=True)
    except httpx.InvalidURL:  # its text may be a part of what stands for a password
        raise APIConnectionError("the URL is not valid", platform=PLATFORM) from None
    except httpx.HTTPError as error:
        raise APIConnectionError(
            f"{_shown(url)} cannot be fetched: {error}", platform=PLATFORM
        ) from error
    if not answer.is_success:
        raise APIStatusError(
            f"{_shown(url)} answered {answer.status_code}",
            platform=PLATFORM,
            status=answer.status_code,
            attempts=1,
        )
    return answer.content


def _shown(url: str) -> str:
    """A URL without what may be secret: its user, password, query and fragment."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else "a URL without a host"


def load_base64_from_url(url: str) -> str:
    """What is at a URL, as base64. Raises as `fetch`."""
    return base64.b64encode(fetch(url)).decode()


def load_base64_from_file(path_and_filename: str | Path) -> str:
    """A file as base64. Raises OSError."""
    return base64.b64encode(read(path_and_filename)).decode()


def read(path: str | Path) -> bytes:
    """The bytes of a file. Raises OSError."""
    from pathlib import Path  # every import of the client would pay for it

    return Path(path).read_bytes()
