"""The transport: requests of httpx in, answers of httpx out, aiohttp between."""

from __future__ import annotations

import asyncio
import ssl
from functools import lru_cache
from inspect import signature
from typing import Any

import aiohttp
import httpx
from yarl import URL

from .. import forking
from ..environment import Proxy
from ..tls import LateContext
from .body import Body
from .errors import failure, refused
from .request import CALL, PIECE, Call, Connector, Upload

_OUR_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""aiohttp adds these where a request has none."""
HEAD = 100 * 1024
"""Bytes that the head of an answer may have, as over httpx; aiohttp counts lines."""
_HEAD_LIMITS: dict[str, Any] = {"max_line_size": HEAD, "max_field_size": HEAD}
if "max_headers" in signature(aiohttp.ClientSession.__init__).parameters:  # of newer versions
    _HEAD_LIMITS["max_headers"] = HEAD


class AiohttpTransport(httpx.AsyncBaseTransport):
    """At most `connections` in use at a time; one that has been idle for `keepalive` seconds is
    closed. Through `proxy`, which speaks HTTP, where there is one. For use in one event loop of
    asyncio, in which it must be made.

    Timeouts are httpx's: ``connect`` for a connection, ``read`` of silence from the request's end
    on, ``write`` for a piece of its body, ``pool`` for a free connection.
    """

    def __init__(
        self,
        *,
        verify: ssl.SSLContext | bool,
        connections: int,
        keepalive: float,
        proxy: Proxy | None = None,
    ) -> None:
        self._free = asyncio.Semaphore(connections)
        self.in_use = 0
        """How many connections carry a request or an answer that is not yet given back."""
        self._connector = Connector(
            limit=0,
            ssl=verify,
            keepalive_timeout=keepalive,
            resolver=aiohttp.ThreadedResolver(),  # names mean the same as to all else
        )
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            cookie_jar=aiohttp.DummyCookieJar(),  # one caller's cookies are not another's
            skip_auto_headers=_OUR_HEADERS,
            auto_decompress=False,
            trust_env=False,
            **_HEAD_LIMITS,
        )
        self._proxy = proxy
        self._verify = verify
        forking.remember(self)

    def forked(self) -> None:
        """The parent's connections are let go of."""
        for watch in self._connector.watches:
            forking.let_go(watch.socket)
        forking.abandon(self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
        content = _content(request)
        if type(self._verify) is LateContext and request.url.scheme == "https":
            self._verify.prepare()  # an error within a handshake would leave its socket open
        call = Call(timeouts)
        if not _is_small(content):
            content = Upload(call, content)
        if self._free.locked():
            await self._wait_for_one(timeouts.get("pool"))
        else:
            await self._free.acquire()
        self.in_use += 1
        answer: aiohttp.ClientResponse | None = None
        failed: BaseException | None = None
        CALL.set(call)
        try:
            answer = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=_headers(request, self._proxy),
                data=content,
                allow_redirects=False,
                timeout=_connecting(timeouts.get("connect")),
                server_hostname=request.extensions.get("sni_hostname"),
                **_through(self._proxy),
            )
        except BaseException as error:  # noqa: BLE001  # raised below, without aiohttp's frames
            failed = failure(error, call)
        if answer is None or call.watch is None:
            self._release()
            assert failed is not None
            raise failed
        call.answered = True
        call.watch.answered(answer.content)
        wrong = refused(answer)
        if wrong is not None:
            answer.close()
            self._release()
            raise wrong
        return httpx.Response(
            answer.status,
            headers=answer.raw_headers,
            stream=Body(answer, call, self._release),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": _reason(answer)},
        )

    def _release(self) -> None:
        self.in_use -= 1
        self._free.release()

    async def _wait_for_one(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._free.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("all connections are in use") from None

    async def aclose(self) -> None:
        await self._session.close()


@lru_cache(8)
def _connecting(seconds: float | None) -> aiohttp.ClientTimeout:
    """For a connection and nothing else: what comes after it is under our own clock."""
    return aiohttp.ClientTimeout(connect=seconds)


def _content(request: httpx.Request) -> Any:
    try:
        return request.content or None
    except httpx.RequestNotRead:
        return request.stream


def _is_small(content: Any) -> bool:
    """Whether a connection takes a body at once, so that nothing need watch how it does."""
    return content is None or (type(content) is bytes and len(content) <= PIECE)


def _headers(request: httpx.Request, proxy: Proxy | None) -> list[tuple[str, str]]:
    headers: list[tuple[str, str]] = []
    names: dict[bytes, bytes] = {}
    for name, value in request.headers.raw:
        lower = name.lower()
        if lower != b"transfer-encoding":  # aiohttp's to add: it makes the chunks
            # One case for all of a name: otherwise aiohttp keeps the last of them only.
            headers.append((names.setdefault(lower, name).decode(), value.decode()))
    if proxy is not None and request.url.scheme == "http":  # no tunnel: the proxy reads these
        headers += proxy.headers()
    return headers


def _through(proxy: Proxy | None) -> dict[str, Any]:
    return {} if proxy is None else {"proxy": proxy.url, "proxy_headers": dict(proxy.headers())}


def _reason(answer: aiohttp.ClientResponse) -> bytes:
    return (answer.reason or "").encode("utf-8", "surrogateescape")
