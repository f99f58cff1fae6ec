"""Messages, in the form of the Claude models: ``client.messages``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from ._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat._core.stream import AsyncStream, Stream
    from polychat_rest.aimlapi.models import MessagesChunk, MessagesResponse
    from polychat_rest.aimlapi.params import MessagesRequestBase

    class MessagesParams(MessagesRequestBase, CallOptions):
        """All fields of the request but ``stream``, and the options of a call."""


class Messages(Resource):
    """``client.messages``."""

    @overload
    def create(
        self, *, stream: Literal[False] | None = False, **params: Unpack[MessagesParams],
    ) -> MessagesResponse: ...  # fmt: skip
    @overload
    def create(
        self, *, stream: Literal[True], **params: Unpack[MessagesParams],
    ) -> Stream[MessagesChunk]: ...  # fmt: skip
    @overload
    def create(
        self, *, stream: bool, **params: Unpack[MessagesParams],
    ) -> MessagesResponse | Stream[MessagesChunk]: ...  # fmt: skip
    def create(self, *, stream: bool | None = False, **params: Any) -> Any:
        """The next message of a conversation, whole or as a stream of events:
        ``POST /v1/messages``."""
        return self._either("chat.create_message", params, stream=stream)


class AsyncMessages(AsyncResource):
    """``client.messages`` of the async client."""

    @overload
    async def create(
        self, *, stream: Literal[False] | None = False, **params: Unpack[MessagesParams],
    ) -> MessagesResponse: ...  # fmt: skip
    @overload
    async def create(
        self, *, stream: Literal[True], **params: Unpack[MessagesParams],
    ) -> AsyncStream[MessagesChunk]: ...  # fmt: skip
    @overload
    async def create(
        self, *, stream: bool, **params: Unpack[MessagesParams],
    ) -> MessagesResponse | AsyncStream[MessagesChunk]: ...  # fmt: skip
    async def create(self, *, stream: bool | None = False, **params: Any) -> Any:
        """`Messages.create`, asynchronously."""
        return await self._either("chat.create_message", params, stream=stream)
