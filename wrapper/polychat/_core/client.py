"""What every platform's clients are built on: the exchange, bound to a service and options."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Mapping
from typing import Any, Generic, Self, TypeVar, cast

from polychat_rest.errors import UnexpectedStatus
from polychat_rest.protocol import Request, Response
from polychat_rest.shapes import is_array

from .effects import Steps, run, run_async, then
from .events import BytesReader, EventReader, Items
from .exchange import Answered, exchange
from .http import AsyncHTTP, SyncHTTP
from .info import ResponseInfo, ResultList, remember
from .options import Options
from .outgoing import Service
from .stream import AsyncStream, Stream
from .version import __version__

T = TypeVar("T")
StreamT = TypeVar("StreamT")
HTTPT = TypeVar("HTTPT", SyncHTTP, AsyncHTTP)

COMMON_HEADERS: Mapping[str, str] = {
    "user-agent": f"polychat/{__version__} python/{'.'.join(map(str, sys.version_info[:3]))}",
    "accept-encoding": "gzip, deflate",
}


class _Core(Generic[HTTPT]):
    """A service, options and a way to HTTP."""

    http: HTTPT

    def __init__(self, service: Service, options: Options, http: HTTPT) -> None:
        self.service = service
        self.options = options
        self.http = http

    def with_options(self, changes: Mapping[str, Any]) -> Self:
        """The same service and connections with other options."""
        return type(self)(self.service, self.options.with_(changes), self.http)

    def steps(
        self, request: Request[Any], changes: Mapping[str, Any], *, stream: bool
    ) -> Steps[Answered]:
        """The exchange of a request."""
        return exchange(self.service, request, self.options.with_(changes), stream=stream)

    def _typed(self, request: Request[T], answered: Answered) -> Response[T]:
        """Reads an answer as its operation documents it."""
        response = answered.response
        headers = response.headers
        try:
            parsed = request.operation.read(response.status_code, headers, answered.content)
        except UnexpectedStatus as error:
            platform = self.service.platform
            raise platform.dress(answered.unreadable(platform, error)) from None
        return Response(
            status_code=response.status_code,
            headers=headers,
            content=answered.content,
            parsed=parsed,
            attempts=answered.attempts,
            request_id=self.service.platform.request_id(headers),
        )

    def _result(self, request: Request[T], answered: Answered) -> T:
        """The typed answer itself, which remembers what came around it."""
        response = self._typed(request, answered)
        parsed: Any = response.parsed
        if is_array(parsed):
            parsed = ResultList(parsed)
        remember(parsed, answered.info(self.service.platform))
        return cast("T", parsed)

    def _events(
        self,
        request: Request[Any],
        answered: Answered,
        parse: Callable[[Any], T],
        items: Items[T] | None = None,
    ) -> tuple[Answered, EventReader[T], ResponseInfo]:
        platform = self.service.platform
        done = request.operation.done
        reader: EventReader[T] = EventReader(answered, platform, parse, done, items)
        return answered, reader, answered.info(platform)

    def _bytes(self, answered: Answered) -> tuple[Answered, BytesReader, ResponseInfo]:
        platform = self.service.platform
        return answered, BytesReader(answered, platform), answered.info(platform)


class SyncCore(_Core[SyncHTTP]):
    """Carries requests synchronously; a `polychat_rest.protocol.Sender`."""

    def _exchange(self, request: Request[Any], changes: Mapping[str, Any]) -> Answered:
        return run(self.steps(request, changes, stream=False), self.http)

    def opened(
        self,
        request: Request[Any],
        make: Callable[[Answered], StreamT],
        changes: Mapping[str, Any] = {},
    ) -> StreamT:
        """What `make` makes of an answer whose body is left to be read."""
        return run(then(self.steps(request, changes, stream=True), make), self.http)

    def call(self, request: Request[T], changes: Mapping[str, Any] = {}) -> T:
        """The typed result of one exchange."""
        return self._result(request, self._exchange(request, changes))

    def stream(
        self,
        request: Request[Any],
        parse: Callable[[Any], T],
        changes: Mapping[str, Any] = {},
    ) -> Stream[T]:
        """The typed events of an answer."""

        def make(answered: Answered) -> Stream[T]:
            return Stream(*self._events(request, answered, parse))

        return self.opened(request.as_stream(), make, changes)

    def stream_items(
        self,
        request: Request[Any],
        parse: Callable[[Any], Any],
        items: Items[T],
        changes: Mapping[str, Any] = {},
    ) -> Stream[T]:
        """What `items` makes of the typed events of an answer."""

        def make(answered: Answered) -> Stream[T]:
            return Stream(*self._events(request, answered, parse, items))

        return self.opened(request.as_stream(), make, changes)

    def download(self, request: Request[Any], changes: Mapping[str, Any] = {}) -> Stream[bytes]:
        """The bytes of an answer."""
        return self.opened(request, lambda answered: Stream(*self._bytes(answered)), changes)

    def send(self, request: Request[T], /) -> Response[T]:
        return self._typed(request, self._exchange(request, {}))

    def send_stream(self, request: Request[Any], parse: Callable[[Any], T], /) -> Stream[T]:
        return self.stream(request, parse)

    def send_download(self, request: Request[Any], /) -> Stream[bytes]:
        return self.download(request)


class AsyncCore(_Core[AsyncHTTP]):
    """Carries requests asynchronously; a `polychat_rest.protocol.AsyncSender`."""

    async def _exchange(
        self, request: Request[Any], changes: Mapping[str, Any], stream: bool
    ) -> Answered:
        return await run_async(self.steps(request, changes, stream=stream), self.http)

    async def call(self, request: Request[T], changes: Mapping[str, Any] = {}) -> T:
        """The typed result of one exchange."""
        return self._result(request, await self._exchange(request, changes, stream=False))

    async def stream(
        self,
        request: Request[Any],
        parse: Callable[[Any], T],
        changes: Mapping[str, Any] = {},
    ) -> AsyncStream[T]:
        """The typed events of an answer."""
        answered = await self._exchange(request.as_stream(), changes, stream=True)
        return AsyncStream(*self._events(request, answered, parse))

    async def stream_items(
        self,
        request: Request[Any],
        parse: Callable[[Any], Any],
        items: Items[T],
        changes: Mapping[str, Any] = {},
    ) -> AsyncStream[T]:
        """What `items` makes of the typed events of an answer."""
        answered = await self._exchange(request.as_stream(), changes, stream=True)
        return AsyncStream(*self._events(request, answered, parse, items))

    async def download(
        self,
        request: Request[Any],
        changes: Mapping[str, Any] = {},
    ) -> AsyncStream[bytes]:
        """The bytes of an answer."""
        return AsyncStream(*self._bytes(await self._exchange(request, changes, stream=True)))

    async def send_async(self, request: Request[T], /) -> Response[T]:
        return self._typed(request, await self._exchange(request, {}, stream=False))

    async def send_stream_async(
        self, request: Request[Any], parse: Callable[[Any], T], /
    ) -> AsyncStream[T]:
        return await self.stream(request, parse)

    async def send_download_async(self, request: Request[Any], /) -> AsyncStream[bytes]:
        return await self.download(request)


CoreT = TypeVar("CoreT", SyncCore, AsyncCore)


class _Client(Generic[CoreT]):
    _core: CoreT

    def __init__(self, core: CoreT) -> None:
        self._core = core

    @property
    def base_url(self) -> str:
        """The service's URL."""
        return self._core.service.base_url

    @property
    def rest(self) -> CoreT:
        """For endpoint functions: ``sync(client=client.rest)``. They get this client's auth,
        retries, deadlines, logging, and its typed errors."""
        return self._core

    def with_options(self, **changes: Any) -> Self:
        """A client with other options that shares this one's connections and credentials;
        the options are those of `polychat.CallOptions`."""
        new = copy.copy(self)
        new._core = self._core.with_options(changes)  # noqa: SLF001  # it is our own copy
        return new

    def __repr__(self) -> str:
        if not hasattr(self, "_core"):  # a traceback shows the client while it is being made
            return f"<{type(self).__name__}, not made>"
        return f"{type(self).__name__}(base_url={self.base_url!r})"


class SyncClient(_Client[SyncCore]):
    """A synchronous client: closes with ``with`` or `close`."""

    def close(self) -> None:
        """Closes the connections; not those of an ``http_client`` that was passed in."""
        self._core.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class AsyncClient(_Client[AsyncCore]):
    """An asynchronous client: closes with ``async with`` or `aclose`."""

    async def aclose(self) -> None:
        """Closes the connections; not those of an ``http_client`` that was passed in."""
        await self._core.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()
