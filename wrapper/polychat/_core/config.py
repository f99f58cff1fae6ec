"""Settings come from arguments, then the environment, then defaults."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache

from polychat.errors import ConfigurationError


def from_environment(names: Sequence[str]) -> str | None:
    """The value of the first of the environment variables that is set and not empty."""
    for name in names:
        value = os.environ.get(name)
        if value:
            return value
    return None


def base_url(
    given: str | None,
    *,
    platform: str,
    names: Sequence[str],
    default: str | None,
    argument: str = "base_url",
) -> str:
    """The service's URL without a trailing slash; `argument` is what errors call it.

    Raises `ConfigurationError` where there is none, or it has no scheme or host, or it carries
    a user name, a query or a fragment.
    """
    url = given or from_environment(names) or default
    if not url:
        raise ConfigurationError(
            f"{argument} is missing",
            platform=platform,
            remedy=f"Pass {argument}='https://...' or set {' or '.join(names)}",
        )
    if not isinstance(url, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(
            f"{argument} is a {type(url).__name__}",
            platform=platform,
            remedy=f"Pass {argument}='https://host/path'",
        )
    return _checked(url, platform, argument)


@lru_cache(64)  # programs make many clients of few services
def _checked(url: str, platform: str, argument: str) -> str:
    remedy = f"Pass {argument}='https://host/path'"
    url = url.strip()
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = parts = None
    if parts is None or not url.isprintable() or " " in url or port == 0:
        raise ConfigurationError(
            f"{argument} is no URL, by its host, its port or a space in it",
            platform=platform,
            remedy=remedy,
        )
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigurationError(
            f"{argument}={url!r} is not an absolute http(s) URL",
            platform=platform,
            remedy=f"Write the scheme too, such as 'https://{url.removeprefix('//')}'",
        )
    if not is_host(host):
        raise ConfigurationError(
            f"{argument}={url!r} has a host that cannot be looked up, by an empty part or one of"
            " over 63 characters",
            platform=platform,
            remedy=remedy,
        )
    if parts.username or parts.password:
        raise ConfigurationError(
            f"{argument} has a user name or password in it",
            platform=platform,
            remedy="Pass credentials as arguments: a URL is shown in logs and errors",
        )
    if parts.query or parts.fragment:
        raise ConfigurationError(
            f"{argument}={url!r} has a query or a fragment",
            platform=platform,
            remedy="Pass extra_query={...} with calls that need one",
        )
    return url.rstrip("/")


def is_host(host: str) -> bool:
    """Whether a host is an address or a name that can be looked up: the names of which the
    resolver only says that they cannot be encoded are none (RFC 1035, section 2.3.4)."""
    if ":" in host:
        return True
    name = host.removesuffix(".").lower()
    if not name.isascii() or "xn--" in name:
        import idna  # which httpx needs too

        try:
            name = idna.encode(name).decode()
            idna.decode(name)
        except UnicodeError:
            return False
    return len(name) <= 253 and all(0 < len(label) <= 63 for label in name.split("."))


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: what a credential belongs to."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port
