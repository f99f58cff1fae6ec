"""What the parts of the clients are built on: from keywords to a request, and to its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

from polychat._core.client import AsyncCore, SyncCore
from polychat._core.keywords import check_fields, check_parameters
from polychat._core.messages import check_name
from polychat._core.options import take_options
from polychat_rest.protocol import Request

from ._platform import AIMLAPI


def endpoint(name: str) -> Any:
    """A generated endpoint module, such as ``"video.get_video_generation"``, loaded when used."""
    return import_module(f"polychat_rest.aimlapi.api.{name}")


def body_request(
    name: str, fields: Mapping[str, Any], *path: Any, also: Iterable[str] = ()
) -> Request[Any]:
    """The request of an operation with a JSON body; fields that are None are not sent.

    Raises `UnknownKeywordError` for a field that the spec does not know (`also` are keywords that
    the method takes beside the fields), and `ConfigurationError` for a ``model`` that is given but
    is no name.
    """
    build = endpoint(name).build_request
    check_fields(build, fields, also)
    if "model" in fields:
        check_name("model", fields["model"], platform=AIMLAPI.name)
    body = {key: value for key, value in fields.items() if value is not None}
    request: Request[Any] = build(*path, body=body)
    return request


def plain_request(name: str, *path: Any, **query: Any) -> Request[Any]:
    """The request of an operation without a body. Raises `UnknownKeywordError` for a parameter
    that it does not have."""
    build = endpoint(name).build_request
    check_parameters(build, query)
    request: Request[Any] = build(*path, **query)
    return request


def chunk_of(request: Request[Any]) -> Callable[[Any], Any]:
    """What reads one event of an operation's stream."""
    chunk = request.operation.chunk
    assert chunk is not None
    return chunk


class Resource:
    """A part of the client, such as ``client.embeddings``."""

    def __init__(self, core: SyncCore) -> None:
        self._core = core

    def _post(self, name: str, params: dict[str, Any], *path: Any, also: Iterable[str] = ()) -> Any:
        options = take_options(params)
        return self._core.call(body_request(name, params, *path, also=also), options)

    def _plain(self, name: str, params: dict[str, Any], *path: Any) -> Any:
        options = take_options(params)
        return self._core.call(plain_request(name, *path, **params), options)

    def _either(self, name: str, params: dict[str, Any], *, stream: bool | None) -> Any:
        options = take_options(params)
        request = body_request(name, params)
        if stream:
            return self._core.stream(request, chunk_of(request), options)
        return self._core.call(request, options)


class AsyncResource:
    """A part of the async client."""

    def __init__(self, core: AsyncCore) -> None:
        self._core = core

    async def _post(
        self, name: str, params: dict[str, Any], *path: Any, also: Iterable[str] = ()
    ) -> Any:
        options = take_options(params)
        return await self._core.call(body_request(name, params, *path, also=also), options)

    async def _plain(self, name: str, params: dict[str, Any], *path: Any) -> Any:
        options = take_options(params)
        return await self._core.call(plain_request(name, *path, **params), options)

    async def _either(self, name: str, params: dict[str, Any], *, stream: bool | None) -> Any:
        options = take_options(params)
        request = body_request(name, params)
        if stream:
            return await self._core.stream(request, chunk_of(request), options)
        return await self._core.call(request, options)
