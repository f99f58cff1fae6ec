"""Chat completions of AIMLAPI: ``client.chat.completions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from polychat._core.client import AsyncCore, SyncCore
from polychat._core.messages import check_messages, check_name
from polychat._core.options import take_options

from ._platform import AIMLAPI

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat._core.stream import AsyncStream, Stream
    from polychat_rest.aimlapi.models import ChatCompletionChunk, ChatCompletionResponse
    from polychat_rest.aimlapi.params import ChatCompletionRequestBase
    from polychat_rest.protocol import Request

    class ChatParams(ChatCompletionRequestBase, CallOptions):
        """All fields of AIMLAPI's chat request but ``stream``, and the options of a call."""


def _request(params: dict[str, Any]) -> Request[Any]:
    from polychat_rest.aimlapi.api.chat.create_chat_completion import build_request

    check_name("model", params.get("model"), platform=AIMLAPI.name)
    params["messages"] = check_messages(params.get("messages"), platform=AIMLAPI.name)
    body: Any = {name: value for name, value in params.items() if value is not None}
    return build_request(body=body)


def _parse_chunk() -> Any:
    from polychat_rest.aimlapi.models import ChatCompletionChunk

    return ChatCompletionChunk.from_owned


class Chat:
    """``client.chat``."""

    def __init__(self, core: SyncCore) -> None:
        self._core = core

    @property
    def completions(self) -> ChatCompletions:
        """Chat completions."""
        return ChatCompletions(self._core)


class ChatCompletions(Chat):
    """``client.chat.completions``."""

    @overload
    def create(
        self, *, stream: Literal[False] | None = False, **params: Unpack[ChatParams],
    ) -> ChatCompletionResponse: ...  # fmt: skip
    @overload
    def create(
        self, *, stream: Literal[True], **params: Unpack[ChatParams],
    ) -> Stream[ChatCompletionChunk]: ...  # fmt: skip
    @overload
    def create(
        self, *, stream: bool, **params: Unpack[ChatParams],
    ) -> ChatCompletionResponse | Stream[ChatCompletionChunk]: ...  # fmt: skip
    def create(
        self,
        *,
        stream: bool | None = False,
        **params: Any,
    ) -> Any:
        """One answer to `messages` by a model, whole or, with ``stream=True``, in chunks.

        The other keywords are the fields of AIMLAPI's chat request (see
        `polychat_rest.aimlapi.params.ChatCompletionRequestParam`) and of `polychat.CallOptions`;
        what is None is not sent. ``POST /v1/chat/completions``.

        Raises the errors of `polychat.errors`; a stream raises `StreamError`s as it is read.
        """
        options = take_options(params)
        request = _request(params)
        if stream:
            return self._core.stream(request, _parse_chunk(), options)
        return self._core.call(request, options)


class AsyncChat:
    """``client.chat`` of the async client."""

    def __init__(self, core: AsyncCore) -> None:
        self._core = core

    @property
    def completions(self) -> AsyncChatCompletions:
        """Chat completions."""
        return AsyncChatCompletions(self._core)


class AsyncChatCompletions(AsyncChat):
    """``client.chat.completions`` of the async client."""

    @overload
    async def create(
        self, *, stream: Literal[False] | None = False, **params: Unpack[ChatParams],
    ) -> ChatCompletionResponse: ...  # fmt: skip
    @overload
    async def create(
        self, *, stream: Literal[True], **params: Unpack[ChatParams],
    ) -> AsyncStream[ChatCompletionChunk]: ...  # fmt: skip
    @overload
    async def create(
        self, *, stream: bool, **params: Unpack[ChatParams],
    ) -> ChatCompletionResponse | AsyncStream[ChatCompletionChunk]: ...  # fmt: skip
    async def create(
        self,
        *,
        stream: bool | None = False,
        **params: Any,
    ) -> Any:
        """`ChatCompletions.create`, asynchronously."""
        options = take_options(params)
        request = _request(params)
        if stream:
            return await self._core.stream(request, _parse_chunk(), options)
        return await self._core.call(request, options)
