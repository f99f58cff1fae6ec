"""What a platform's handlers are given, and what they give back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from polychat.emulator.validate import Operation
    from polychat.emulator.world import World


class Refusal(Exception):
    """An error answer, not yet in any platform's envelope.

    `text` is for the endpoints that answer errors as plain text: it is then the whole body.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.text = text
        self.headers: dict[str, str] = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Events:
    """A stream of server-sent events: JSON documents, and the marker that ends them, if any."""

    data: Iterable[Any]
    done: str | None = "[DONE]"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Exchange:
    """One authenticated, validated request.

    `params` are the path parameters as they came on the wire, percent-encoded; `param` decodes
    one. `query` has what the URL's flavour implies beside what was given. `body` is the JSON
    document, or None where the operation takes none or takes a form.
    """

    platform: str
    operation: Operation
    request: Request
    params: dict[str, str]
    query: Mapping[str, str]
    key: str
    body: Any
    world: World

    def param(self, name: str) -> str:
        return unquote(self.params[name])

    @property
    def headers(self) -> Mapping[str, str]:
        return self.request.headers


Handler = Callable[[Exchange], Awaitable["Response | Events"]]


@dataclass(frozen=True, slots=True)
class Platform:
    """How one platform speaks.

    `base` is what its clients' base URL ends in below the emulator's prefix. `route` turns the
    path below the prefix into a path of the platform's spec (its endpoint flavours and aliases)
    and the query parameters that the flavour stands for.
    `authenticate` gives the caller's key from the headers, or raises a Refusal. `refuse` puts a
    refusal into the platform's envelope; `error_event` is that same thing within a stream.
    """

    name: str
    base: str
    route: Callable[[str], tuple[str, dict[str, str]]]
    authenticate: Callable[[Mapping[str, str], Operation | None], str]
    refuse: Callable[[Refusal, str], Response]
    error_event: Callable[[Refusal], dict[str, Any]]
    handlers: Mapping[str, Handler]
