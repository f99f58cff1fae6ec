"""Transports written for azure-core (``RequestsTransport``, or a test's own) as httpx's.

Loaded only where such a transport is passed in, so azure-core is there. As with azure-core, a
client opens the transport and closes it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx


def _request(request: httpx.Request, content: bytes) -> Any:
    from azure.core.rest import HttpRequest  # type: ignore[import-not-found,unused-ignore]

    made: Any = HttpRequest(
        request.method, str(request.url), headers=dict(request.headers), content=content or None
    )
    return made


def _options(request: httpx.Request) -> dict[str, Any]:
    timeout = request.extensions.get("timeout", {})
    given = {"connection_timeout": timeout.get("connect"), "read_timeout": timeout.get("read")}
    return {"stream": True, **{k: v for k, v in given.items() if v is not None}}


class _Body(httpx.SyncByteStream):
    def __init__(self, response: Any) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_raw()

    def close(self) -> None:
        self._response.close()


class AzureTransport(httpx.BaseTransport):
    """Sends through a synchronous transport of azure-core."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        transport.open()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        try:
            response = self._transport.send(_request(request, content), **_options(request))
        except Exception as error:
            raise _failure(error) from error
        headers = list(dict(response.headers).items())
        return httpx.Response(response.status_code, headers=headers, stream=_Body(response))

    def close(self) -> None:
        self._transport.close()


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, response: Any) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._response.iter_raw():
            yield piece

    async def aclose(self) -> None:
        await self._response.close()


class AsyncAzureTransport(httpx.AsyncBaseTransport):
    """Sends through an asynchronous transport of azure-core."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._opened = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        if not self._opened:
            self._opened = True
            await self._transport.open()
        try:
            sent = self._transport.send(_request(request, content), **_options(request))
            response = await sent
        except Exception as error:
            raise _failure(error) from error
        headers = list(dict(response.headers).items())
        return httpx.Response(response.status_code, headers=headers, stream=_AsyncBody(response))

    async def aclose(self) -> None:
        await self._transport.close()


def _failure(error: Exception) -> Exception:
    """azure-core's transport errors as httpx's, which the pipeline tells apart; any other
    exception is the transport's own and stays."""
    from azure.core import exceptions  # type: ignore[import-not-found,unused-ignore]

    for kind, ours in (
        (exceptions.ServiceRequestTimeoutError, httpx.ConnectTimeout),
        (exceptions.ServiceRequestError, httpx.ConnectError),
        (exceptions.ServiceResponseTimeoutError, httpx.ReadTimeout),
        (exceptions.ServiceResponseError, httpx.ReadError),
    ):
        if isinstance(error, kind):
            return ours(str(error))
    return error
