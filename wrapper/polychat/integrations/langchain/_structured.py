"""Structured output by its three methods, and the choice of tools."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.output_parsers import BaseOutputParser
from langchain_core.runnables import Runnable, RunnableLambda, RunnableMap
from langchain_core.utils.function_calling import convert_to_openai_function
from langchain_core.utils.pydantic import is_basemodel_subclass

from polychat.errors import ConfigurationError
from polychat_rest.shapes import is_object

from ._parsers import JsonCall, JsonText, ObjectCall, ObjectText

_METHODS = ("function_calling", "json_schema", "json_mode")
_MODES = {"auto", "none", "required"}


def tool_choice_of(choice: Any, tools: Sequence[dict[str, Any]]) -> Any:
    """`choice` as AIMLAPI takes it. Raises `ConfigurationError` for a tool that is not there."""
    if choice is None or choice is False:
        return None
    if is_object(choice):
        return choice
    if choice is True or choice == "any":
        return "required"
    if choice in _MODES:
        return choice
    names = [tool.get("function", {}).get("name") for tool in tools]
    if choice not in names:
        raise ConfigurationError(
            f"tool_choice={choice!r} is none of the tools {names}",
            platform="aimlapi",
            remedy="Pass the name of a tool, 'auto', 'any' or 'none'",
        )
    return {"type": "function", "function": {"name": choice}}


def structured(
    model: BaseChatModel,
    schema: Any,
    method: str,
    include_raw: bool,
    strict: bool | None,
    tools: list[Any] | None,
    kwargs: dict[str, Any],
) -> Runnable[Any, Any]:
    """See `ChatAimlapi.with_structured_output`."""
    _check(schema, method, include_raw, strict, tools)
    asked: Any = schema  # None was refused, where it may not be
    # LangSmith shows how the answer was asked for; it is taken out before anything is sent.
    shown: dict[str, Any] = {"kwargs": {"method": method, "strict": strict}, "schema": schema}
    if method == "json_mode":
        shown["kwargs"] = {"method": method}
    if schema is not None:
        kwargs = {**kwargs, "ls_structured_output_format": shown}
    parser: BaseOutputParser[Any]
    if method == "function_calling":
        name = convert_to_openai_function(asked)["name"]
        bound = model.bind_tools([asked], tool_choice=name, parallel_tool_calls=False,
                                 strict=strict, **kwargs)  # fmt: skip
        parser = _of_call(name, asked)
    else:
        if method == "json_schema":
            wanted: dict[str, Any] = _json_schema(asked, strict)
        else:
            wanted = {"type": "json_object"}
        if tools:
            bound = model.bind_tools(tools, strict=strict, response_format=wanted, **kwargs)
        else:
            bound = model.bind(response_format=wanted, **kwargs)
        parser = _of_text(asked)
    if not include_raw:
        return bound | parser
    return RunnableMap(raw=bound) | RunnableLambda(_outcome(parser))


def _of_call(name: str, schema: Any) -> BaseOutputParser[Any]:
    if _is_class(schema):
        return ObjectCall(tools=[schema], key_name=name)
    return JsonCall(key_name=name)


def _of_text(schema: Any) -> BaseOutputParser[Any]:
    if _is_class(schema):
        return ObjectText(pydantic_object=schema)
    return JsonText()


def _outcome(parser: BaseOutputParser[Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Adds to an answer the object in it, or why there is none."""

    def add(answered: dict[str, Any]) -> dict[str, Any]:
        try:
            parsed = parser.invoke(answered["raw"])
        except Exception as error:  # noqa: BLE001  # whatever it is: it is told, and not raised
            return {**answered, "parsed": None, "parsing_error": error}
        return {**answered, "parsed": parsed, "parsing_error": None}

    return add


def _is_class(schema: Any) -> bool:
    return isinstance(schema, type) and is_basemodel_subclass(schema)


def _check(
    schema: Any, method: str, include_raw: bool, strict: bool | None, tools: list[Any] | None
) -> None:
    if method not in _METHODS:
        raise ConfigurationError(f"method={method!r}", remedy=f"Pass one of {', '.join(_METHODS)}")
    if schema is None and method != "json_mode":
        raise ConfigurationError(f"schema is missing, which method={method!r} needs")
    if tools and (method != "json_schema" or not include_raw):
        raise ConfigurationError(
            "tools need method='json_schema' and include_raw=True: a call of them is no object",
        )
    if strict is not None and method == "json_mode":
        raise ConfigurationError("strict has no meaning with method='json_mode'")


def _json_schema(schema: Any, strict: bool | None) -> dict[str, Any]:
    """The response format of a schema. A dict may be that format, or its inner part, already."""
    if is_object(schema):
        if schema.get("type") == "json_schema" and "json_schema" in schema:
            return dict(schema)
        if "name" in schema and "schema" in schema:
            return {"type": "json_schema", "json_schema": schema}
    function = convert_to_openai_function(schema, strict=strict)
    inner: dict[str, Any] = {"name": function["name"], "schema": function["parameters"]}
    if function.get("description"):
        inner["description"] = function["description"]
    if strict is not None:
        inner["strict"] = strict
    return {"type": "json_schema", "json_schema": inner}
