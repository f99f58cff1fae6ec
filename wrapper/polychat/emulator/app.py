"""The ASGI application: from a request to the answer of its platform.

A request is recorded, authenticated, struck by its fault if it names one, held against the spec,
and handed to the platform's handler of the operation.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from polychat.emulator import faults
from polychat.emulator.exchange import Events, Exchange, Platform, Refusal
from polychat.emulator.faults import Fault, Faults, FaultySend
from polychat.emulator.validate import Operation, spec_of
from polychat.emulator.world import World

MAX_BODY = 16 * 1024 * 1024
"""Bytes of a body that is no upload: DIAL's limit, held for all platforms."""

PATIENCE = 900.0
"""Seconds for which a client is waited for: longer than the clients' own longest timeouts."""
_ODD = re.compile(rb"\\u[dD][89a-fA-F]|[eE]\+?[0-9]{3}")
"""What may be half a surrogate pair, or a number too large to be one."""

_UNREADABLE = (
    RecursionError, UnicodeError, MultiPartException, KeyError, IndexError, TypeError,
    AttributeError,
)  # fmt: skip
"""What reading a request raises that is not as its operation has it: the specs do not say of every
field that it is required, nor of every value what it is."""

Found = tuple[Operation, dict[str, str]]
"""An operation and its raw path parameters."""

_log = logging.getLogger(__name__)
_HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived. `path` is the raw path with its query, as sent on the wire.
    Header names are lower-case. The body of a form upload is not kept: it is b""."""

    platform: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as a JSON document."""
        return json.loads(self.body)


class Application:
    """Answers for all platforms. `close` closes the connection of a request from outside HTTP."""

    def __init__(
        self,
        platforms: dict[str, Platform],
        world: World,
        *,
        close: Callable[[Scope, bool], None],
        latency: float = 0.0,
        interval: float = 0.0,
        patience: float = PATIENCE,
        kept: int = 1000,
    ) -> None:
        self.received: deque[Received] = deque(maxlen=kept)
        self.world = world
        self.faults: Faults = Faults()
        self._platforms = platforms
        self._close = close
        self._latency = latency
        self._interval = interval
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._serve(scope, self._patient(receive), self._patient(send))
        except (faults.Ended, ClientDisconnect):
            return
        except TimeoutError:
            self._close(scope, True)
        except Exception:
            _log.exception("the emulator failed on %s %s", scope["method"], scope["path"])
            raise

    def _patient(self, wait: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """A wait for the client, which may neither send nor read on, with an end."""

        async def bounded(*message: Any) -> Any:
            async with asyncio.timeout(self._patience):
                return await wait(*message)

        return bounded

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw_path = scope["raw_path"].decode("latin-1")
        name, _, below = raw_path.lstrip("/").partition("/")
        platform = self._platforms.get(name)
        if platform is None:
            known = ", ".join(f"/{known}" for known in self._platforms)
            message = f"no platform at /{name}; the prefixes are {known}"
            await JSONResponse({"error": message}, 404)(scope, receive, send)
            return
        request = Request(scope, receive)
        path, implied = platform.route("/" + below)
        fault = faults.NONE
        try:
            found, refusal = _find(platform, request.method, path)
            body = b""
            if found is None or not found[0].takes_form:
                body = await _read(request)
            self._record(platform.name, request, body)
            fault = self._fault(request, found, implied, body)
            if fault.drop:
                self._close(scope, True)
                await faults.until_gone(receive)
                return
            key = platform.authenticate(request.headers, found[0] if found else None)
            await asyncio.sleep(self._latency + fault.slow)
            answer: Response | Events | None = _instead(fault, platform, path)
            if answer is None:
                if refusal is not None:
                    raise refusal
                if found is None:
                    raise Refusal(404, f"there is no {request.method} {path}", code="not_found")
                exchange = self._exchange(platform, request, found, implied, key, body)
                answer = await _handle(platform, exchange)
            elif found is not None and found[0].takes_form:
                async for _ in request.stream():
                    pass
        except Refusal as refused:
            answer = platform.refuse(refused, path)
        except _UNREADABLE as error:
            _log.info("%s %s cannot be read", request.method, path, exc_info=error)
            answer = platform.refuse(Refusal(400, _unreadable(error), code="bad_request"), path)
        await self._deliver(answer, fault, platform, scope, receive, send)

    def _exchange(
        self,
        platform: Platform,
        request: Request,
        found: Found,
        implied: dict[str, str],
        key: str,
        body: bytes,
    ) -> Exchange:
        operation, params = found
        query = {**implied, **request.query_params}
        return Exchange(
            platform=platform.name,
            operation=operation,
            request=request,
            params=params,
            query=query,
            key=key,
            body=_document(operation, request, body),
            world=self.world,
        )

    def _record(self, platform: str, request: Request, body: bytes) -> None:
        query = request.scope["query_string"]
        raw = request.scope["raw_path"] + (b"?" + query if query else b"")
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = Received(platform, request.method, raw.decode("latin-1"), headers, body)
        self.received.append(received)

    def _fault(
        self, request: Request, found: Found | None, implied: dict[str, str], body: bytes
    ) -> Fault:
        text = request.headers.get("x-emulator-fault") or _named_fault(found, implied, body)
        if not text:
            return faults.NONE
        try:
            return self.faults.strike(text, request.headers.get("x-emulator-key", ""))
        except ValueError as error:
            raise Refusal(400, str(error)) from error

    async def _deliver(
        self,
        answer: Response | Events,
        fault: Fault,
        platform: Platform,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        is_stream = isinstance(answer, Events)
        if fault.changes_bytes:
            send = FaultySend(fault, send, receive, lambda: self._close(scope, False), is_stream)
        if not isinstance(answer, Events):
            await answer(scope, receive, send)
            return
        refusal = Refusal(500, "the upstream failed in mid-stream", code="upstream_failed")
        error = platform.error_event(refusal)
        pieces = faults.frame(answer.data, answer.done, fault, error)
        await _send_events(send, pieces, answer.headers.items(), self._interval)


async def _handle(platform: Platform, exchange: Exchange) -> Response | Events:
    operation = exchange.operation
    operation.check(exchange.query, exchange.headers, exchange.body)
    handler = platform.handlers.get(operation.id)
    if handler is None:
        message = f"the emulator does not implement {operation.id} of {platform.name}"
        raise Refusal(501, message, code="not_implemented")
    return await handler(exchange)


def _find(platform: Platform, method: str, path: str) -> tuple[Found | None, Refusal | None]:
    """The operation, or the refusal to be given once the caller is known to be allowed."""
    try:
        return spec_of(platform.name).find(method, path), None
    except Refusal as refusal:
        return None, refusal


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        if len(body) <= MAX_BODY:
            body += piece
    if len(body) > MAX_BODY:
        raise Refusal(413, f"the request body is larger than {MAX_BODY} bytes")
    return bytes(body)


def _document(operation: Operation, request: Request, body: bytes) -> Any:
    """The JSON body; None where there is none."""
    if operation.takes_form or not body:
        return None
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if operation.content_types and content_type not in operation.content_types:
        wanted = ", ".join(operation.content_types)
        raise Refusal(415, f"header 'Content-Type' must be {wanted}, not '{content_type}'")
    try:
        return _json(body)
    except UnicodeEncodeError as error:
        raise Refusal(400, f"the request body is not JSON: {_unreadable(error)}") from error
    except ValueError as error:
        raise Refusal(400, f"the request body is not JSON: {error}") from error


def _json(body: bytes) -> Any:
    """A JSON document. Raises ValueError and RecursionError, also for what Python takes and the
    services do not: NaN, Infinity, half surrogates."""
    document = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    if _ODD.search(body):
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    return document


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def _unreadable(error: Exception) -> str:
    """What was wrong with a request that cannot be read, or not be answered."""
    if isinstance(error, RecursionError):
        return "the request is nested too deeply"
    if isinstance(error, UnicodeError):
        return "the request has text that is not Unicode"
    return f"the request is not as this operation has it: {type(error).__name__}: {error}"


def _named_fault(found: Found | None, implied: dict[str, str], body: bytes) -> str:
    """The fault that a deployment's or model's name stands for, if it does."""
    names = [*(map(unquote, found[1].values()) if found else ()), *implied.values()]
    if faults.PREFIX.encode() in body:
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            names.append(str(json.loads(body)["model"]))
    return next((name for name in names if name.startswith(faults.PREFIX)), "")


def _instead(fault: Fault, platform: Platform, path: str) -> Response | None:
    """The answer that a fault gives in place of the platform's."""
    headers = fault.headers
    status = fault.status or 200
    if fault.redirect is not None:
        return Response(status_code=fault.status or 307, headers={"Location": fault.redirect})
    if fault.html:
        return Response(_HTML.format(f"{status} from a proxy"), status, headers, "text/html")
    if fault.malformed:
        return Response('{"id": "chatcmpl-', status, headers, "application/json")
    if fault.empty:
        return Response(b"", status, headers)
    if fault.text:
        return PlainTextResponse(f"fault {status}", status, headers)
    if fault.status is not None:
        message = f"fault: status {status}"
        return platform.refuse(Refusal(status, message, code=str(status), headers=headers), path)
    return None


async def _send_events(send: Send, pieces: Iterator[bytes], headers: Any, interval: float) -> None:
    """Each piece is sent by itself, so that it is an HTTP chunk of its own."""
    fields = [("content-type", "text/event-stream"), ("cache-control", "no-cache"), *headers]
    raw = [(name.lower().encode(), value.encode()) for name, value in fields]
    await send({"type": "http.response.start", "status": 200, "headers": raw})
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(interval)
    await send({"type": "http.response.body", "body": b"", "more_body": False})
