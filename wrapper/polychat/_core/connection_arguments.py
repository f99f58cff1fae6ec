"""What decides how a client connects, as users give it: refused where it cannot work."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from polychat.errors import ConfigurationError


def refuse_beside_pool(network: Mapping[str, Any]) -> None:
    """Raises `ConfigurationError` for what a pool that is given decides already."""
    for name, value in network.items():
        if value is not None and value is not True:
            raise ConfigurationError(
                f"{name} has no effect on the connections of a pool",
                remedy=f"Pass {name} where the pool is made",
            )


def check_connection(
    client: Any, transport: Any, verify: Any, proxy: Any, *, asynchronous: bool
) -> None:
    """Raises `ConfigurationError` for what cannot work: a client or transport of the other kind,
    two that exclude each other, no CA bundle."""
    kind = f"{'Async' if asynchronous else ''}Client"
    method = "handle_async_request" if asynchronous else "handle_request"
    if client is not None and (
        not hasattr(client, "build_request") or hasattr(client, "aclose") is not asynchronous
    ):
        raise ConfigurationError(
            f"http_client is a {type(client).__name__}", remedy=f"Pass an httpx.{kind} here"
        )
    if client is not None and transport is not None:
        raise ConfigurationError(
            "http_client and transport are both given",
            remedy="Pass the transport to the http_client",
        )
    own = "http_client" if client is not None else "transport"
    if proxy is not None and (own == "http_client" or hasattr(transport, method)):
        raise ConfigurationError(
            f"{own} and proxy are both given", remedy=f"Set the proxy where you make the {own}"
        )
    if transport is not None and not hasattr(transport, method):
        if asynchronous and transport in ("httpx", "aiohttp"):
            return
        raise ConfigurationError(
            f"transport={transport!r} has no {method}",
            remedy="Pass an httpx transport of this client's kind"
            + (", 'httpx' or 'aiohttp'" if asynchronous else ""),
        )
    if isinstance(verify, str) and not os.path.isfile(verify):  # noqa: PTH113
        raise ConfigurationError(
            f"verify={verify!r} is no file", remedy="Pass the path of a CA bundle in PEM format"
        )
    if not isinstance(verify, (str, bool)) and not _is_tls_context(verify):
        raise ConfigurationError(
            f"verify is a {type(verify).__name__}",
            remedy="Pass True, an ssl.SSLContext or the path of a CA bundle",
        )


def _is_tls_context(value: Any) -> bool:
    import ssl

    return isinstance(value, ssl.SSLContext)
