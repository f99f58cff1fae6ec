"""`send_request`: any request, through the same pipeline, its answer returned as it is."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from polychat._core.auth import Auth
from polychat._core.config import origin
from polychat._core.effects import Steps
from polychat._core.exchange import Answered, exchange
from polychat._core.http import Outgoing, RawResponse
from polychat._core.loops import loop_if_any
from polychat._core.options import Hooks
from polychat._core.reading import abandon_async
from polychat.errors import APIStatusError, ConfigurationError
from polychat_rest.body import RawBody
from polychat_rest.protocol import Operation, Request

from ._calls import Call, Target
from ._rest import HttpRequest, HttpResponse


class StreamedResponse(HttpResponse):
    """An answer whose body is read as it is asked for; close it, or use it in a ``with`` (or
    ``async with``) statement."""

    def __init__(self, raw: RawResponse, request: HttpRequest) -> None:
        super().__init__(raw.status_code, raw.headers, b"", request)
        self._raw = raw
        self._loop = loop_if_any()

    def __del__(self) -> None:
        raw: Any = getattr(self, "_raw", None)
        if raw is None or raw.is_closed:
            return
        if hasattr(raw.stream, "__aiter__"):
            abandon_async(raw, self._loop)
        else:
            raw.close()

    @property
    def is_closed(self) -> bool:
        """Whether the connection has been given back."""
        return self._raw.is_closed

    def read(self) -> bytes:
        """The whole body, synchronously."""
        self.content: bytes = self._raw.read()
        return self.content

    async def aread(self) -> bytes:
        """The whole body, asynchronously."""
        self.content = await self._raw.aread()
        return self.content

    def iter_bytes(self) -> Iterator[bytes]:
        """The body in pieces, synchronously."""
        yield from self._raw.iter_bytes()  # a generator, for it holds the answer meanwhile

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        """The body in pieces, asynchronously."""
        async for piece in self._raw.aiter_bytes():
            yield piece

    def close(self) -> None:
        """Gives the connection back, synchronously."""
        self._raw.close()

    async def aclose(self) -> None:
        """Gives the connection back, asynchronously."""
        await self._raw.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()


class Sending:
    """One call of `send_request`."""

    def __init__(
        self,
        target: Target,
        core_for: Callable[[Call], Any],
        request: Any,
        *,
        stream: bool,
        given: Mapping[str, Any],
    ) -> None:
        self._request = request
        self._stream = stream
        self._target = target
        url, query = _absolute(target.endpoint.base_url, request.url)
        params: Mapping[str, Any] = getattr(request, "params", None) or {}
        method = str(request.method).upper()
        content, headers = _content(request)
        operation: Operation[Any] = Operation(
            id=f"send_request {method}",
            platform="azure",
            method=method,
            path="",
            answers={},
            resend=method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"),
            accept="*/*",
        )
        keywords = target.keywords.with_(given, by="send_request", fields=("stream",))
        self._sent: Request[Any] = Request(
            operation, query={**query, **params, **keywords.params}, headers=headers, body=content
        )
        core = core_for(Call(self._sent, keywords))
        own = origin(url) == origin(target.endpoint.base_url)
        self._service = core.service._replace(
            base_url=url, auth=core.service.auth if own else Auth([])
        )
        self._seen = _Seen(core.options.hooks)
        options = core.options._replace(hooks=self._seen)
        self._options = options if own else options._replace(extra_headers={})
        self.http = core.http

    def steps(self) -> Steps[HttpResponse]:
        """The exchange; gives the answer, whatever its status."""
        url = self._service.base_url
        request = HttpRequest(self._request.method, url, headers=self._sent.header_items())
        try:
            answered: Answered = yield from exchange(
                self._service, self._sent, self._options, stream=self._stream
            )
        except APIStatusError:
            if self._seen.last is None:
                raise
            raw, content = self._seen.last
            return HttpResponse(raw.status_code, raw.headers, content, request)
        if self._stream:
            return StreamedResponse(answered.response, request)
        raw = answered.response
        return HttpResponse(raw.status_code, raw.headers, answered.content, request)


class _Seen:
    """Keeps the last answer, beside the hooks that there are."""

    def __init__(self, hooks: Hooks | None) -> None:
        self._hooks = hooks
        self.last: tuple[RawResponse, bytes] | None = None

    def sending(self, out: Outgoing) -> Outgoing:
        return out if self._hooks is None else self._hooks.sending(out)

    def answered(self, out: Outgoing, response: RawResponse, content: bytes) -> None:
        self.last = response, content
        if self._hooks is not None:
            self._hooks.answered(out, response, content)


def _absolute(base: str, given: str) -> tuple[str, dict[str, str]]:
    """The URL without its query, and the query."""
    url = given if "://" in given else f"{base}/{given.lstrip('/')}"
    url = url.replace("{endpoint}", base)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"url={given!r} is no http(s) URL", platform="azure")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), query


def _content(request: Any) -> tuple[RawBody | None, dict[str, str]]:
    """The body of a request and its headers, which say of what type it is."""
    headers = {str(k).lower(): str(v) for k, v in dict(request.headers).items()}
    content = copy.copy(request.content)
    if content is None:
        return None, headers
    if isinstance(content, str):
        content = content.encode()
    headers.pop("content-length", None)
    return RawBody(content, headers.pop("content-type", "application/octet-stream")), headers
