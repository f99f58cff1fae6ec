"""What DIAL's clients raise: aidial-client's exceptions, each in its place of polychat's tree.

Every error of a call is a `DialException`, and at the same time the class of `polychat.errors`
that its name ends in, so both ``except DialException as e: e.status_code`` and
``except polychat.errors.NotFoundError`` work.
"""

from __future__ import annotations

from typing import Any, ClassVar

from polychat import errors
from polychat.errors import PolychatError

__all__ = [
    "DialAPIStatusError",
    "DialAuthenticationError",
    "DialBadRequestError",
    "DialChannelClosedError",
    "DialConflictError",
    "DialConnectionError",
    "DialDeadlineExceededError",
    "DialException",
    "DialInternalServerError",
    "DialPermissionDeniedError",
    "DialRateLimitError",
    "DialStreamError",
    "DialStreamEventError",
    "DialStreamIdleTimeoutError",
    "DialStreamTruncatedError",
    "DialTimeoutError",
    "DialUnknownKeywordError",
    "DialUnprocessableEntityError",
    "DialUnsupportedFeatureError",
    "EtagMismatchError",
    "InvalidDialURLError",
    "InvalidDialURLException",
    "InvalidRequestError",
    "NotDialURLError",
    "ParsingDataError",
    "ResourceNotFoundError",
]


class DialException(PolychatError):
    """Anything that went wrong with a call.

    Beside what every polychat error has: ``status_code`` (where nothing was answered, the status
    that aidial-client gives to such a failure), ``type``, ``param``, ``code`` and
    ``display_message`` as DIAL sends them.
    """

    type: str | None = "runtime_error"
    param: str | None = None
    code: str | None = None
    display_message: str | None = None
    _stands_for: ClassVar[int | None] = None

    def __init__(
        self,
        message: str,
        status_code: int | None = None,
        type: str | None = "runtime_error",
        param: str | None = None,
        code: str | None = None,
        display_message: str | None = None,
        **common: Any,
    ) -> None:
        super().__init__(message, **common)
        if status_code is not None:
            self.__dict__["status"] = int(status_code)
        self.type = type
        self.param = param
        self.code = code
        self.display_message = display_message

    @property
    def status_code(self) -> int:
        """The HTTP status, or the one that stands for this failure."""
        if self._stands_for is not None:
            return self._stands_for
        return int(self.__dict__.get("status") or 500)

    @classmethod
    def from_error_data(cls, status_code: int, error_data: Any) -> DialException:
        """The exception of an ``error`` object as DIAL sends it."""
        made = cls(error_data["message"], status_code)
        for name in ("type", "param", "code", "display_message"):
            setattr(made, name, error_data.get(name))
        return made


class InvalidRequestError(DialException, errors.ConfigurationError):
    """What was asked for cannot be sent. Nothing was."""

    type: str | None = "invalid_request_error"
    _stands_for = 400

    def __init__(self, message: str, **details: Any) -> None:
        details.setdefault("type", "invalid_request_error")
        super().__init__(message, **details)


class DialUnknownKeywordError(InvalidRequestError, errors.UnknownKeywordError):
    """A keyword that neither the method nor DIAL's spec knows; a TypeError, as in aidial-client."""


class InvalidDialURLError(InvalidRequestError):
    """A URL that names no resource, one of another kind, or one outside of its place."""


InvalidDialURLException = InvalidDialURLError


class NotDialURLError(InvalidRequestError):
    """A URL of another service than this client's."""


class ParsingDataError(DialException, errors.ResponseParseError):
    """A success whose body is not what DIAL promises."""

    _stands_for = 422


class DialAPIStatusError(DialException, errors.APIStatusError):
    """An error status without a class of its own."""


class DialBadRequestError(DialException, errors.BadRequestError):
    """400."""

    _stands_for = 400


class DialAuthenticationError(DialException, errors.AuthenticationError):
    """401."""

    _stands_for = 401


class DialPermissionDeniedError(DialException, errors.PermissionDeniedError):
    """403."""

    _stands_for = 403


class ResourceNotFoundError(DialException, errors.NotFoundError):
    """404: there is no such deployment, file or other resource."""

    _stands_for = 404


class DialConflictError(DialException, errors.ConflictError):
    """409."""

    _stands_for = 409


class EtagMismatchError(DialException, errors.PreconditionFailedError):
    """412: the resource is there already, or has changed since its ETag was read."""

    _stands_for = 412


class DialUnprocessableEntityError(DialException, errors.UnprocessableEntityError):
    """422."""

    _stands_for = 422


class DialRateLimitError(DialException, errors.RateLimitError):
    """429."""


class DialInternalServerError(DialException, errors.InternalServerError):
    """5xx."""


class DialUnsupportedFeatureError(DialException, errors.UnsupportedFeatureError):
    """DIAL cannot do what was asked for. Nothing was sent."""

    _stands_for = 400


class DialConnectionError(DialException, errors.APIConnectionError):
    """No answer came."""


class DialTimeoutError(DialException, errors.APITimeoutError):
    """Nothing was heard for longer than the timeout allows."""

    _stands_for = 408


class DialDeadlineExceededError(DialException, errors.DeadlineExceededError):
    """The total time given is over."""

    _stands_for = 408


class DialStreamError(DialException, errors.StreamError):
    """A stream that did not end well."""

    _stands_for = 500


class DialStreamTruncatedError(DialException, errors.StreamTruncatedError):
    """A stream that stopped before its end."""

    _stands_for = 500


class DialChannelClosedError(DialStreamTruncatedError):
    """A client channel that closed without an answer."""

    _stands_for = 504


class DialStreamIdleTimeoutError(DialException, errors.StreamIdleTimeoutError):
    """A stream that fell silent."""

    _stands_for = 408


class DialStreamEventError(DialException, errors.StreamEventError):
    """An error that DIAL sent in the middle of a stream."""

    _stands_for = 500


_CLASSES: dict[type[PolychatError], type[DialException]] = {
    errors.ConfigurationError: InvalidRequestError,
    errors.UnknownKeywordError: DialUnknownKeywordError,
    errors.UnsupportedFeatureError: DialUnsupportedFeatureError,
    errors.APIConnectionError: DialConnectionError,
    errors.APITimeoutError: DialTimeoutError,
    errors.DeadlineExceededError: DialDeadlineExceededError,
    errors.APIStatusError: DialAPIStatusError,
    errors.BadRequestError: DialBadRequestError,
    errors.AuthenticationError: DialAuthenticationError,
    errors.PermissionDeniedError: DialPermissionDeniedError,
    errors.NotFoundError: ResourceNotFoundError,
    errors.ConflictError: DialConflictError,
    errors.PreconditionFailedError: EtagMismatchError,
    errors.UnprocessableEntityError: DialUnprocessableEntityError,
    errors.RateLimitError: DialRateLimitError,
    errors.InternalServerError: DialInternalServerError,
    errors.ResponseParseError: ParsingDataError,
    errors.StreamError: DialStreamError,
    errors.StreamTruncatedError: DialStreamTruncatedError,
    errors.StreamIdleTimeoutError: DialStreamIdleTimeoutError,
    errors.StreamEventError: DialStreamEventError,
}


def dress(error: PolychatError) -> PolychatError:
    """An error of the tree as DIAL's class of it, with all that it knows."""
    cls = _CLASSES.get(type(error))
    if cls is None:
        return error
    dressed = cls.__new__(cls, *error.args)
    dressed.args = error.args
    dressed.__dict__.update(error.__dict__)
    if dressed.__dict__.get("type", "") is None and dressed.code is None:
        del dressed.__dict__["type"]  # a plain text said it: the class knows the type
    dressed.__cause__ = error.__cause__
    return dressed.with_traceback(error.__traceback__)
