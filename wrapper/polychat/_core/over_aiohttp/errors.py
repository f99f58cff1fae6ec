"""What goes wrong over aiohttp, as httpx would raise it.

The exceptions are new ones that hold neither aiohttp's nor its frames: those have the request's
headers, credentials included. They must be raised outside of ``except`` blocks, so that Python
does not tie the old ones to them.
"""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING

import aiohttp
import httpx

from polychat.errors import PolychatError

from ..failures import LATE_HEAD
from .watch import WRITE, Watch

if TYPE_CHECKING:
    from .request import Call

DISCONNECTED = "Server disconnected without sending a response."


def disconnected(watch: Watch) -> httpx.TransportError:
    """The connection ended before the head of an answer had come."""
    if watch.expired:
        return _timed_out(watch)
    if watch.refusal is not None:
        return httpx.RemoteProtocolError(watch.refusal)
    if isinstance(watch.lost, OSError):
        return httpx.ReadError(_text(watch.lost))
    return httpx.RemoteProtocolError(DISCONNECTED)


def failure(error: BaseException, call: Call) -> BaseException:
    """What to raise in the place of what sending a request raised."""
    if call.body_error is not None:
        return call.body_error
    if not isinstance(error, Exception) or isinstance(error, (httpx.TransportError, PolychatError)):
        return error.with_traceback(None)
    if call.watch is not None:
        if isinstance(error, aiohttp.ClientResponseError) and not call.watch.expired:
            return httpx.RemoteProtocolError(f"the answer is not HTTP: {_first_line(error)}")
        if isinstance(error, (aiohttp.ClientError, OSError)):
            return disconnected(call.watch)
    return _not_connected(error)


def _not_connected(error: Exception) -> Exception:
    """What to raise where there was no connection."""
    if isinstance(error, TimeoutError):
        return httpx.ConnectTimeout("no connection in time")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return httpx.ProxyError(f"{error.status} {error.message}")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _caused(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _caused(error.os_error)
    if isinstance(error, UnicodeError) and not isinstance(error, UnicodeDecodeError):
        return _caused(error)  # the host's name is none that could be looked up
    for kind, made, text in _OTHERS:
        if isinstance(error, kind):
            return made(text)
    return error.with_traceback(None)


_OTHERS: list[tuple[type[Exception], type[httpx.TransportError], str]] = [
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol, "the URL has no host to connect to"),
    (aiohttp.ClientResponseError, httpx.ProxyError, "the proxy's answer is not HTTP"),
    (aiohttp.ClientError, httpx.ConnectError, "the connection broke while it was made"),
    (OSError, httpx.ConnectError, "the connection broke while it was made"),
    (UnicodeDecodeError, httpx.LocalProtocolError, "a header is no text"),
    (ValueError, httpx.LocalProtocolError, "a header or the URL has what HTTP does not allow"),
]


def body_failure(
    error: Exception | None, watch: Watch, answer: aiohttp.ClientResponse
) -> httpx.TransportError:
    """What broke a body, or a body that silence has cut."""
    if watch.expired:
        return _timed_out(watch)
    if watch.flooded:
        return httpx.RemoteProtocolError("trailers without an end")
    if isinstance(watch.lost, OSError):
        return httpx.ReadError(_text(watch.lost))
    length = answer.headers.get("content-length")
    if isinstance(error, aiohttp.ClientPayloadError) and error.__cause__ is not None:
        cause = type(error.__cause__).__name__
        if cause == "ContentLengthError" and length is not None:
            return httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body"
                f" (received {answer.content.total_bytes} bytes, expected {length})"
            )
        if cause == "TransferEncodingError" and watch.lost is None:
            return httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body"
                " (incomplete chunked read)"
            )
    return httpx.RemoteProtocolError(f"the body breaks off or is not HTTP: {_kind(error)}")


def refused(answer: aiohttp.ClientResponse) -> httpx.RemoteProtocolError | None:
    """What is wrong with the head of an answer that aiohttp takes and httpx does not."""
    if answer.status == 101:
        return httpx.RemoteProtocolError("switched to another protocol, unasked")
    codings = answer.headers.getall("transfer-encoding", ())
    if codings and [coding.lower() for coding in codings] != ["chunked"]:
        return httpx.RemoteProtocolError("a transfer encoding other than chunked")
    if any(b"\0" in value for _, value in answer.raw_headers):  # refused by aiohttp since 3.13
        return httpx.RemoteProtocolError("a zero byte in a header")
    return None


def _timed_out(watch: Watch) -> httpx.TimeoutException:
    if watch.phase is WRITE:
        return httpx.WriteTimeout("the request was not taken in time")
    return httpx.ReadTimeout(LATE_HEAD if watch.late else "nothing was received in time")


def _caused(error: BaseException) -> httpx.ConnectError:
    """A connection that could not be made, because of `error`."""
    made = httpx.ConnectError(_text(error))
    error.__traceback__ = error.__cause__ = error.__context__ = None
    made.__cause__ = error
    return made


def _text(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno and not isinstance(error, ssl.SSLError):
        known = error.errno > 0 and os.strerror(error.errno)
        return f"[Errno {error.errno}] {known or error.strerror}"
    return str(error)


def _kind(error: BaseException | None) -> str:
    return type(error).__name__


def _first_line(error: aiohttp.ClientResponseError) -> str:
    """The words of aiohttp without the bytes that it shows below them, which may be anyone's."""
    return error.message.strip().partition("\n")[0].partition(": ")[0].rstrip(":") or "no head"
