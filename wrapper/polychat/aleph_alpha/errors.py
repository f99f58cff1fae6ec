"""The errors of Aleph Alpha: polychat's own, and what aleph-alpha-client 11.5 raises for a status.

    400 ValueError        402 QuotaError         503 BusyError
    401 PermissionError   408 TimeoutError       every other: RuntimeError

As there, ``error.args`` is the status and the body's text; an error that a user makes keeps the
arguments that it is given. Source: the client's behaviour, held against it in tests/peers.
"""

from __future__ import annotations

from typing import Any, ClassVar

from polychat.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    PolychatError,
    PreconditionFailedError,
    RateLimitError,
    ResponseParseError,
    UnprocessableEntityError,
    UnsupportedFeatureError,
)


class AlephAlphaError(APIStatusError):
    """An error status of a PhariaInference host."""

    rate_limited: ClassVar[type[RateLimitError]] = RateLimitError
    """What this becomes where the host asks for a wait that is too long."""

    def __init__(self, *args: Any, **details: Any) -> None:
        if "status" in details:  # polychat's own: with its message
            super().__init__(*args, **details)
            args = (self.status, self.body)
        else:  # a user's, such as BusyError() in a test
            if len(args) == 2 and isinstance(args[0], int):
                details |= {"status": args[0], "body": args[1]}
            super().__init__(str(Exception(*args)), **details)
        self.args: tuple[Any, ...] = args
        self._tell_system()

    def _tell_system(self) -> None:
        """For the errors that are OSErrors too."""


class InvalidRequestError(AlephAlphaError, BadRequestError, ValueError):
    """400: the request is not understood, or the model cannot do this."""


class UnauthorizedError(AlephAlphaError, AuthenticationError, PermissionError):
    """401: the token is missing or wrong."""

    def _tell_system(self) -> None:
        self.errno: int | None = self.status
        self.strerror: str | None = self.body


class QuotaError(AlephAlphaError):
    """402: the account has no credits left."""


class ServerTimeoutError(AlephAlphaError, TimeoutError):
    """408: the server gave up, which it does after 300 seconds."""

    def _tell_system(self) -> None:
        self.errno: int | None = self.status
        self.strerror: str | None = self.body


class BusyError(AlephAlphaError, InternalServerError):
    """503: the model's queue is full."""


class BusyForLongError(BusyError, RateLimitError):
    """503 with a ``Retry-After`` that is longer than a library should sleep."""


BusyError.rate_limited = BusyForLongError


class FailedError(AlephAlphaError, RuntimeError):
    """Any other error status."""


class ForbiddenError(FailedError, PermissionDeniedError):
    """403: the token is good, but not for this."""


class UnknownError(FailedError, NotFoundError):
    """404: there is no such model or route."""


class ConflictingError(FailedError, ConflictError):
    """409: the resource is in a state that does not allow this."""


class OutdatedError(FailedError, PreconditionFailedError):
    """412: a precondition does not hold."""


class InvalidValueError(FailedError, UnprocessableEntityError):
    """422: a value in the request is not acceptable."""


class TooManyRequestsError(FailedError, RateLimitError):
    """429: too many requests; and other statuses whose ``Retry-After`` is longer than a library
    should sleep."""


FailedError.rate_limited = TooManyRequestsError


class ServerError(FailedError, InternalServerError):
    """5xx other than 503: the host failed."""


class UnreadableAnswerError(ResponseParseError, ValueError):
    """A success whose body is not JSON."""


class VersionError(UnsupportedFeatureError, RuntimeError):
    """The host's version is older than this package supports."""


_BY_STATUS: dict[int, type[AlephAlphaError]] = {
    400: InvalidRequestError,
    401: UnauthorizedError,
    402: QuotaError,
    403: ForbiddenError,
    404: UnknownError,
    408: ServerTimeoutError,
    409: ConflictingError,
    412: OutdatedError,
    422: InvalidValueError,
    429: TooManyRequestsError,
    503: BusyError,
}

STATUS_ERRORS: dict[int, type[APIStatusError]] = {
    status: _BY_STATUS.get(status, ServerError if status >= 500 else FailedError)
    for status in range(400, 600)
}
"""The class of the error for each status."""


def dress(error: PolychatError) -> PolychatError:
    """An error of polychat as this platform's class of it, where there is one, whose remedy names
    the arguments as these clients do."""
    if error.remedy is not None:
        for name, ours in (("base_url", "host"), ("verify=", "verify_ssl=")):
            error.remedy = error.remedy.replace(name, ours)
    if type(error) is not ResponseParseError:
        return error
    dressed = UnreadableAnswerError(error.message)
    dressed.__dict__.update(error.__dict__)
    return dressed
