"""Which servers this package speaks to."""

from __future__ import annotations

import re

from polychat._core.version import __version__

from ._name import PLATFORM
from .errors import VersionError

__all__ = ["MIN_API_VERSION", "__version__", "check_api_version", "user_agent_headers"]

MIN_API_VERSION = "1.19.0"
"""The oldest API that has the calls of this package, as in aleph-alpha-client 11.5."""


def check_api_version(version: str) -> None:
    """Raises `VersionError` (a RuntimeError) where `version` is older than `MIN_API_VERSION`, or
    is no version."""
    found = _numbers(version)
    if found is None or found < (_numbers(MIN_API_VERSION) or ()):
        raise VersionError(
            f"the host's API has version {version.strip()[:100]!r}, at least {MIN_API_VERSION} is"
            " needed",
            platform=PLATFORM,
        )


def _numbers(version: str) -> tuple[int, ...] | None:
    found = re.match(r"\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?", version)
    return None if found is None else tuple(int(part or 0) for part in found.groups())


def user_agent_headers() -> dict[str, str]:
    """How this package names itself to a server."""
    from polychat._core.client import COMMON_HEADERS

    return {"User-Agent": COMMON_HEADERS["user-agent"]}
