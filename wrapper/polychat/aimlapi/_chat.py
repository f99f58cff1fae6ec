"""Chat completions of AIMLAPI: ``client.chat.completions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from polychat._core.keywords import check_fields
from polychat._core.messages import check_messages
from polychat._core.options import OPTION_NAMES, conceal_options

from ._platform import AIMLAPI
from ._resource import AsyncResource, Resource, endpoint

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat._core.stream import AsyncStream, Stream
    from polychat_rest.aimlapi.models import ChatCompletionChunk, ChatCompletionResponse
    from polychat_rest.aimlapi.params import ChatCompletionRequestBase

    class ChatParams(ChatCompletionRequestBase, CallOptions):
        """All fields of AIMLAPI's chat request but ``stream``, and the options of a call."""


_CREATE = "chat.create_chat_completion"


def _checked(params: dict[str, Any]) -> dict[str, Any]:
    if "messages" not in params:  # a misspelt one is told by its name
        check_fields(endpoint(_CREATE).build_request, params.keys() - OPTION_NAMES)
    messages = check_messages(params.get("messages"), platform=AIMLAPI.name)
    return {"model": None, **params, "messages": messages}


class Chat(Resource):
    """``client.chat``."""

    @property
    def completions(self) -> ChatCompletions:
        """Chat completions."""
        return ChatCompletions(self._core)


class ChatCompletions(Resource):
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
        conceal_options(params)
        return self._either(_CREATE, _checked(params), stream=stream)


class AsyncChat(AsyncResource):
    """``client.chat`` of the async client."""

    @property
    def completions(self) -> AsyncChatCompletions:
        """Chat completions."""
        return AsyncChatCompletions(self._core)


class AsyncChatCompletions(AsyncResource):
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
        conceal_options(params)
        return await self._either(_CREATE, _checked(params), stream=stream)
