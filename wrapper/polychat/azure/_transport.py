"""How connections are made, from azure-core's keywords: certificates, proxies, transports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from polychat._core.http import AsyncHTTP, SyncHTTP
from polychat.errors import ConfigurationError
from polychat_rest.secret import Secret

from ._endpoint import Endpoint
from ._keywords import Keywords

if TYPE_CHECKING:
    import ssl


def way(keywords: Keywords) -> tuple[Any, ...]:
    """What calls must agree in to share connections."""
    proxies = keywords.proxies and tuple(sorted(keywords.proxies.items()))
    return keywords.connection_verify, keywords.connection_cert, proxies


class Way(NamedTuple):
    """Connections of one kind: the `SyncHTTP` or `AsyncHTTP`, and the transport that was made
    for it, if there is one, which is to be closed with it."""

    http: Any
    made: Any = None

    def close(self) -> None:
        self.http.close()
        if self.made is not None:
            self.made.close()

    async def aclose(self) -> None:
        await self.http.aclose()
        if self.made is not None:
            await self.made.aclose()


def connect(
    kind: type[Any],
    keywords: Keywords,
    endpoint: Endpoint,
    transport: Any,
    client: Any,
    proxy: Secret | None,
) -> Way:
    """The way to HTTP for these keywords. Raises `ConfigurationError`."""
    given = _transport(kind, transport)
    named = _proxy(keywords, endpoint)
    if named is not None and proxy is not None:
        raise ConfigurationError(
            "proxies and proxy are both given", platform="azure", remedy="Pass one of them"
        )
    if named is not None and (given is not None or client is not None):
        raise ConfigurationError(
            "proxies and transport (or http_client) cannot both be given",
            platform="azure",
            remedy="Set the proxy in the transport or client",
        )
    sync = kind is SyncHTTP
    requests: dict[str, bool] = {"as_requests": True} if sync else {}
    verify = _verify(keywords, as_requests=sync)
    adapter = given if given is not transport else None
    http = kind(client, transport=given, verify=verify, proxy=named or proxy, **requests)
    return Way(http, adapter)


def _transport(kind: type[Any], given: Any) -> Any:
    if given is None or isinstance(given, str):
        return given
    wanted = "handle_request" if kind is SyncHTTP else "handle_async_request"
    if not hasattr(given, wanted) and hasattr(given, "send") and hasattr(given, "open"):
        from ._azure_transport import AsyncAzureTransport, AzureTransport

        return AzureTransport(given) if kind is SyncHTTP else AsyncAzureTransport(given)
    return given


def _verify(keywords: Keywords, *, as_requests: bool) -> ssl.SSLContext | str | bool:
    verify, cert = keywords.connection_verify, keywords.connection_cert
    if cert is None and not (isinstance(verify, str) and Path(verify).is_dir()):
        return verify
    import ssl

    if isinstance(verify, str):
        is_dir = Path(verify).is_dir()
        context = ssl.create_default_context(
            cafile=None if is_dir else verify, capath=verify if is_dir else None
        )
    else:
        from polychat._core.tls import new_context

        context = new_context(as_requests=as_requests)
        if not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
    if cert is not None:
        files = (cert,) if isinstance(cert, str) else tuple(cast("tuple[str, ...]", cert))
        context.load_cert_chain(*files)
    return context


def _proxy(keywords: Keywords, endpoint: Endpoint) -> Secret | None:
    """The proxy for the endpoint, named as requests names it: ``https``, ``https://host``,
    ``all``."""
    proxies = keywords.proxies or {}
    scheme, _, rest = endpoint.base_url.partition("://")
    host = rest.partition("/")[0].partition(":")[0]
    for key in (f"{scheme}://{host}", scheme, f"{scheme}://", f"all://{host}", "all", "all://"):
        if proxies.get(key):
            return Secret(proxies[key])
    return None


__all__ = ["AsyncHTTP", "SyncHTTP", "connect", "way"]
