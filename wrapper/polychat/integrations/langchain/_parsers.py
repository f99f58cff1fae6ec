"""Parsers of structured output that give whole objects only.

LangChain's own complete what was cut: JSON without its end becomes an object with less in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, NoReturn

from langchain_core import exceptions
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, BaseMessageChunk
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.output_parsers.openai_tools import JsonOutputKeyToolsParser, PydanticToolsParser
from langchain_core.output_parsers.transform import BaseCumulativeTransformOutputParser
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, Generation, GenerationChunk

from polychat.integrations._whole import because, leading_json, whole_arguments


class _Whole(BaseCumulativeTransformOutputParser[Any]):
    """Gives whole objects; of a stream, a dict also as far as it has come.

    At its end a stream is read once more, as an answer that came at once: what was cut raises.
    """

    whole_only: bool = False
    """Whether a stream gives no parts of the object."""

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """The object in an answer. Raises `OutputParserException` for what is none, or was cut."""
        if not partial:
            return self._whole(result)
        if self.whole_only:
            return None
        try:
            return super().parse_result(result, partial=True)
        except RecursionError:  # nested without an end: not yet, and in the end an error
            return None

    def _whole(self, result: list[Generation]) -> Any:
        raise NotImplementedError

    def _transform(self, input: Iterator[str | BaseMessage]) -> Iterator[Any]:
        progress = _Progress(self)
        for piece in input:
            yield from progress.add(piece)
        yield from progress.end()

    async def _atransform(self, input: AsyncIterator[str | BaseMessage]) -> AsyncIterator[Any]:
        progress = _Progress(self)
        async for piece in input:
            for parsed in progress.add(piece):
                yield parsed
        for parsed in progress.end():
            yield parsed


class JsonText(_Whole, JsonOutputParser):
    """The JSON of a text."""

    def _whole(self, result: list[Generation]) -> Any:
        return whole_json(result[0])


class ObjectText(_Whole, PydanticOutputParser[Any]):
    """The JSON of a text, as an object of a pydantic class."""

    whole_only: bool = True

    def _whole(self, result: list[Generation]) -> Any:
        return self._parse_obj(whole_json(result[0]))


class JsonCall(_Whole, JsonOutputKeyToolsParser):
    """The arguments of a call of the function `key_name`."""

    first_tool_only: bool = True

    def _whole(self, result: list[Generation]) -> Any:
        check_call(self.key_name, _message(result[0]))
        return JsonOutputKeyToolsParser.parse_result(self, result)


class ObjectCall(_Whole, PydanticToolsParser):
    """The arguments of a call of the function `key_name`, as an object of a pydantic class."""

    key_name: str
    first_tool_only: bool = True
    whole_only: bool = True

    def _whole(self, result: list[Generation]) -> Any:
        check_call(self.key_name, _message(result[0]))
        return PydanticToolsParser.parse_result(self, result)


class _Progress:
    """What a stream has given so far, and what of it was told."""

    def __init__(self, parser: _Whole) -> None:
        self._parser = parser
        self._seen: GenerationChunk | ChatGenerationChunk | None = None
        self._told: Any = None

    def add(self, piece: str | BaseMessage) -> Iterator[Any]:
        """What a piece makes known."""
        new = _generation(piece)
        seen: Any = self._seen
        self._seen = new if seen is None else seen + new
        yield from self._news(partial=True)

    def end(self) -> Iterator[Any]:
        """What the end makes known."""
        if self._seen is not None:
            yield from self._news(partial=False)

    def _news(self, *, partial: bool) -> Iterator[Any]:
        assert self._seen is not None
        parsed = self._parser.parse_result([self._seen], partial=partial)
        if parsed is not None and parsed != self._told:
            yield parsed
            self._told = parsed


def _generation(piece: str | BaseMessage) -> GenerationChunk | ChatGenerationChunk:
    if isinstance(piece, str):
        return GenerationChunk(text=piece)
    if isinstance(piece, BaseMessageChunk):
        return ChatGenerationChunk(message=piece)
    fields = {k: v for k, v in vars(piece).items() if k != "type"}  # a whole answer at once
    return ChatGenerationChunk(message=AIMessageChunk(**fields))


def _message(generation: Generation) -> BaseMessage:
    return generation.message if isinstance(generation, ChatGeneration) else AIMessage("")


def whole_json(generation: Generation) -> Any:
    """The JSON value that a text begins with, maybe within a Markdown block. Raises
    `OutputParserException` where it is not whole, and tells a refusal."""
    text, message = generation.text, _message(generation)
    reason = message.response_metadata.get("finish_reason")
    try:
        return leading_json(text, reason)
    except ValueError as error:
        _refuse(message)
        what = f"The answer is no whole JSON{because(reason)}"
        raise OutputParserException(f"{what}: {text}", llm_output=text) from error


def check_call(name: str, message: BaseMessage) -> None:
    """Raises `OutputParserException` where a message has no whole call of a function, and tells
    a refusal."""
    reason = message.response_metadata.get("finish_reason")
    calls = [(called, arguments) for called, arguments in _calls(message) if called == name]
    if any(whole_arguments(arguments, reason) is not None for _, arguments in calls):
        return
    if calls:
        told = str(calls[0][1] or "")
        what = f"The arguments of {name} are no whole JSON object"
    else:
        _refuse(message)
        told = str(message.content)
        what = f"The answer does not call {name}"
    raise OutputParserException(f"{what}{because(reason)}: {told}", llm_output=told)


def _calls(message: BaseMessage) -> list[tuple[Any, Any]]:
    """Names and arguments of the calls of a message, as the model wrote them where that is known:
    in a stream LangChain's own calls are completed."""
    if isinstance(message, AIMessageChunk):
        return [(chunk["name"], chunk["args"]) for chunk in message.tool_call_chunks]
    if not isinstance(message, AIMessage):
        return []
    calls = [*message.tool_calls, *message.invalid_tool_calls]
    return [(call["name"], call["args"]) for call in calls]


def _refuse(message: BaseMessage) -> None:
    """Raises what LangChain has for a refusal, with the model's words."""
    words = message.additional_kwargs.get("refusal")
    if words:
        _raise_refusal(f"The model refused: {words}", str(words), message)


def _raise_refusal(what: str, words: str, message: BaseMessage) -> NoReturn:
    known: Any = getattr(exceptions, "ModelRefusalError", None)  # since langchain-core 1.7.5
    if known is not None:
        raise known(what, raw_message=message)
    raise OutputParserException(what, llm_output=words)
