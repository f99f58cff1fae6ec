"""`AIMLAPIChatGenerator`: AIMLAPI's chat as a Haystack component."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar, cast

from haystack import component, default_from_dict, default_to_dict
from haystack.dataclasses import ChatMessage, StreamingCallbackT
from haystack.tools import (
    ToolsType,
    deserialize_tools_or_toolset_inplace,
    serialize_tools_or_toolset,
    warm_up_tools,
)
from haystack.utils import (
    Secret,
    deserialize_callable,  # pyright: ignore[reportUnknownVariableType]
    deserialize_secrets_inplace,
    serialize_callable,  # pyright: ignore[reportUnknownVariableType]
)

from ._clients import Clients
from ._loading import with_own_type
from ._replies import StreamedReply, replies_of
from ._schemas import plain_kwargs, response_format_of, tools_of


@component
class AIMLAPIChatGenerator:
    """Replies to messages by a chat model of AIMLAPI.

    ```python
    generator = AIMLAPIChatGenerator(model="openai/gpt-5-chat-latest")
    generator.run([ChatMessage.from_user("What is natural language processing?")])
    ```

    ``generation_kwargs`` are fields of AIMLAPI's chat request and options of a call; what the spec
    does not know goes into their ``extra_body``, another unknown name is an error.
    ``response_format`` may be a pydantic class. With ``"stream": True`` among them, or with a
    ``streaming_callback``, the reply is streamed, and its usage is told. ``timeout``
    (``AIMLAPI_TIMEOUT``, 30) is in seconds, ``max_retries`` (``AIMLAPI_MAX_RETRIES``) is 5 unless
    given. ``http_client_kwargs`` are those of an ``httpx.Client``.

    Replies' ``meta`` has ``model``, ``index``, ``finish_reason``, ``usage`` and ``cost``; thoughts
    of reasoning models are in `ChatMessage.reasoning`. Raises the errors of `polychat.errors`.
    """

    SUPPORTED_MODELS: ClassVar[list[str]] = ["openai/gpt-5-chat-latest", "openai/gpt-4o"]
    """Some of the models; ``AimlApi().models.list()`` has them all."""

    def __init__(
        self,
        *,
        api_key: Secret = Secret.from_env_var("AIMLAPI_API_KEY"),  # noqa: B008  # immutable
        model: str = "openai/gpt-5-chat-latest",
        streaming_callback: StreamingCallbackT | None = None,
        api_base_url: str | None = "https://api.aimlapi.com/v1",
        generation_kwargs: dict[str, Any] | None = None,
        tools: ToolsType | None = None,
        tools_strict: bool = False,
        timeout: float | None = None,
        extra_headers: dict[str, Any] | None = None,
        max_retries: int | None = None,
        http_client_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.api_key = api_key
        self.model = model
        self.streaming_callback = streaming_callback
        self.api_base_url = api_base_url
        self.generation_kwargs: dict[str, Any] = generation_kwargs or {}
        tools_of(tools, strict=False)
        self.tools = tools
        self.tools_strict = tools_strict
        self.timeout = timeout
        self.extra_headers = extra_headers
        self.max_retries = max_retries
        self.http_client_kwargs = http_client_kwargs
        self._clients = Clients(
            api_key, api_base_url, timeout, max_retries, extra_headers, http_client_kwargs
        )
        self._tools_are_warm = False

    @property
    def client(self) -> Any:
        """The `polychat.aimlapi.AimlApi`; None until `warm_up`."""
        return self._clients.sync

    @property
    def async_client(self) -> Any:
        """The `polychat.aimlapi.AsyncAimlApi`; None until `warm_up_async`."""
        return self._clients.asynchronous

    def warm_up(self) -> None:
        """Makes the client and readies the tools. Raises ValueError for a missing key."""
        self._clients.get()
        self._warm_up_tools()

    async def warm_up_async(self) -> None:
        """`warm_up` for `run_async`."""
        self._clients.get_async()
        self._warm_up_tools()

    def _warm_up_tools(self) -> None:
        if not self._tools_are_warm:
            warm_up_tools(self.tools)
            self._tools_are_warm = True

    def close(self) -> None:
        """Closes the connections of `run`."""
        self._clients.close()

    async def close_async(self) -> None:
        """Closes the connections of `run_async`."""
        await self._clients.close_async()

    def to_dict(self) -> dict[str, Any]:
        """As pipelines are saved. A key that is a token cannot be saved: ValueError."""
        callback = self.streaming_callback
        data: dict[str, Any] = default_to_dict(
            self,
            model=self.model,
            streaming_callback=serialize_callable(callback) if callback else None,
            api_base_url=self.api_base_url,
            generation_kwargs=plain_kwargs(self.generation_kwargs),
            api_key=self.api_key.to_dict(),
            tools=serialize_tools_or_toolset(self.tools),
            tools_strict=self.tools_strict,
            extra_headers=self.extra_headers,
            timeout=self.timeout,
            max_retries=self.max_retries,
            http_client_kwargs=self.http_client_kwargs,
        )
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> AIMLAPIChatGenerator:
        """A component that was saved, by this class or by ``aimlapi-haystack``'s."""
        data = with_own_type(cls, data)
        parameters = data["init_parameters"]
        if isinstance(parameters.get("api_key"), dict):
            deserialize_secrets_inplace(parameters, keys=["api_key"])
        deserialize_tools_or_toolset_inplace(parameters, key="tools")
        if parameters.get("streaming_callback"):
            parameters["streaming_callback"] = deserialize_callable(
                parameters["streaming_callback"]
            )
        return default_from_dict(cls, data)

    @component.output_types(replies=list[ChatMessage])
    def run(
        self,
        messages: list[ChatMessage] | str,
        streaming_callback: StreamingCallbackT | None = None,
        generation_kwargs: dict[str, Any] | None = None,
        *,
        tools: ToolsType | None = None,
        tools_strict: bool | None = None,
    ) -> dict[str, list[ChatMessage]]:
        """Replies to `messages`. What is given here wins over the constructor's; an empty list of
        `tools` means none.

        Raises ValueError for a callback that is a coroutine function, and for ``n`` above 1 in a
        stream; `polychat.errors.ResponseParseError` for an answer without a reply, and for a reply
        that was cut within a tool call or within the JSON that ``response_format`` asked for. Text
        that was cut is a reply, whose ``finish_reason`` tells it.
        """
        for name, callback in (("runtime", streaming_callback), ("init", self.streaming_callback)):
            if _is_coroutine(callback):
                raise ValueError(f"The {name} callback cannot be a coroutine.")
        request = self._request(messages, generation_kwargs, tools, tools_strict)
        if request is None:
            return {"replies": []}
        self.warm_up()
        callback = streaming_callback or self.streaming_callback
        create = cast("Callable[..., Any]", self._clients.get().chat.completions.create)
        if not self._streams(request, callback):
            return {"replies": replies_of(create(**request), request)}
        collected = StreamedReply(self, request)
        with create(**request) as stream:
            for chunk in stream:
                for piece in collected.pieces(chunk):
                    if callback is not None:
                        callback(piece)
        return {"replies": [collected.reply(stream.response)]}

    @component.output_types(replies=list[ChatMessage])
    async def run_async(
        self,
        messages: list[ChatMessage] | str,
        streaming_callback: StreamingCallbackT | None = None,
        generation_kwargs: dict[str, Any] | None = None,
        *,
        tools: ToolsType | None = None,
        tools_strict: bool | None = None,
    ) -> dict[str, list[ChatMessage]]:
        """`run`, asynchronously and in any event loop. A callback may be a function or a coroutine
        function; the former runs in the loop."""
        request = self._request(messages, generation_kwargs, tools, tools_strict)
        if request is None:
            return {"replies": []}
        await self.warm_up_async()
        callback = streaming_callback or self.streaming_callback
        create = cast("Callable[..., Any]", self._clients.get_async().chat.completions.create)
        if not self._streams(request, callback):
            return {"replies": replies_of(await create(**request), request)}
        collected = StreamedReply(self, request)
        async with await create(**request) as stream:
            async for chunk in stream:
                for piece in collected.pieces(chunk):
                    if callback is not None:
                        awaitable = callback(piece)
                        if inspect.isawaitable(awaitable):
                            await awaitable
        return {"replies": [collected.reply(stream.response)]}

    def _request(
        self,
        messages: list[ChatMessage] | str,
        generation_kwargs: dict[str, Any] | None,
        tools: ToolsType | None,
        tools_strict: bool | None,
    ) -> dict[str, Any] | None:
        """The keywords of the client's call; None where there is nothing to reply to."""
        if isinstance(messages, str):
            messages = [ChatMessage.from_user(messages)]
        if not messages:
            return None
        kwargs = {**self.generation_kwargs, **(generation_kwargs or {})}
        if kwargs.get("response_format") is not None:
            kwargs["response_format"] = response_format_of(kwargs["response_format"])
        strict = self.tools_strict if tools_strict is None else tools_strict
        definitions = tools_of(self.tools if tools is None else tools, strict=strict)
        wire = [message.to_openai_dict_format() for message in messages]
        request = {"model": self.model, "messages": wire, **kwargs}
        return {**request, "tools": definitions} if definitions else request

    def _streams(self, request: dict[str, Any], callback: Any) -> bool:
        """Whether the reply is streamed; `request` is made to ask for that, and for the usage."""
        streams = callback is not None or bool(request.get("stream"))
        request["stream"] = streams
        if streams:
            if (request.get("n") or 1) > 1:
                raise ValueError("Cannot stream multiple responses, please set n=1.")
            request.setdefault("stream_options", {"include_usage": True})
        return streams


def _is_coroutine(callback: Any) -> bool:
    return inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(
        getattr(callback, "__call__", None)  # noqa: B004  # what it would do, not whether it can
    )
