"""Tools that a model may call, its calls, and the form that it must answer in."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ._base import Model, part, plain


class FunctionDefinition(Model):
    """A function that the model may call; `parameters` is a JSON schema."""

    name: str = plain()
    description: str | None = plain(default=None)
    parameters: Any | None = plain(default=None)


class ChatCompletionsToolDefinition(Model, constant=("type", "function")):
    """A tool that the model may call."""

    type: Literal["function"] = plain(default="function")
    function: FunctionDefinition = part(lambda: FunctionDefinition)


class FunctionCall(Model):
    """A call of a function; `arguments` is JSON text that the model wrote, in streams a piece
    of it."""

    name: str = plain()
    arguments: str = plain()


class ChatCompletionsToolCall(Model, constant=("type", "function")):
    """A tool call."""

    id: str = plain()
    type: Literal["function"] = plain(default="function")
    function: FunctionCall = part(lambda: FunctionCall)


class ChatCompletionsNamedToolChoiceFunction(Model):
    """The name of the function to call."""

    name: str = plain()


class ChatCompletionsNamedToolChoice(Model, constant=("type", "function")):
    """Makes the model call one tool."""

    type: Literal["function"] = plain(default="function")
    function: ChatCompletionsNamedToolChoiceFunction = part(
        lambda: ChatCompletionsNamedToolChoiceFunction
    )


class JsonSchemaFormat(Model):
    """A JSON schema that the answer must fit; pass it as ``response_format``."""

    name: str = plain()
    schema: dict[str, Any] = plain()
    description: str | None = plain(default=None)
    strict: bool | None = plain(default=None)


class ChatCompletionsResponseFormat(Model):
    """The form of the answer, as older betas name it; ``"text"``, ``"json_object"`` and
    `JsonSchemaFormat` say the same."""

    _kinds: ClassVar[dict[str, type[Model]] | None] = {}

    type: str = plain(default=None)


class ChatCompletionsResponseFormatText(ChatCompletionsResponseFormat, tag=("type", "text")):
    """Text."""


class ChatCompletionsResponseFormatJsonObject(
    ChatCompletionsResponseFormat, tag=("type", "json_object")
):
    """Any JSON object."""


class ChatCompletionsResponseFormatJsonSchema(
    ChatCompletionsResponseFormat, tag=("type", "json_schema")
):
    """A JSON document that fits a schema."""

    json_schema: JsonSchemaFormat = part(lambda: JsonSchemaFormat)


ChatCompletionsResponseFormatJSON = ChatCompletionsResponseFormatJsonObject
