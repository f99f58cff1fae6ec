"""`ChatAimlapi`: AIMLAPI's chat as a LangChain chat model."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.base import LangSmithParams
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.messages.utils import count_tokens_approximately
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field, model_validator

from polychat.errors import ConfigurationError
from polychat.integrations._answers import malformed

from ._connection import Connection, given, method, unknown_argument
from ._messages import PROVIDER, StreamState, from_wire, metadata_of, to_wire
from ._structured import structured, tool_choice_of

if TYPE_CHECKING:
    from polychat import ResponseInfo
    from polychat_rest.aimlapi.models import ChatCompletionResponse

_SENT = (
    "temperature", "max_tokens", "max_completion_tokens", "top_p", "top_k", "n", "seed", "stop",
    "logprobs", "top_logprobs", "logit_bias", "presence_penalty", "frequency_penalty",
    "repetition_penalty", "reasoning_effort", "reasoning", "verbosity", "service_tier",
)  # fmt: skip
"""Our fields that are fields of the request under the same name."""


class ChatAimlapi(Connection, BaseChatModel):
    """A chat model of AIMLAPI.

    ```python
    llm = ChatAimlapi(model="openai/gpt-5-chat-latest", temperature=0.7, timeout=30)
    llm.invoke([("human", "I love programming.")])
    ```

    Keywords that are fields of AIMLAPI's chat request but not listed here go into ``model_kwargs``;
    what the spec does not know goes into ``extra_body``. Another unknown keyword is an error.

    Answers have ``usage_metadata`` (streams too), and in ``response_metadata`` the model, the
    finish reason, ids, log probabilities and the ``cost`` in credits and dollars. Thoughts of
    reasoning models are in ``additional_kwargs["reasoning_content"]``, and reasoning blocks of
    ``content_blocks``. Errors are those of `polychat.errors`.
    """

    model_name: str = Field(default="gpt-5.6-terra", alias="model")
    temperature: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    top_p: float | None = None
    top_k: int | None = None
    n: int | None = None
    stop: list[str] | str | None = Field(default=None, alias="stop_sequences")
    seed: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    logit_bias: dict[str, int] | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    repetition_penalty: float | None = None
    reasoning_effort: str | None = None
    reasoning: dict[str, Any] | None = None
    verbosity: str | None = None
    service_tier: str | None = None
    streaming: bool = False
    stream_usage: bool = True
    """Whether streams tell their token counts."""
    include_response_headers: bool = False
    """Whether ``response_metadata["headers"]`` has the answer's headers."""
    disabled_params: dict[str, Any] | None = None
    """Fields that are not sent: always (None), or with these values."""
    extra_body: Mapping[str, Any] | None = None
    """Sent beside, and in the place of, what is built from the other fields."""
    model_kwargs: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _sort_keywords(cls, values: Any) -> Any:
        """Puts fields of the request that are not listed above into `model_kwargs`."""
        known = set(cls.model_fields)
        for field in cls.model_fields.values():
            known |= {field.alias} if field.alias else set()
        unknown = {name for name in values if name not in known}
        if not values.get("use_responses_api", True):
            unknown.discard("use_responses_api")  # there is nothing else here
            values = {k: v for k, v in values.items() if k != "use_responses_api"}
        if not unknown:
            return values
        from polychat_rest.aimlapi.params import ChatCompletionRequestBase

        specified = ChatCompletionRequestBase.__annotations__.keys()
        if strange := sorted(unknown - specified):
            raise unknown_argument(cls, strange[0], known | specified)
        more: dict[str, Any] = dict(values.get("model_kwargs") or {})
        more |= {name: values[name] for name in unknown}
        return {**{k: v for k, v in values.items() if k not in unknown}, "model_kwargs": more}

    @property
    def _llm_type(self) -> str:
        return "aimlapi-chat"

    @property
    def lc_attributes(self) -> dict[str, Any]:
        """What is written down beside the arguments that were given."""
        return {"aimlapi_api_base": self.aimlapi_api_base}

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model_name, **self._fields()}

    def _fields(self) -> dict[str, Any]:
        fields = given(**{name: getattr(self, name) for name in _SENT})
        if not fields.get("stop"):
            fields.pop("stop", None)  # some models refuse an empty list
        return {**fields, **self.model_kwargs}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        """What LangSmith shows of a call."""
        fields = {**self._fields(), **kwargs}
        params = LangSmithParams(
            ls_provider=PROVIDER,
            ls_model_type="chat",
            ls_model_name=kwargs.get("model", self.model_name),
        )
        temperature = fields.get("temperature")
        if temperature is not None:
            params["ls_temperature"] = temperature
        limit = fields.get("max_tokens") or fields.get("max_completion_tokens")
        if limit is not None:
            params["ls_max_tokens"] = limit
        ends = stop or fields.get("stop")
        if ends:
            params["ls_stop"] = [ends] if isinstance(ends, str) else list(ends)
        return params

    def _request(
        self, messages: Sequence[BaseMessage], stop: list[str] | None, kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        """The keywords of the client's call."""
        fields: dict[str, Any] = {"model": self.model_name, **self._fields(), **kwargs}
        if stop:
            fields["stop"] = stop
        body = dict(self.extra_body or {})
        body |= fields.pop("extra_body", None) or {}
        for name, values in (self.disabled_params or {}).items():
            if values is None or fields.get(name) in values:
                fields.pop(name, None)
        request = {**self._options(), **fields, "messages": to_wire(messages)}
        return {**request, "extra_body": body} if body else request

    def _streamed_request(self, *args: Any) -> dict[str, Any]:
        request = self._request(*args)
        if (request.get("n") or 1) > 1:
            raise ConfigurationError("n must be 1 in a stream", platform=PROVIDER)
        usage = request.pop("stream_usage", self.stream_usage)
        if usage and "stream_options" not in request:
            request["stream_options"] = {"include_usage": True}
        return {**request, "stream": True}

    def _result(self, answer: ChatCompletionResponse) -> ChatResult:
        generations: list[ChatGeneration] = []
        if not answer.choices:
            raise malformed(answer, "the answer has no choices")
        for choice in answer.choices:
            if getattr(choice, "message", None) is None:
                raise malformed(answer, "a choice has no message")
            message = from_wire(choice.message, answer.usage, choice.finish_reason)
            message.response_metadata = metadata_of(answer, choice.finish_reason, choice.logprobs)
            if self.include_response_headers:
                message.response_metadata["headers"] = dict(answer.__response__.headers)
            if answer.usage is not None:
                message.response_metadata["token_usage"] = answer.usage.to_dict()
            info = {"finish_reason": choice.finish_reason}
            generations.append(ChatGeneration(message=message, generation_info=info))
        usage = {} if answer.usage is None else answer.usage.to_dict()
        output = {"model_name": answer.model, "token_usage": usage, "id": answer.id}
        return ChatResult(generations=generations, llm_output=output)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        kwargs.pop("stream_usage", None)
        request = self._request(messages, stop, kwargs)
        return self._result(method(self._client.chat.completions.create)(**request))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        kwargs.pop("stream_usage", None)
        request = self._request(messages, stop, kwargs)
        return self._result(await method(self._async_client.chat.completions.create)(**request))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        request = self._streamed_request(messages, stop, kwargs)
        state = StreamState()
        with method(self._client.chat.completions.create)(**request) as stream:
            for chunk in stream:
                new = state.message(chunk)
                if new is not None:
                    piece = ChatGenerationChunk(message=new[0])
                    if run_manager is not None:
                        run_manager.on_llm_new_token(piece.text, chunk=piece, logprobs=new[1])
                    yield piece
            yield self._end(state, stream.response)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        request = self._streamed_request(messages, stop, kwargs)
        state = StreamState()
        async with await method(self._async_client.chat.completions.create)(**request) as stream:
            async for chunk in stream:
                new = state.message(chunk)
                if new is not None:
                    piece = ChatGenerationChunk(message=new[0])
                    if run_manager is not None:
                        await run_manager.on_llm_new_token(piece.text, chunk=piece, logprobs=new[1])
                    yield piece
            yield self._end(state, stream.response)

    def _end(self, state: StreamState, info: ResponseInfo) -> ChatGenerationChunk:
        if not state.answered:
            raise malformed({}, "the stream has no choices", info=info)
        message = state.last(info.request_id)
        if self.include_response_headers:
            message.response_metadata["headers"] = dict(info.headers)
        return ChatGenerationChunk(message=message)

    def get_num_tokens(self, text: str) -> int:
        """About how many tokens `text` has: four characters each. AIMLAPI's models are of many
        vendors; `custom_get_token_ids` takes a tokenizer of your own."""
        if self.custom_get_token_ids is not None:
            return super().get_num_tokens(text)
        return math.ceil(len(text) / 4)

    def get_num_tokens_from_messages(
        self, messages: list[BaseMessage], tools: Sequence[Any] | None = None
    ) -> int:
        """About how many tokens messages have, as `get_num_tokens` counts; without `tools`."""
        if self.custom_get_token_ids is not None:
            return super().get_num_tokens_from_messages(messages, tools)
        return count_tokens_approximately(messages)

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: dict[str, Any] | str | bool | None = None,
        strict: bool | None = None,
        parallel_tool_calls: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """The model with tools. `tool_choice`: ``auto``, ``none``, ``any`` or ``required`` (or
        True), a tool's name, or AIMLAPI's object; `strict`: arguments must fit the schemas."""
        converted = [convert_to_openai_tool(tool, strict=strict) for tool in tools]
        choice = tool_choice_of(tool_choice, converted)
        more = given(tool_choice=choice, parallel_tool_calls=parallel_tool_calls)
        return super().bind(tools=converted, **more, **kwargs)

    def with_structured_output(
        self,
        schema: dict[str, Any] | type | None = None,
        *,
        method: Literal["function_calling", "json_mode", "json_schema"] = "function_calling",
        include_raw: bool = False,
        strict: bool | None = None,
        tools: list[Any] | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """The model, answering objects of `schema`: a pydantic class, a TypedDict or a JSON Schema.

        `method`: by a call of a function, by AIMLAPI's ``json_schema``, or by its ``json_object``
        (then the prompt must ask for JSON and say which). With `include_raw` the result is a dict
        of ``raw``, ``parsed`` and ``parsing_error``, and no parsing error is raised. `tools` may be
        called beside, with ``json_schema`` and `include_raw`.
        """
        return structured(self, schema, method, include_raw, strict, tools, kwargs)
