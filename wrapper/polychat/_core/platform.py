"""What the runtime must know of a platform, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from polychat.errors import APIStatusError, PolychatError
from polychat_rest.shapes import is_object

from .failures import ErrorReader, read_error
from .retry import RETRY_STATUSES


def _error_of_event(data: Any) -> Any:
    """The error in an event ``{"error": ...}``, or None."""
    return data.get("error") if is_object(data) else None


def _as_it_is(error: PolychatError) -> PolychatError:
    return error


class Platform(NamedTuple):
    """Facts about one platform's HTTP API that the pipeline acts on."""

    name: str
    retry_statuses: frozenset[int] = RETRY_STATUSES
    request_id_headers: tuple[str, ...] = ("x-request-id",)
    """Where an answer says under which id the service knows it, best first."""
    sends_request_id: str | None = None
    """The header in which the service takes an id from the client."""
    read_error: ErrorReader = read_error
    status_errors: Mapping[int, type[APIStatusError]] = MappingProxyType({})
    error_of_event: Callable[[Any], Any] = _error_of_event
    dress: Callable[[PolychatError], PolychatError] = _as_it_is
    """Gives an error of the tree as the platform's own class of it, for a drop-in's users."""

    def request_id(self, headers: Mapping[str, str]) -> str | None:
        """The id in an answer's headers."""
        for name in self.request_id_headers:
            value = headers.get(name)
            if value is not None:
                return value
        return None
