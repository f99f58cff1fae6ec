"""One exchange, from a request and its options to an answer: every call goes through here.

`exchange` yields acts (see `effects`) and decides on what they give: credentials for each
attempt, redirects, retries, the deadline, and which typed error ends it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from polychat.errors import (
    APIStatusError,
    DeadlineExceededError,
    PolychatError,
    RateLimitError,
)
from polychat_rest.batches import AnswerMismatch
from polychat_rest.errors import ErrorDocument, UnexpectedStatus
from polychat_rest.protocol import Operation, Request
from polychat_rest.secret import Secret
from polychat_rest.whole import document_events

from .config import is_host, origin
from .effects import Authorize, Close, Read, Send, Sleep, Steps
from .failures import (
    Received,
    connection_error,
    document_error,
    parse_error,
    status_error,
    transport_failure,
    without_requests,
)
from .http import Outgoing, RawResponse
from .info import ResponseInfo
from .logs import logger, shown, tracer
from .options import Options
from .outgoing import Service, prepare
from .platform import Platform
from .reading import UndecodableBody
from .retry import MAX_RETRY_AFTER, backoff, pause

_CROSSING = ("accept", "accept-encoding", "user-agent", "range", "if-none-match")
"""The headers that may follow a redirect to another origin: none that the user gave, for any
may be a credential."""


class Answered(NamedTuple):
    """The end of an exchange."""

    response: RawResponse
    content: bytes
    """Empty where the body was left to be streamed, which a whole document is not."""
    attempts: int
    sent: Mapping[str, str | Secret]
    """The headers of the request that was answered."""
    deadline_at: float | None
    operation: Operation[Any] | None = None
    """Which was answered; None for a response that a user brings."""

    def __repr__(self) -> str:  # the body may repeat a credential
        return f"<Answered {self.response.status_code}>"

    def info(self, platform: Platform) -> ResponseInfo:
        """As results remember it."""
        headers = self.response.headers
        status = self.response.status_code
        return ResponseInfo(status, headers, platform.request_id(headers), self.attempts)

    def as_events(self, platform: Platform) -> Answered:
        """With the event stream that a whole document stands for as its content. Raises what
        reading the document raises."""
        response, operation = self.response, self.operation
        if operation is None:
            raise parse_error(self.received(platform))
        try:
            content = document_events(
                operation, response.status_code, response.headers, self.content
            )
        except UnexpectedStatus as error:
            raise self.unreadable(platform, error) from None
        return self._replace(content=content)

    def unreadable(self, platform: Platform, error: UnexpectedStatus) -> PolychatError:
        """The typed error of a success that is no answer. Raise it without its cause, which holds
        the body, and that may repeat a credential."""
        received = self.received(platform)
        if isinstance(error, ErrorDocument):
            return document_error(received, platform.read_error, platform.status_errors)
        return parse_error(received, error.__cause__)

    def received(self, platform: Platform) -> Received:
        """As errors show it."""
        headers = self.response.headers
        return Received(
            self.response.status_code,
            headers,
            self.content,
            platform.name,
            platform.request_id(headers),
            self.attempts,
            [value for value in self.sent.values() if isinstance(value, Secret)],
        )


def exchange(
    service: Service, request: Request[Any], options: Options, *, stream: bool
) -> Steps[Answered]:
    """Sends `request` until it is answered. With `stream` a successful answer's body is left
    unread. Raises the errors of `polychat.errors`."""
    try:
        state = _Exchange(service, request, options, stream=stream)
        while True:
            result = yield from state.attempt()
            if isinstance(result, Answered):
                return result
            if result is not None:
                yield from state.wait_or_raise(result)
    except PolychatError as error:
        dressed = service.platform.dress(error)
        if dressed is error:
            raise
        raise dressed from error.__cause__


def _is_whole(headers: Mapping[str, str]) -> bool:
    """Whether an answer is no event stream, although one was asked for. Other types than these
    may be: some services give a stream no type, or a wrong one."""
    kind = headers.get("content-type", "").lower()
    return kind.startswith(("text/html", "application/json"))


class _Failed(NamedTuple):
    """An attempt that failed."""

    error: PolychatError
    again: bool
    """Whether another attempt can do no harm and may succeed."""
    kind: str
    """``connect``, ``read`` or ``status``."""


class _Exchange:
    """Where an exchange stands between its attempts."""

    def __init__(
        self, service: Service, request: Request[Any], options: Options, *, stream: bool
    ) -> None:
        self.platform, self.auth = service.platform, service.auth
        self.operation = request.operation
        self.options = options
        self.streaming, self.stream = request.streaming, stream
        self.out = prepare(service, request, options, stream=stream)
        self.ends = None if options.deadline is None else time.monotonic() + options.deadline
        self.replayable = request.body is None or request.body.replayable
        self.resend = (request.operation.resend or options.retry_unsafe) and self.replayable
        self.attempts = self.retries = self.redirects = 0
        self.failures: dict[str, int] = {}
        self.refreshed = self.foreign = False

    def attempt(self) -> Steps[Answered | _Failed | None]:
        """Sends once: a success, a failure, or None where the next attempt is due at once."""
        out = yield from self._authorized()
        hooks = self.options.hooks
        if hooks is not None:
            out = hooks.sending(out)
        self.attempts += 1
        log = tracer()
        if log is not None:
            log.debug("%s %s attempt %d %s", out.method, out.url, self.attempts, shown(out.headers))
        content = b""
        try:
            response: RawResponse = yield Send(out, self.ends)
            success = 200 <= response.status_code < 300
            whole = success and self.streaming and _is_whole(response.headers)
            if whole or not success or not self.stream:
                content = yield from self._read(response, out)
        except Exception as error:  # noqa: BLE001  # raised again where it is no transport's
            return self._broken(error)
        if log is not None:
            log.debug("%s %s answered %d", out.method, out.url, response.status_code)
        if hooks is not None:
            try:
                hooks.answered(out, response, content)
            except BaseException:
                yield Close(response)
                raise
        ends = None if self.stream and not self.options.deadline_in_streams else self.ends
        answered = Answered(response, content, self.attempts, out.headers, ends, self.operation)
        content = b""  # it may repeat a credential: no traceback shows it
        if self.stream and not self.streaming and response.status_code in _WITHOUT_CONTENT:
            yield Close(response)  # an empty file comes with 200 and a length of 0
            raise parse_error(answered.received(self.platform), AnswerMismatch("it has no content"))
        if whole:
            return answered.as_events(self.platform)
        return answered if success else self._refused(answered)

    def _read(self, response: RawResponse, out: Outgoing) -> Steps[bytes]:
        """The body of an answer. Raises `ResponseParseError` for one that cannot be decoded or is
        too large: it has come, so its status and request id are known."""
        try:
            content: bytes = yield Read(response, self.ends, self.options.max_answer_bytes)
            return content
        except UndecodableBody as error:
            answered = Answered(response, b"", self.attempts, out.headers, None)
            failure = parse_error(answered.received(self.platform), error)
            failure.remedy = error.remedy or failure.remedy
            raise failure from error

    def _authorized(self) -> Steps[Outgoing]:
        """The request of this attempt, with credentials unless it goes to another origin."""
        out = self.out
        credentials: Mapping[str, str | Secret] = {}
        if not self.foreign:
            fixed = self.auth.fixed
            try:
                credentials = (yield Authorize(self.auth, self.ends)) if fixed is None else fixed
            except TimeoutError as error:
                if self.ends is None or time.monotonic() < self.ends:
                    raise
                raise self._too_late() from error
        timeout = out.timeout
        if self.ends is not None:
            remaining = self.ends - time.monotonic()
            if remaining <= 0:
                raise self._too_late()
            timeout = self.options.timeout.extensions(stream=self.streaming, remaining=remaining)
        # What the call gives in extra_headers wins over the client's credentials.
        return Outgoing(out.method, out.url, {**credentials, **out.headers}, out.content, timeout)

    def _broken(self, error: Exception) -> _Failed:
        """The failure of an attempt that was not answered."""
        kind = transport_failure(error)
        if kind is None:
            raise error
        if self.ends is not None and time.monotonic() >= self.ends:
            raise self._too_late() from error
        failure = connection_error(error, kind, platform=self.platform.name, attempts=self.attempts)
        failure.__cause__ = without_requests(error)
        again = not kind.final and (not kind.made or self.resend)
        return _Failed(failure, again, "read" if kind.made else "connect")

    def _refused(self, answered: Answered) -> _Failed | None:
        """The failure of an attempt that was answered otherwise than with success; None where
        a redirect or other credentials lead on."""
        status = answered.response.status_code
        if status in _REDIRECTS:
            self.redirects += 1
            if status in (307, 308) and not self.replayable:
                error = status_error(answered.received(self.platform))
                error.remedy = (
                    "The body cannot be sent again: pass bytes, a path or a seekable file"
                )
                return _Failed(error, again=False, kind="status")
            self.out, self.foreign = _redirected(
                answered.received(self.platform),
                self.out,
                too_many=self.redirects > self.options.max_redirects,
                foreign=self.foreign,
            )
            return None
        if (
            status == 401  # a token may have ended earlier than it said
            and not (self.refreshed or self.foreign)
            and self.replayable
            and self.auth.forget(answered.sent)
        ):
            self.refreshed = True
            return None
        platform = self.platform
        error = status_error(
            answered.received(platform), platform.read_error, platform.status_errors
        )
        rules = self.options.retry_rules
        again = status in platform.retry_statuses or (rules and status in rules.statuses)
        return _Failed(error, bool(again and self.replayable), "status")

    def wait_or_raise(self, failed: _Failed) -> Steps[None]:
        """Waits until the next attempt, or raises where there is none."""
        error = failed.error
        rules = self.options.retry_rules
        self.failures[failed.kind] = self.failures.get(failed.kind, 0) + 1
        if (
            not failed.again
            or self.retries >= self.options.max_retries
            or (rules is not None and self.failures[failed.kind] > getattr(rules, failed.kind))
        ):
            raise error
        asked: float | None = getattr(error, "retry_after", None)
        if asked is not None and asked > MAX_RETRY_AFTER:
            raise _too_long(error, asked)
        self.retries += 1
        step = backoff(self.retries) if rules is None else rules.backoff(self.retries)
        seconds = pause(asked, step)
        if self.ends is not None and time.monotonic() + seconds >= self.ends:
            raise self._too_late() from error
        what = error.status or type(error).__name__
        out = self.out
        logger().info("%s %s failed (%s), again in %.2f s", out.method, out.url, what, seconds)
        yield Sleep(seconds)

    def _too_late(self) -> DeadlineExceededError:
        return DeadlineExceededError(
            f"the deadline of {self.options.deadline} s is over",
            platform=self.platform.name,
            attempts=self.attempts,
            remedy="Give more time with deadline=",
        )


_REDIRECTS = (301, 302, 303, 307, 308)
_WITHOUT_CONTENT = (204, 205)
_READING = ("GET", "HEAD")


def _redirected(
    received: Received, out: Outgoing, *, too_many: bool, foreign: bool
) -> tuple[Outgoing, bool]:
    """The request after a redirect, and whether it goes to another origin, without anything that
    could be a secret.

    GET and HEAD follow every redirect but one from https to http; other methods only 307 and 308
    within their origin, for what they asked for was not done. Raises `APIStatusError`.
    """
    status, location = received.status, received.headers.get("location", "")
    target = _target(out.url, location)
    shown = received.redacted(location)
    if target is None or too_many or shown != location:
        location = target = shown  # no traceback shows more
        raise _not_followed(received, shown, ", too often" if too_many else "", "Check base_url")
    crossing = foreign or origin(target) != origin(out.url)
    if out.method in _READING:
        if out.url.startswith("https:") and not target.startswith("https:"):
            raise _not_followed(
                received, shown, ", from https to http", "Use the service's https URL"
            )
    elif status not in (307, 308) or crossing:
        scheme, host, port = origin(target)
        where = f"another origin, {scheme}://{host}:{port}" if crossing else shown
        remedy = "Pass that service's own URL as base_url if you trust it"
        raise _not_followed(
            received,
            where,
            f"; the {out.method} was not repeated there",
            remedy if crossing else "Check base_url",
        )
    headers = dict(out.headers)
    if crossing:
        headers = {k: v for k, v in headers.items() if k in _CROSSING}
    return Outgoing(out.method, target, headers, out.content, out.timeout), crossing


def _not_followed(received: Received, location: str, why: str, remedy: str) -> APIStatusError:
    error = status_error(received)
    error.message = f"redirected (status {received.status}) to {location or 'nowhere'}{why}"
    error.args, error.remedy = (error.message,), remedy
    return error


def _target(url: str, location: str) -> str | None:
    """Where a redirect leads; None where that is no place that HTTP can reach. A user part in it
    is not followed: no credential comes from a place that the user did not name."""
    from urllib.parse import urljoin, urlsplit

    try:
        target = urljoin(url, location)
        scheme, host, _ = origin(target)
        if urlsplit(target).username is not None:
            return None
    except ValueError:
        return None
    reachable = host and is_host(host) and scheme in ("http", "https")
    return target if location and reachable else None


def _too_long(failure: PolychatError, pause: float) -> PolychatError:
    """The service asks for a longer wait than a library should sleep: the caller decides."""
    if isinstance(failure, RateLimitError) or not isinstance(failure, APIStatusError):
        return failure
    kind: type[RateLimitError] = getattr(failure, "rate_limited", RateLimitError)
    error = kind(failure.message, code=failure.code, headers=failure.headers)
    error.__dict__.update(failure.__dict__)
    error.args, error.retry_after = failure.args, pause
    return error
