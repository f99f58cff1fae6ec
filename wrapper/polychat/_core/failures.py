"""From what went wrong to a typed error, and whether sending again can harm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from polychat.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    PolychatError,
    ResponseParseError,
    status_error_class,
)
from polychat_rest import codec
from polychat_rest.secret import Secret
from polychat_rest.shapes import is_array, is_object

from .retry import retry_after

BODY_SHOWN = 64 * 1024
"""Characters of an error's body that the error keeps."""
_NOT_MADE = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"}
_TIMEOUTS = {"ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout", "TimeoutException"}
_FAMILIES = {"httpx", "httpx2", "httpcore", "httpcore2", "anyio", "h11", "h2", "ssl"}
_FINAL = {"UnsupportedProtocol", "LocalProtocolError", "InvalidURL", "CookieConflict"}


class ErrorInfo(NamedTuple):
    """What an error body says, in the field's common terms."""

    message: str | None = None
    code: str | None = None
    type: str | None = None
    param: str | None = None
    display_message: str | None = None


class TransportFailure(NamedTuple):
    """A transport's exception, told apart."""

    made: bool
    """False where the connection was never made, so that nothing was received."""
    timeout: bool
    final: bool
    """True where another attempt would fail alike."""


def transport_failure(error: BaseException) -> TransportFailure | None:
    """What an exception from sending or reading means; None where it is not a transport's."""
    names = {cls.__name__ for cls in type(error).__mro__}
    families = {cls.__module__.partition(".")[0] for cls in type(error).__mro__}
    if isinstance(error, UnicodeError):  # httpx and sockets, of a host that is no name
        return TransportFailure(made=False, timeout=False, final=True)
    if not families & _FAMILIES and not isinstance(error, OSError):
        return None
    made = not names & _NOT_MADE and not isinstance(error, ConnectionRefusedError)
    timeout = bool(names & _TIMEOUTS) or isinstance(error, TimeoutError)
    final = bool(names & _FINAL) or (not made and _stays(error))
    return TransportFailure(made, timeout, final)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, and those that it came from."""
    links: list[BaseException | None] = [error]
    seen: set[int] = set()
    while links:
        link = links.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        links += [link.__context__, link.__cause__]
        if isinstance(link, BaseExceptionGroup):
            links += cast("BaseExceptionGroup[BaseException]", link).exceptions


def _stays(error: BaseException) -> bool:
    """Whether a connection cannot be made until somebody changes something: the host's name
    does not resolve, or its certificate does not verify."""
    import socket
    import ssl

    kinds = (socket.gaierror, UnicodeError, ssl.SSLCertVerificationError)
    return any(isinstance(link, kinds) for link in _chain(error))


def without_requests(error: BaseException) -> BaseException:
    """The exception without what shows the request's headers: the frames of the libraries below
    us, its own and those of the exceptions it came from, and the request itself."""
    for link in list(_chain(error)):
        link.__traceback__ = None
        if getattr(type(link), "request", None) is not None and _family(link) in _FAMILIES:
            link.request = None  # type: ignore[attr-defined]
    return error


def _family(error: BaseException) -> str:
    return type(error).__module__.partition(".")[0]


def connection_error(
    error: BaseException, failure: TransportFailure, **common: Any
) -> PolychatError:
    """The typed error of a transport's exception; its text is the same over all transports."""
    remedy: str | None
    if failure.timeout:
        what, remedy = next(
            (_PHASES[cls.__name__] for cls in type(error).__mro__ if cls.__name__ in _PHASES),
            _PHASES["ReadTimeout"],
        )
        if str(error) == LATE_HEAD:
            what, remedy = LATE_HEAD, "Raise timeout=, and check what the service sends"
        return APITimeoutError(f"timed out: {what}", remedy=remedy, **common)
    text = reason(error)
    remedy = None if failure.made else _REACH
    if "CERTIFICATE_VERIFY_FAILED" in text:
        remedy = "Pass verify='ca.pem' if the service has a certificate of your own authority"
    elif any(sign in text for sign in _PLAIN_PORT):
        remedy = "The service speaks no TLS on this port: pass an http:// URL as base_url"
    return APIConnectionError(f"no answer: {text}", remedy=remedy, **common)


_REACH = "Check base_url, and that the service can be reached from here"
_PHASES = {
    "ConnectTimeout": ("no connection was made in time", _REACH),
    "ReadTimeout": ("nothing was received in time", "Raise timeout=, or stream the answer"),
    "WriteTimeout": (
        "the request was not taken in time",
        "Raise timeout=, and check what the service takes",
    ),
    "PoolTimeout": (
        "no connection became free in time",
        "Close streams that are not read to their end, or raise pool= of polychat.Timeout",
    ),
}
_PLAIN_PORT = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "record layer failure")


def reason(error: BaseException) -> str:
    """What the system says, where it says something: the libraries below word it differently."""
    import os
    import ssl

    for link in _chain(error):
        if isinstance(link, UnicodeError):
            return "the host's name cannot be looked up"
        if isinstance(link, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
            return _BROKE
        if isinstance(link, ssl.SSLError):
            return str(link)
        if isinstance(link, OSError) and link.errno:
            known = link.strerror if link.errno < 0 else os.strerror(link.errno)
            return f"[Errno {link.errno}] {known}"
    if type(error).__name__ == "ConnectError" and not str(error):  # asyncio, of TLS that ended
        return _BROKE
    text = str(error) or type(error).__name__
    if type(error).__name__ == "RemoteProtocolError" and not text.startswith(_CUT):
        return "the answer is not valid HTTP"  # the cause says in what, with the service's bytes
    return text


_BROKE = "the connection broke while it was made"
ENDLESS_INTERIM = "interim answers (1xx) without an end"
LATE_HEAD = "the head of the answer was not whole in time"
_CUT = ("Server disconnected", "peer closed connection", ENDLESS_INTERIM)


ErrorReader = Callable[[Any], ErrorInfo]


def read_error(data: Any) -> ErrorInfo:
    """The common envelopes: ``{"error": {...}}``, ``{"error": "text", "code"}``, ``{"message"}``,
    ``{"detail"}``, ``{"errors": [{...}]}``, and a bare string."""
    if isinstance(data, str):
        return ErrorInfo(data or None)
    if not is_object(data):
        return ErrorInfo()
    several: Any = data.get("errors")
    inner: Any = data.get("error") or (several[0] if is_array(several) and several else several)
    source: Any = inner if is_object(inner) else data
    message = inner if isinstance(inner, str) else source.get("message") or source.get("detail")
    return ErrorInfo(
        message=_text(message),
        code=_text(source.get("code") or data.get("statusCode")),
        type=_text(source.get("type")),
        param=_text(source.get("param")),
        display_message=_text(source.get("display_message")),
    )


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return codec.encode(value).decode()


_REMEDIES = {
    401: "Check the key or token that was passed",
    403: "Ask for access to it, or use other credentials",
    404: "Check base_url and the name of the model, deployment or file",
}


class Received(NamedTuple):
    """An answer's outer side, as errors show it."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    platform: str
    request_id: str | None
    attempts: int
    secrets: Iterable[Secret]

    def __repr__(self) -> str:
        return f"<Received {self.status} {self.request_id}>"

    def text(self) -> str:
        """The body as text, credentials that the service echoes masked."""
        return self.redacted(self.content[:BODY_SHOWN].decode(errors="replace"))

    def redacted(self, text: str) -> str:
        """`text` without the credentials that were sent."""
        for secret in self.secrets:
            text = secret.redact(text)
        return text

    def common(self) -> dict[str, Any]:
        return {
            "platform": self.platform,
            "request_id": self.request_id,
            "attempts": self.attempts,
            "status": self.status,
            "body": self.text(),
            "headers": {
                name: self.redacted(value)
                for name, value in self.headers.items()
                if name.lower() != "set-cookie"
            },
        }


def status_error(
    received: Received,
    reader: ErrorReader = read_error,
    classes: Mapping[int, type[APIStatusError]] | None = None,
) -> APIStatusError:
    """The typed error of an error status; `classes` are the platform's own, by status."""
    return _said(received, received.status, _read(received, reader), classes)


def document_error(
    received: Received,
    reader: ErrorReader = read_error,
    classes: Mapping[int, type[APIStatusError]] | None = None,
) -> APIStatusError:
    """The typed error of an error document in an answer whose status says success: of the class
    of the status that the document names, where it names one."""
    info = _read(received, reader)
    code = info.code or ""
    named = int(code) if code.isdecimal() and len(code) == 3 else 0
    error = _said(received, named if 400 <= named < 600 else 0, info, classes)
    if info.message is None:
        error.message = f"status {received.status} with an error document"
        error.args = (error.message,)
    return error


def _read(received: Received, reader: ErrorReader) -> ErrorInfo:
    """What the body says; of a page, nothing."""
    # All that was read, not only what the error keeps: half a document says nothing.
    text = received.redacted(received.content.decode(errors="replace"))
    try:
        return reader(codec.read(text))
    except codec.DecodeError:
        plain = "<" not in text[:200]
        return ErrorInfo(text.strip()[:500] if plain and text.strip() else None)


def _said(
    received: Received,
    status: int,
    info: ErrorInfo,
    classes: Mapping[int, type[APIStatusError]] | None,
) -> APIStatusError:
    wait = retry_after(received.headers)
    remedy = _REMEDIES.get(status)
    if wait is not None:
        remedy = f"Wait {wait:g} s before the next call"
    cls = (classes or {}).get(status) or status_error_class(status)
    return cls(
        info.message or f"HTTP status {status}",
        code=info.code,
        type=info.type,
        param=info.param,
        display_message=info.display_message,
        retry_after=wait,
        remedy=remedy,
        **received.common(),
    )


def parse_error(received: Received, cause: BaseException | None = None) -> ResponseParseError:
    """The error of a success that cannot be read, because of `cause`."""
    from polychat_rest.batches import AnswerMismatch

    if isinstance(cause, AnswerMismatch):
        text = f"status {received.status}, but not what was asked for: {cause}"
        return ResponseParseError(received.redacted(text), **received.common())
    kind = received.headers.get("content-type", "without a content type")
    why = f": {type(cause).__name__}: {cause}" if cause is not None else ""
    if type(cause) is ValueError:  # our own words
        why = f": {cause}"
    return ResponseParseError(
        received.redacted(
            f"status {received.status} with a body that cannot be read ({kind}){why}"
        ),
        remedy="Check that base_url leads to the service and not to a login page or proxy",
        **received.common(),
    )
