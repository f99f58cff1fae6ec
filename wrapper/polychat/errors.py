"""What polychat raises: one tree for all platforms.

    PolychatError
    ├── ConfigurationError (ValueError)      a wrong argument or setting; nothing was sent
    │   └── UnknownKeywordError (TypeError)  a keyword that the call does not have
    ├── UnsupportedFeatureError              the platform has no such thing; nothing was sent
    ├── APIConnectionError                   no answer: refused, reset, TLS, proxy
    │   ├── APITimeoutError (TimeoutError)   silence for longer than the timeout
    │   └── DeadlineExceededError (TimeoutError)   the total time given is over
    ├── APIStatusError                       an answer that says no
    │   ├── BadRequestError 400              ├── ConflictError 409
    │   ├── AuthenticationError 401          ├── PreconditionFailedError 412
    │   ├── PermissionDeniedError 403        ├── UnprocessableEntityError 422
    │   ├── NotFoundError 404                ├── RateLimitError 429
    │   └── InternalServerError 5xx
    ├── ResponseParseError                   an answer that is not what the platform promises
    └── StreamError                          a stream that did not end well
        ├── StreamTruncatedError             it stopped before its end
        ├── StreamIdleTimeoutError (TimeoutError)   it fell silent
        └── StreamEventError                 the platform sent an error in its middle

Every error has `platform`, `request_id`, `attempts` (how often the request was sent, 0 where it
was not), `status`, `body` and `remedy`; what is not known is None. All are picklable, and none
holds a credential.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from polychat_rest.headers import ResponseHeaders

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ConfigurationError",
    "ConflictError",
    "DeadlineExceededError",
    "InternalServerError",
    "NotFoundError",
    "PermissionDeniedError",
    "PolychatError",
    "PreconditionFailedError",
    "RateLimitError",
    "ResponseParseError",
    "StreamError",
    "StreamEventError",
    "StreamIdleTimeoutError",
    "StreamTruncatedError",
    "UnknownKeywordError",
    "UnprocessableEntityError",
    "UnsupportedFeatureError",
]


class PolychatError(Exception):
    """The base of all errors. `message` says what happened; `remedy`, where there is one, what
    to do about it. Where the platform answered, `status`, `headers` (by names in any case) and
    the beginning of the `body` are those of its answer."""

    def __init__(
        self,
        message: str,
        *,
        remedy: str | None = None,
        platform: str | None = None,
        request_id: str | None = None,
        attempts: int = 0,
        status: int | None = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.platform = platform
        self.request_id = request_id
        self.attempts = attempts
        self.status = status
        self.body = body
        self.headers: ResponseHeaders | None = None if headers is None else ResponseHeaders(headers)

    def __str__(self) -> str:
        text = self.message if self.platform is None else f"{self.platform}: {self.message}"
        if self.remedy is not None:
            text = f"{text.rstrip('.')}. {self.remedy}"
        details: list[str] = []
        if self.request_id is not None:
            details.append(f"request id {self.request_id}")
        if self.attempts > 1:
            details.append(f"{self.attempts} attempts")
        return f"{text} ({', '.join(details)})" if details else text

    def __reduce__(self) -> tuple[Callable[..., PolychatError], tuple[Any, ...]]:
        return _restore, (type(self), self.args, self.__dict__)


def _restore(
    cls: type[PolychatError], args: tuple[Any, ...], state: dict[str, Any]
) -> PolychatError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(PolychatError, ValueError):
    """A wrong argument, environment variable or setting. Nothing was sent."""


class UnknownKeywordError(ConfigurationError, TypeError):
    """A keyword that neither the method nor the platform's spec knows; the message has the nearest
    name. Nothing was sent. What the spec does not know yet is sent with ``extra_body``."""


class UnsupportedFeatureError(PolychatError):
    """The platform cannot do what was asked for. Nothing was sent."""


class APIConnectionError(PolychatError):
    """No answer came: the connection could not be made, or broke."""


class APITimeoutError(APIConnectionError, TimeoutError):
    """Nothing was heard for longer than the timeout allows."""


class DeadlineExceededError(APIConnectionError, TimeoutError):
    """The total time given with ``deadline`` is over."""


class APIStatusError(PolychatError):
    """The platform answered with an error status.

    Beside what every error has: `code`, `type`, `param` and `display_message` as the platform
    names them, and `retry_after`, the seconds that the platform asks to wait.
    """

    status: int

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        type: str | None = None,
        param: str | None = None,
        display_message: str | None = None,
        retry_after: float | None = None,
        **common: Any,
    ) -> None:
        super().__init__(message, **common)
        self.code = code
        self.type = type
        self.param = param
        self.display_message = display_message
        self.retry_after = retry_after

    @property
    def status_code(self) -> int:
        """The same as `status`."""
        return self.status


class BadRequestError(APIStatusError):
    """400: the platform does not understand the request."""


class AuthenticationError(APIStatusError):
    """401: the credentials are missing, wrong or no longer valid."""


class PermissionDeniedError(APIStatusError):
    """403: the credentials are good, but not for this."""


class NotFoundError(APIStatusError):
    """404: there is no such deployment, model, file or route."""


class ConflictError(APIStatusError):
    """409: the resource is in a state that does not allow this."""


class PreconditionFailedError(APIStatusError):
    """412: the ETag given is not, or is no longer, the resource's."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is well-formed, a value in it is not acceptable."""


class RateLimitError(APIStatusError):
    """429: too many requests or tokens. `retry_after` says for how long, where it is known."""


class InternalServerError(APIStatusError):
    """5xx: the platform failed."""


class ResponseParseError(PolychatError):
    """The status says success, the body is not what the platform promises (HTML for JSON)."""


class StreamError(PolychatError):
    """A stream that did not end well. `chunks` holds the typed chunks that had arrived, of a long
    stream the last of them: `dropped` is how many came before those, as they are not kept."""

    chunks: list[Any]
    dropped: int = 0

    def __init__(self, message: str, *, chunks: list[Any] | None = None, **common: Any) -> None:
        super().__init__(message, **common)
        self.chunks = chunks or []

    @property
    def text(self) -> str:
        """The text of the first choice in `chunks`, joined."""
        pieces: list[str] = []
        for chunk in self.chunks:
            choices: list[Any] = getattr(chunk, "choices", None) or []
            for choice in choices:
                content = getattr(getattr(choice, "delta", None), "content", None)
                if isinstance(content, str) and not getattr(choice, "index", 0):
                    pieces.append(content)
        return "".join(pieces)


class StreamTruncatedError(StreamError):
    """The stream stopped before its end."""


class StreamIdleTimeoutError(StreamError, TimeoutError):
    """The stream fell silent for longer than its idle timeout."""


class StreamEventError(StreamError):
    """The platform sent an error in the middle of a stream; `code`, `type`, `param` and
    `display_message` are what it said."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        type: str | None = None,
        param: str | None = None,
        display_message: str | None = None,
        **common: Any,
    ) -> None:
        super().__init__(message, **common)
        self.code = code
        self.type = type
        self.param = param
        self.display_message = display_message


_BY_STATUS: Mapping[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    412: PreconditionFailedError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def status_error_class(status: int) -> type[APIStatusError]:
    """The class of the error for an HTTP status."""
    if status >= 500:
        return InternalServerError
    return _BY_STATUS.get(status, APIStatusError)
