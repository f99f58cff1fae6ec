# Copied by scripts/generate.py from scripts/runtime/client.py; edit it there.
"""The plain low-level client: httpx, nothing between. ``polychat``'s clients add the pipeline.

It returns the answers and the errors that a spec documents and raises
`polychat_rest.errors.UnexpectedStatus` for all others. It retries nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar

import httpx

from .errors import UnexpectedStatus
from .protocol import Request, Response
from .secret import Secret
from .stream import AsyncStream, BytesReader, EventReader, Stream

T = TypeVar("T")

DEFAULT_TIMEOUT = httpx.Timeout(600.0, connect=5.0)
"""Seconds: 5 for a connection, 600 of silence. httpx's own default would be 5 for everything,
the generator's stock client has none; models may think for minutes."""


class Client:
    """Sends the requests of endpoint functions over httpx, sync and async.

    ``base_url`` is the service's URL; ``headers`` are sent with every request; ``timeout`` is an
    `httpx.Timeout` or seconds. `httpx_args` go to `httpx.Client` and `httpx.AsyncClient`, except
    ``follow_redirects``: this client would carry its credentials along, so it follows none.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: httpx.Timeout | float | None = DEFAULT_TIMEOUT,
        httpx_args: Mapping[str, Any] | None = None,
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError(f"base_url={base_url!r} needs a scheme: http:// or https://")
        if "follow_redirects" in (httpx_args or {}):
            raise ValueError("httpx_args: follow_redirects is not taken, see Client")
        self._base_url = base_url.rstrip("/")
        self._headers = dict(headers or {})
        self._timeout = timeout
        self._httpx_args = dict(httpx_args or {})
        self._sync: httpx.Client | None = None
        self._async: httpx.AsyncClient | None = None
        self._process = os.getpid()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r})"

    def _copy(self, **changes: Any) -> Self:
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, _sync=None, _async=None, **changes)
        return copy

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """A new client that sends these headers too; this one stays as it is."""
        return self._copy(_headers={**self._headers, **headers})

    def with_timeout(self, timeout: httpx.Timeout | float | None) -> Self:
        """A new client with another timeout; this one stays as it is."""
        return self._copy(_timeout=timeout)

    def get_httpx_client(self) -> httpx.Client:
        """The underlying client, made when first needed."""
        self._leave_parent()
        if self._sync is None:
            self._sync = httpx.Client(timeout=self._timeout, **self._httpx_args)
        return self._sync

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """The underlying async client, made when first needed."""
        self._leave_parent()
        if self._async is None:
            self._async = httpx.AsyncClient(timeout=self._timeout, **self._httpx_args)
        return self._async

    def _leave_parent(self) -> None:
        """A forked child shares no connection with its parent, so it makes clients of its own."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._sync = self._async = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    def close(self) -> None:
        """Closes the connections of synchronous calls."""
        self._leave_parent()
        if self._sync is not None:
            self._sync.close()

    async def aclose(self) -> None:
        """Closes the connections of asynchronous calls."""
        self._leave_parent()
        if self._async is not None:
            await self._async.aclose()

    def _credentials(self) -> dict[str, str]:
        return {}

    def _arguments(self, request: Request[Any]) -> dict[str, Any]:
        accept = "text/event-stream" if request.streaming else request.operation.accept
        headers = {"Accept": accept, **self._headers, **request.header_items()}
        content = None
        if request.body is not None:
            headers["Content-Type"] = request.body.content_type
            content = request.body.content()
            length = getattr(content, "length", None)
            if length is not None:
                headers["Content-Length"] = str(length)
        return {
            "method": request.operation.method,
            "url": self._base_url + request.path(),
            "params": request.query_items() or None,
            "headers": headers,
            "content": content,
        }

    def send(self, request: Request[T], /) -> Response[T]:
        """One exchange. Raises `UnexpectedStatus`, `InvalidPathError` and httpx's exceptions."""
        client = self.get_httpx_client()
        prepared = client.build_request(**self._arguments(request))
        prepared.headers.update(self._credentials())
        return _response(request, client.send(prepared))

    async def send_async(self, request: Request[T], /) -> Response[T]:
        """`send`, asynchronously."""
        client = self.get_async_httpx_client()
        prepared = client.build_request(**_asynchronous(self._arguments(request)))
        prepared.headers.update(self._credentials())
        return _response(request, await client.send(prepared))

    def _open(self, request: Request[Any]) -> httpx.Response:
        client = self.get_httpx_client()
        prepared = client.build_request(**self._arguments(request))
        prepared.headers.update(self._credentials())
        response = client.send(prepared, stream=True)
        if not response.is_success:
            try:
                content = response.read()
            finally:
                response.close()
            raise UnexpectedStatus(response.status_code, content, response.headers)
        return response

    async def _open_async(self, request: Request[Any]) -> httpx.Response:
        client = self.get_async_httpx_client()
        prepared = client.build_request(**_asynchronous(self._arguments(request)))
        prepared.headers.update(self._credentials())
        response = await client.send(prepared, stream=True)
        if not response.is_success:
            try:
                content = await response.aread()
            finally:
                await response.aclose()
            raise UnexpectedStatus(response.status_code, content, response.headers)
        return response

    def send_stream(self, request: Request[Any], parse: Callable[[Any], T], /) -> Stream[T]:
        """The events of an answer, each parsed. A status other than 2xx is raised, and
        `ErrorDocument` for an event that is an error, `TruncatedStream` for a stream without its
        end."""
        response = self._open(request)
        return Stream(response, EventReader(request.operation, response, parse))

    async def send_stream_async(
        self, request: Request[Any], parse: Callable[[Any], T], /
    ) -> AsyncStream[T]:
        """`send_stream`, asynchronously."""
        response = await self._open_async(request)
        return AsyncStream(response, EventReader(request.operation, response, parse))

    def send_download(self, request: Request[Any], /) -> Stream[bytes]:
        """The bytes of an answer in pieces. A status other than 2xx is raised."""
        response = self._open(request)
        return Stream(response, BytesReader(request.operation, response))

    async def send_download_async(self, request: Request[Any], /) -> AsyncStream[bytes]:
        """`send_download`, asynchronously."""
        response = await self._open_async(request)
        return AsyncStream(response, BytesReader(request.operation, response))


class AuthenticatedClient(Client):
    """A `Client` with a token, sent as ``{auth_header_name}: {prefix} {token}``.

    For a bare key give ``prefix=""`` and the header's name, such as ``Api-Key``.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        prefix: str = "Bearer",
        auth_header_name: str = "Authorization",
        **options: Any,
    ) -> None:
        super().__init__(base_url, **options)
        self._token = Secret(token, f"{prefix} " if prefix else "")
        self._auth_header_name = auth_header_name

    def _credentials(self) -> dict[str, str]:
        return {self._auth_header_name: self._token.reveal()}


def _asynchronous(arguments: dict[str, Any]) -> dict[str, Any]:
    """With a body that httpx takes for an asynchronous one: ours are both, and it would choose."""
    content = arguments["content"]
    if content is not None and type(content) is not bytes:
        arguments["content"] = aiter(content)
    return arguments


def _response(request: Request[T], response: httpx.Response) -> Response[T]:
    status, headers, content = response.status_code, response.headers, response.content
    parsed = request.operation.read(status, headers, content)
    return Response(status_code=status, headers=headers, content=content, parsed=parsed)
