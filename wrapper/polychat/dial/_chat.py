"""Chat completions of DIAL: ``client.chat.completions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from polychat._core.client import AsyncCore, SyncCore
from polychat._core.messages import check_messages, check_name
from polychat._core.options import take_options
from polychat.errors import ConfigurationError

from ._exception import dress
from ._platform import DIAL, check_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polychat._core.options import CallOptions
    from polychat._core.stream import AsyncStream, Stream
    from polychat_rest.dial.models import ChatCompletionChunk, ChatCompletionResponse
    from polychat_rest.dial.params import ChatCompletionRequestBase
    from polychat_rest.protocol import Request

    class ChatParams(ChatCompletionRequestBase, CallOptions, total=False):
        """All fields of DIAL's chat request but ``stream``, and the options of a call.
        ``extra_params`` is what aidial-client calls ``extra_query``."""

        extra_params: Mapping[str, Any] | None


def _request(deployment_name: Any, api_version: str | None, params: dict[str, Any]) -> Request[Any]:
    from polychat_rest.dial.api.chat.send_chat_completion_request import build_request

    check_body(build_request, params)
    try:
        check_name("deployment_name", deployment_name, platform=DIAL.name)
        params["messages"] = check_messages(params.get("messages"), platform=DIAL.name)
    except ConfigurationError as error:
        raise dress(error) from None
    body: Any = {name: value for name, value in params.items() if value is not None}
    return build_request(deployment_name, body=body, api_version=api_version)


def _options(params: dict[str, Any]) -> dict[str, Any]:
    """Takes the call's options out of `params`."""
    query = params.pop("extra_params", None)
    options = take_options(params)
    if query:
        options["extra_query"] = {**(options.get("extra_query") or {}), **query}
    return options


def _parse_chunk() -> Any:
    from polychat_rest.dial.models import ChatCompletionChunk

    return ChatCompletionChunk.from_owned


class Chat:
    """``client.chat``."""

    def __init__(self, core: SyncCore, api_version: str | None) -> None:
        self._core = core
        self._api_version = api_version

    @property
    def completions(self) -> ChatCompletions:
        """Chat completions."""
        return ChatCompletions(self._core, self._api_version)


class ChatCompletions(Chat):
    """``client.chat.completions``."""

    @overload
    def create(
        self, *, deployment_name: str, api_version: str | None = None,
        stream: Literal[False] | None = False, **params: Unpack[ChatParams],
    ) -> ChatCompletionResponse: ...  # fmt: skip
    @overload
    def create(
        self, *, deployment_name: str, api_version: str | None = None,
        stream: Literal[True], **params: Unpack[ChatParams],
    ) -> Stream[ChatCompletionChunk]: ...  # fmt: skip
    @overload
    def create(
        self, *, deployment_name: str, api_version: str | None = None,
        stream: bool, **params: Unpack[ChatParams],
    ) -> ChatCompletionResponse | Stream[ChatCompletionChunk]: ...  # fmt: skip
    def create(
        self,
        *,
        deployment_name: str,
        api_version: str | None = None,
        stream: bool | None = False,
        **params: Any,
    ) -> Any:
        """One answer to `messages` by a deployment, whole or, with ``stream=True``, in chunks.

        The other keywords are the fields of DIAL's chat request (see
        `polychat_rest.dial.params.ChatCompletionRequestParam`) and of `polychat.CallOptions`;
        what is None is not sent. ``POST /openai/deployments/{deployment_name}/chat/completions``.

        Raises the errors of `polychat.errors`; a stream raises `StreamError`s as it is read.
        """
        options = _options(params)
        request = _request(deployment_name, api_version or self._api_version, params)
        if stream:
            return self._core.stream(request, _parse_chunk(), options)
        return self._core.call(request, options)


class AsyncChat:
    """``client.chat`` of the async client."""

    def __init__(self, core: AsyncCore, api_version: str | None) -> None:
        self._core = core
        self._api_version = api_version

    @property
    def completions(self) -> AsyncChatCompletions:
        """Chat completions."""
        return AsyncChatCompletions(self._core, self._api_version)


class AsyncChatCompletions(AsyncChat):
    """``client.chat.completions`` of the async client."""

    @overload
    async def create(
        self, *, deployment_name: str, api_version: str | None = None,
        stream: Literal[False] | None = False, **params: Unpack[ChatParams],
    ) -> ChatCompletionResponse: ...  # fmt: skip
    @overload
    async def create(
        self, *, deployment_name: str, api_version: str | None = None,
        stream: Literal[True], **params: Unpack[ChatParams],
    ) -> AsyncStream[ChatCompletionChunk]: ...  # fmt: skip
    @overload
    async def create(
        self, *, deployment_name: str, api_version: str | None = None,
        stream: bool, **params: Unpack[ChatParams],
    ) -> ChatCompletionResponse | AsyncStream[ChatCompletionChunk]: ...  # fmt: skip
    async def create(
        self,
        *,
        deployment_name: str,
        api_version: str | None = None,
        stream: bool | None = False,
        **params: Any,
    ) -> Any:
        """`ChatCompletions.create`, asynchronously."""
        options = _options(params)
        request = _request(deployment_name, api_version or self._api_version, params)
        if stream:
            return await self._core.stream(request, _parse_chunk(), options)
        return await self._core.call(request, options)
