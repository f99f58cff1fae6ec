"""What the clients of Azure AI Inference raise: errors of `polychat.errors` that are also
those of azure-core.

Where azure-core is installed, the names below are its own classes, so that code which catches
``azure.core.exceptions.HttpResponseError`` goes on doing so; else they are stand-ins. The
classes whose names begin with ``Azure`` are what is raised:

    HttpResponseError                  every answer of an error status
      ClientAuthenticationError 401    ResourceNotFoundError 404
      ResourceExistsError 409          ResourceNotModifiedError 304
      DecodeError                      an answer, or an event of a stream, that cannot be read
        IncompleteReadError            a stream that stopped before its end
    ServiceRequestError                no connection (ServiceRequestTimeoutError: not in time)
    ServiceResponseError               no answer (ServiceResponseTimeoutError: not in time)

An error of an answer has ``status_code``, ``reason``, ``response`` and ``error``, which has
``code``, ``message``, ``target``, ``details`` and ``innererror``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from polychat._core.failures import transport_failure
from polychat.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    DeadlineExceededError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    PolychatError,
    PreconditionFailedError,
    RateLimitError,
    ResponseParseError,
    StreamError,
    StreamEventError,
    StreamIdleTimeoutError,
    StreamTruncatedError,
    UnprocessableEntityError,
    UnsupportedFeatureError,
)
from polychat_rest.headers import ResponseHeaders

from ._rest import HttpRequest, HttpResponse, reason_phrase

if TYPE_CHECKING:
    from ._azure_core import (
        AzureError,
        ClientAuthenticationError,
        DecodeError,
        HttpResponseError,
        IncompleteReadError,
        ODataV4Format,
        ResourceExistsError,
        ResourceNotFoundError,
        ResourceNotModifiedError,
        ServiceRequestError,
        ServiceRequestTimeoutError,
        ServiceResponseError,
        ServiceResponseTimeoutError,
    )
else:
    try:
        from azure.core import exceptions as _core
    except ImportError:
        from . import _azure_core as _core
    AzureError = _core.AzureError
    ClientAuthenticationError = _core.ClientAuthenticationError
    DecodeError = _core.DecodeError
    HttpResponseError = _core.HttpResponseError
    IncompleteReadError = _core.IncompleteReadError
    ODataV4Format = _core.ODataV4Format
    ResourceExistsError = _core.ResourceExistsError
    ResourceNotFoundError = _core.ResourceNotFoundError
    ResourceNotModifiedError = _core.ResourceNotModifiedError
    ServiceRequestError = _core.ServiceRequestError
    ServiceRequestTimeoutError = _core.ServiceRequestTimeoutError
    ServiceResponseError = _core.ServiceResponseError
    ServiceResponseTimeoutError = _core.ServiceResponseTimeoutError

__all__ = [
    "AzureError",
    "ClientAuthenticationError",
    "DecodeError",
    "HttpResponseError",
    "IncompleteReadError",
    "ODataV4Format",
    "ResourceExistsError",
    "ResourceNotFoundError",
    "ResourceNotModifiedError",
    "ServiceRequestError",
    "ServiceRequestTimeoutError",
    "ServiceResponseError",
    "ServiceResponseTimeoutError",
    "translated",
]


class _Azure(PolychatError):
    """What azure-core's errors have beside what ours have."""

    continuation_token: str | None = None

    @property
    def inner_exception(self) -> BaseException | None:
        """The transport's exception, where there is one."""
        return self.__cause__


class _Answered(_Azure):
    """An error of an answer."""

    model: Any = None
    reason: str | None = None
    response: HttpResponse | None = None

    @property
    def error(self) -> ODataV4Format | None:
        """What the body says, where it is in the form of OData."""
        try:
            return ODataV4Format(json.loads(self.body or ""))
        except (ValueError, TypeError, AttributeError):
            return None


class AzureStatusError(_Answered, APIStatusError, HttpResponseError):
    """An error status that has no class of its own."""


class AzureNotModifiedError(AzureStatusError, ResourceNotModifiedError):
    """304."""


class AzureBadRequestError(AzureStatusError, BadRequestError):
    """400."""


class AzureAuthenticationError(AzureStatusError, AuthenticationError, ClientAuthenticationError):
    """401."""


class AzurePermissionDeniedError(AzureStatusError, PermissionDeniedError):
    """403."""


class AzureNotFoundError(AzureStatusError, NotFoundError, ResourceNotFoundError):
    """404."""


class AzureConflictError(AzureStatusError, ConflictError, ResourceExistsError):
    """409."""


class AzurePreconditionFailedError(AzureStatusError, PreconditionFailedError):
    """412."""


class AzureUnprocessableEntityError(AzureStatusError, UnprocessableEntityError):
    """422."""


class AzureRateLimitError(AzureStatusError, RateLimitError):
    """429; also where a service asks for a longer wait than a client should sleep."""


class AzureInternalServerError(AzureStatusError, InternalServerError):
    """5xx."""


class AzureParseError(_Answered, ResponseParseError, DecodeError):
    """A success that cannot be read."""

    @property
    def status_code(self) -> int | None:
        """The status."""
        return self.status


class AzureStreamError(_Answered, StreamError, DecodeError):
    """An event that cannot be read."""

    @property
    def status_code(self) -> int | None:
        """The status of the answer that the stream is."""
        return self.status


class AzureStreamTruncatedError(AzureStreamError, StreamTruncatedError, IncompleteReadError):
    """A stream that stopped before its end."""


class AzureStreamEventError(AzureStreamError, StreamEventError):
    """An error that the service sent in the middle of a stream."""


class AzureStreamIdleError(_Azure, StreamIdleTimeoutError, ServiceResponseTimeoutError):
    """A stream that fell silent."""


class AzureRequestError(_Azure, APIConnectionError, ServiceRequestError):
    """The connection could not be made."""


class AzureRequestTimeoutError(_Azure, APITimeoutError, ServiceRequestTimeoutError):
    """The connection could not be made in time."""


class AzureResponseError(_Azure, APIConnectionError, ServiceResponseError):
    """The connection broke before the answer."""


class AzureResponseTimeoutError(_Azure, APITimeoutError, ServiceResponseTimeoutError):
    """The answer did not come in time."""


class AzureDeadlineError(_Azure, DeadlineExceededError, ServiceResponseTimeoutError):
    """The total time given is over."""


class AzureUnsupportedError(_Answered, UnsupportedFeatureError, ResourceNotFoundError):
    """The endpoint has no such route; nothing was sent."""

    @property
    def status_code(self) -> int | None:
        """None: there was no answer."""
        return self.status


class AzureInsecureError(_Azure, ConfigurationError, ServiceRequestError):
    """A token would have gone over plain http; nothing was sent."""


_CLASSES: dict[type[PolychatError], type[PolychatError]] = {
    APIStatusError: AzureStatusError,
    BadRequestError: AzureBadRequestError,
    AuthenticationError: AzureAuthenticationError,
    PermissionDeniedError: AzurePermissionDeniedError,
    NotFoundError: AzureNotFoundError,
    ConflictError: AzureConflictError,
    PreconditionFailedError: AzurePreconditionFailedError,
    UnprocessableEntityError: AzureUnprocessableEntityError,
    RateLimitError: AzureRateLimitError,
    InternalServerError: AzureInternalServerError,
    ResponseParseError: AzureParseError,
    StreamError: AzureStreamError,
    StreamTruncatedError: AzureStreamTruncatedError,
    StreamEventError: AzureStreamEventError,
    StreamIdleTimeoutError: AzureStreamIdleError,
    DeadlineExceededError: AzureDeadlineError,
    UnsupportedFeatureError: AzureUnsupportedError,
}


def _class_of(error: PolychatError) -> type[PolychatError] | None:
    kind = type(error)
    if kind is APIStatusError and error.status == 304:
        return AzureNotModifiedError
    if kind in (APIConnectionError, APITimeoutError):
        failure = transport_failure(error.__cause__) if error.__cause__ is not None else None
        made = failure is None or failure.made
        if kind is APITimeoutError:
            return AzureResponseTimeoutError if made else AzureRequestTimeoutError
        return AzureResponseError if made else AzureRequestError
    return _CLASSES.get(kind)


def translated(error: PolychatError, request: HttpRequest | None = None) -> PolychatError:
    """The error that is also azure-core's; `error` itself where azure-core has none like it."""
    cls = _class_of(error)
    if cls is None:
        return error
    new = cls.__new__(cls, *error.args)
    new.args = error.args
    new.__dict__.update(error.__dict__)
    if isinstance(new, _Answered) and error.status is not None:
        new.reason = reason_phrase(error.status)
        headers = error.headers or ResponseHeaders()
        content = (error.body or "").encode()
        new.response = HttpResponse(error.status, headers, content, request)
    return new
