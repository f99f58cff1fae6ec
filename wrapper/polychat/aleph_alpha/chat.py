"""Chats: what is sent, and what is answered. `_chat_stream` makes the items of a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self, cast

from polychat_rest.model import Model, own
from polychat_rest.shapes import is_object

from ._content import ImageLike, content_to_json
from ._wire import Answer, OpenEnum, Sendable, changed, generated, many, wire
from .structured_output import JSONSchema, ResponseFormat, format_to_json, parse

__all__ = [
    "ChatChoice",
    "ChatRequest",
    "ChatResponse",
    "ChatStreamChunk",
    "FinishReason",
    "FunctionCall",
    "Message",
    "Role",
    "StreamOptions",
    "TextMessage",
    "ToolCall",
    "ToolCallState",
    "ToolFunction",
    "Usage",
    "process_chat_stream",
    "stream_chat_item_from_json",
]


class Role(OpenEnum):
    """Who speaks. A role that is not listed is kept as a member without a name."""

    User = "user"
    Assistant = "assistant"
    System = "system"
    Tool = "tool"


class FinishReason(OpenEnum):
    """Why the model stopped. A reason that is not listed is kept as a member without a name."""

    Stop = "stop"
    Length = "length"
    ContentFilter = "content_filter"
    ToolCalls = "tool_calls"


@dataclass(frozen=True)
class FunctionCall(Answer):
    """A function's name, and the arguments that the model gives it: JSON, as text."""

    name: str
    arguments: str
    _model: ClassVar[str] = "ChatToolCallFunction"


@dataclass(frozen=True)
class ToolCall(Answer):
    """A call that the model wants made."""

    id: str
    type: str
    function: FunctionCall
    _model: ClassVar[str] = "ChatToolCall"
    _parts: ClassVar = {"function": FunctionCall.of}

    @classmethod
    def of(cls, raw: Any) -> Self:
        """From the generated model; a call without a type is one of a function."""
        call = super().of(raw)
        if isinstance(raw, Model):
            call.__dict__["type"] = call.type or "function"
        return call


def _tool_calls(calls: Sequence[ToolCall] | None) -> dict[str, Any]:
    return {} if calls is None else {"tool_calls": wire(calls)}


@dataclass(frozen=True)
class Message(Sendable):
    """A message to the model: text, or a list of texts and pictures (Pillow's or `Image`)."""

    role: Role
    content: str | Sequence[str | ImageLike] | None
    tool_call_id: str | None = None
    tool_calls: Sequence[ToolCall] | None = None
    _parts: ClassVar = {"role": Role, "tool_calls": many(ToolCall.from_json)}

    def to_json(self) -> dict[str, Any]:
        """The JSON object. Raises `ConfigurationError` for content that is none."""
        document = {"role": wire(self.role), "content": content_to_json(self.content)}
        document |= _tool_calls(self.tool_calls)
        if self.tool_call_id is not None:
            document["tool_call_id"] = self.tool_call_id
        return document


@dataclass(frozen=True)
class TextMessage(Answer):
    """A message of text; that of an answer can be sent back as it is."""

    role: Role
    content: str
    tool_calls: Sequence[ToolCall] | None = None
    _model: ClassVar[str] = "ChatMessage"
    _parts: ClassVar = {"role": Role.of, "tool_calls": many(ToolCall.of)}

    def to_json(self) -> dict[str, Any]:
        """The JSON object, as requests take it."""
        document = {"role": wire(self.role), "content": content_to_json(self.content)}
        return document | _tool_calls(self.tool_calls)


@dataclass(frozen=True)
class StreamOptions(Sendable):
    """Whether a stream ends with its `Usage`."""

    include_usage: bool


@dataclass(frozen=True)
class ToolFunction(Sendable):
    """The function that must be called: ``ToolFunction("function", {"name": ...})``."""

    type: Literal["function"]
    function: Any


@dataclass(frozen=True)
class ChatRequest(Sendable):
    """A conversation to go on with.

    `response_format` is a `JSONSchema` or a pydantic class. What follows after
    `parallel_tool_calls` is PhariaInference's too, though aleph-alpha-client does not know it:
    `n` alternatives, log probabilities, penalties from -2 to 2, and texts at which to `stop`.
    """

    model: str
    messages: Sequence[Message | TextMessage]
    maximum_tokens: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    stream_options: StreamOptions | None = None
    steering_concepts: Sequence[str] | None = None
    response_format: ResponseFormat | None = None
    tools: Sequence[Any] | None = None
    tool_choice: Literal["auto", "required", "none"] | ToolFunction | None = None
    parallel_tool_calls: bool | None = None
    n: int | None = field(default=None, kw_only=True)
    stop: str | Sequence[str] | None = field(default=None, kw_only=True)
    logprobs: bool | None = field(default=None, kw_only=True)
    top_logprobs: int | None = field(default=None, kw_only=True)
    logit_bias: Mapping[str, float] | None = field(default=None, kw_only=True)
    frequency_penalty: float | None = field(default=None, kw_only=True)
    presence_penalty: float | None = field(default=None, kw_only=True)
    _parts: ClassVar = {
        "messages": many(Message.from_json),
        "stream_options": StreamOptions.from_json,
        "response_format": JSONSchema.from_json,
        "tool_choice": lambda json: ToolFunction.from_json(json) if is_object(json) else json,
    }

    def to_json(self) -> dict[str, Any]:
        """The JSON object. Raises `ConfigurationError` for content or a format that is none."""
        given = {name: value for name, value in self.__dict__.items() if value is not None}
        response_format = given.pop("response_format", None)
        document: dict[str, Any] = wire(given)
        if response_format is not None:
            document["response_format"] = format_to_json(response_format)
        return document


@dataclass(frozen=True)
class Usage(Answer):
    """How many tokens were used."""

    completion_tokens: int
    prompt_tokens: int
    total_tokens: int
    _model: ClassVar[str] = "ChatUsage"


@dataclass(frozen=True)
class ChatChoice(Answer):
    """One of the alternatives of an answer."""

    index: int
    finish_reason: FinishReason | None
    message: TextMessage
    logprobs: Any = None
    _model: ClassVar[str] = "ChatChoice"
    _format: ClassVar[Any] = None
    _parts: ClassVar = {"finish_reason": FinishReason.of, "message": TextMessage.of}


_FIRST = ("finish_reason", "message", "logprobs")
"""What an answer has of its first choice."""


@dataclass(frozen=True)
class ChatResponse(Answer):
    """An answer: `finish_reason` and `message` are the first choice's, as are `logprobs`.

    `choices` has all; `parsed` is the object that a ``response_format`` asked for. Answers are
    equal if their reason and message are, as they are in aleph-alpha-client.
    """

    finish_reason: FinishReason | None
    message: TextMessage
    choices: Sequence[ChatChoice] = field(default=(), kw_only=True, compare=False, repr=False)
    usage: Usage | None = field(default=None, kw_only=True, compare=False)
    id: str | None = field(default=None, kw_only=True, compare=False)
    model: str | None = field(default=None, kw_only=True, compare=False)
    created: int | None = field(default=None, kw_only=True, compare=False)
    logprobs: Any = field(default=None, kw_only=True, compare=False, repr=False)
    _model: ClassVar[str] = "ChatResponse"
    _parts: ClassVar = {"choices": many(ChatChoice.of), "usage": Usage.of}
    _format: ClassVar[Any] = None

    @classmethod
    def of(cls, raw: Any, response_format: Any = None) -> Self:
        """From the generated model, and with the format that was asked for."""
        self = super().of(raw)
        state = self.__dict__
        first = self._first()
        for name in _FIRST:
            state[name] = getattr(first, name, None)
        if state["message"] is None:  # there is always a message to look into
            state["message"] = TextMessage(Role.Assistant, cast("Any", None))
        if response_format is not None:
            state["_format"] = response_format
            if first is not None:  # `dataclasses.replace` keeps this, and not what is beside
                first.__dict__["_format"] = response_format
        return self

    @property
    def parsed(self) -> Any:
        """The object in the answer: an instance of the pydantic class that was given as
        ``response_format``, or the JSON value where it was a `JSONSchema`. None where no format
        was asked for, tools are called, or there is no text. Raises `ResponseParseError` where it
        does not fit, or was cut before it was whole."""
        response_format = self._format or getattr(self._first(), "_format", None)
        text = self.message.content
        if response_format is None or (self.message.tool_calls and not text):
            return None
        state = self.__dict__
        if "_parsed" not in state:
            reason = getattr(self.finish_reason, "value", self.finish_reason)
            state["_parsed"] = parse(
                text or "", response_format, reason, getattr(self._raw, "__response__", None)
            )
        return state["_parsed"]

    def to_json(self) -> dict[str, Any]:
        """The JSON object, with all choices. The first has this object's reason and message."""
        if self._raw is not None:
            return self._raw.to_dict()
        first = self._first()
        choices = list(self.choices)
        if first is not None:
            choices[0] = changed(first, **{name: getattr(self, name) for name in _FIRST})
        elif not choices:
            choices = [ChatChoice(0, self.finish_reason, self.message, self.logprobs)]
        given = {"id": self.id, "model": self.model, "created": self.created, "usage": self.usage}
        return {"choices": wire(choices), **wire(given)}

    def _first(self) -> ChatChoice | None:
        choices: Any = self.choices  # a host may have sent anything
        if choices and isinstance(choices, (list, tuple)):
            first = cast("Sequence[Any]", choices)[0]
            return first if isinstance(first, ChatChoice) else None
        return None


@dataclass(frozen=True)
class ChatStreamChunk:
    """A piece of a streamed answer.

    `content` is "" where a piece brings a role only. `index` says to which alternative it
    belongs where several were asked for. What the service sends beside, such as
    ``reasoning_content``, answers to its own name.
    """

    content: str
    role: Role | None = None
    tool_calls: Sequence[ToolCall] | None = None
    index: int = field(default=0, kw_only=True)
    logprobs: Any = field(default=None, kw_only=True, compare=False, repr=False)
    _choice: ClassVar[Any] = None

    @property
    def raw(self) -> Any:
        """The generated choice that this was read from; None for what a user made."""
        choice = self._choice
        if is_object(choice):
            choice = self.__dict__["_choice"] = generated("ChatChunkChoice").from_dict(choice)
        return choice

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and self.raw is not None:
            for model in (self.raw.delta, self.raw):
                if hasattr(model, name):
                    return getattr(model, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @staticmethod
    def from_json(choice: Mapping[str, Any]) -> ChatStreamChunk:
        """From the JSON object of one choice of an event."""
        delta: Mapping[str, Any] = choice.get("delta") or {}
        role, calls = delta.get("role"), delta.get("tool_calls")
        return ChatStreamChunk(
            content=delta.get("content") or "",
            role=Role(role) if role else None,
            tool_calls=None if calls is None else many(ToolCall.from_json)(calls),
            index=choice.get("index") or 0,
            logprobs=choice.get("logprobs"),
        )

    def to_json(self) -> dict[str, Any]:
        """The reverse of `from_json`."""
        delta = {"role": wire(self.role), "content": self.content, **_tool_calls(self.tool_calls)}
        return {"index": self.index, "delta": delta, "logprobs": wire(self.logprobs)}


@dataclass
class ToolCallState:
    """A tool call of a stream as far as it has come."""

    id: str
    arguments: str
    type: str
    function_name: str


def stream_chat_item_from_json(
    json: Mapping[str, Any],
) -> ChatStreamChunk | FinishReason | Usage:
    """The most telling item of one event: its usage, else its finish reason, else its piece.
    An event may hold several: `process_chat_stream` gives all."""
    usage = json.get("usage")
    if usage is not None:
        return Usage.from_json(usage)
    choices: Sequence[Mapping[str, Any]] = json.get("choices") or [{}]
    reason = choices[0].get("finish_reason")
    return ChatStreamChunk.from_json(choices[0]) if reason is None else FinishReason(reason)


async def process_chat_stream(
    s: AsyncIterator[Mapping[str, Any]],
) -> AsyncIterator[ChatStreamChunk | Usage | ToolCall | FinishReason]:
    """The items of a stream of JSON events."""
    from ._chat_stream import ChatItems

    items = ChatItems()
    async for json in s:
        for item in items.of(own(json)):  # the caller's documents stay as they are
            yield item
    for item in items.rest():
        yield item
