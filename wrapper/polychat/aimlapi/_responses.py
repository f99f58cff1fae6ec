"""Responses, in the form of that API: ``client.responses``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from ._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat._core.stream import AsyncStream, Stream
    from polychat_rest.aimlapi.models import ResponsesChunk, ResponsesResponse
    from polychat_rest.aimlapi.params import ResponsesRequestBase

    class ResponsesParams(ResponsesRequestBase, CallOptions):
        """All fields of the request but ``stream``, and the options of a call."""


class Responses(Resource):
    """``client.responses``."""

    @overload
    def create(
        self, *, stream: Literal[False] | None = False, **params: Unpack[ResponsesParams],
    ) -> ResponsesResponse: ...  # fmt: skip
    @overload
    def create(
        self, *, stream: Literal[True], **params: Unpack[ResponsesParams],
    ) -> Stream[ResponsesChunk]: ...  # fmt: skip
    @overload
    def create(
        self, *, stream: bool, **params: Unpack[ResponsesParams],
    ) -> ResponsesResponse | Stream[ResponsesChunk]: ...  # fmt: skip
    def create(self, *, stream: bool | None = False, **params: Any) -> Any:
        """A response to `input`, whole or as a stream of events: ``POST /v1/responses``. It may be
        stored at AIMLAPI, so after a broken connection it is sent again only with
        ``retry_unsafe``."""
        return self._either("chat.create_response", params, stream=stream)


class AsyncResponses(AsyncResource):
    """``client.responses`` of the async client."""

    @overload
    async def create(
        self, *, stream: Literal[False] | None = False, **params: Unpack[ResponsesParams],
    ) -> ResponsesResponse: ...  # fmt: skip
    @overload
    async def create(
        self, *, stream: Literal[True], **params: Unpack[ResponsesParams],
    ) -> AsyncStream[ResponsesChunk]: ...  # fmt: skip
    @overload
    async def create(
        self, *, stream: bool, **params: Unpack[ResponsesParams],
    ) -> ResponsesResponse | AsyncStream[ResponsesChunk]: ...  # fmt: skip
    async def create(self, *, stream: bool | None = False, **params: Any) -> Any:
        """`Responses.create`, asynchronously."""
        return await self._either("chat.create_response", params, stream=stream)
