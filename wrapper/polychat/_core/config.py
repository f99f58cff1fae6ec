"""Settings come from arguments, then the environment, then defaults."""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import urlsplit

from polychat.errors import ConfigurationError


def from_environment(names: Sequence[str]) -> str | None:
    """The value of the first of the environment variables that is set and not empty."""
    for name in names:
        value = os.environ.get(name)
        if value:
            return value
    return None


def base_url(given: str | None, *, platform: str, names: Sequence[str], default: str | None) -> str:
    """The service's URL without a trailing slash.

    Raises `ConfigurationError` where there is none, or it has no scheme or host, or it carries
    a user name, a query or a fragment.
    """
    url = given or from_environment(names) or default
    if not url:
        raise ConfigurationError(
            "base_url is missing",
            platform=platform,
            remedy=f"Pass base_url='https://...' or set {' or '.join(names)}",
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigurationError(f"base_url={url!r}: {error}", platform=platform) from error
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigurationError(
            f"base_url={url!r} is not an absolute http(s) URL",
            platform=platform,
            remedy=f"Write the scheme too, such as 'https://{url.removeprefix('//')}'",
        )
    if parts.username or parts.password:
        raise ConfigurationError(
            "base_url has a user name or password in it",
            platform=platform,
            remedy="Pass credentials as arguments: a URL is shown in logs and errors",
        )
    if parts.query or parts.fragment:
        raise ConfigurationError(
            f"base_url={url!r} has a query or a fragment",
            platform=platform,
            remedy="Pass extra_query={...} with calls that need one",
        )
    return url.rstrip("/")


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: what a credential belongs to."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port
