"""Answers that follow a JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from polychat.errors import ConfigurationError, ResponseParseError
from polychat_rest import codec

from ._name import PLATFORM
from ._wire import Sendable

if TYPE_CHECKING:
    from pydantic import BaseModel

    from polychat._core.info import ResponseInfo

    ResponseFormat: TypeAlias = "JSONSchema | type[BaseModel]"

__all__ = ["JSONSchema", "ResponseFormat"]


@dataclass(frozen=True)
class JSONSchema(Sendable):
    """The schema that an answer must follow, under a name and with a description for the model."""

    schema: Mapping[str, Any]
    name: str
    description: str | None = None
    strict: bool | None = False

    def to_json(self) -> dict[str, Any]:
        """The JSON object of ``response_format``."""
        return {"type": "json_schema", "json_schema": super().to_json()}

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> JSONSchema:
        """The reverse of `to_json`."""
        return cls(**json["json_schema"])

    @classmethod
    def from_pydantic(
        cls,
        model_class: type[BaseModel],
        *,
        name: str | None = None,
        description: str | None = None,
        strict: bool = True,
    ) -> JSONSchema:
        """The schema of a pydantic class, under its name and with its docstring unless others
        are given. Use it as the ``response_format``, or the class itself: then the answer's
        `ChatResponse.parsed` is an instance of it."""
        schema = model_class.model_json_schema()
        return cls(
            schema=schema,
            name=name or model_class.__name__,
            description=description or schema.get("description"),
            strict=strict,
        )


if not TYPE_CHECKING:  # for get_type_hints and pydantic, without importing the latter
    ResponseFormat = JSONSchema | type[Any]


def format_to_json(response_format: Any) -> dict[str, Any]:
    """``response_format`` as it is sent. Raises `ConfigurationError` for what is no format."""
    if isinstance(response_format, type) and hasattr(response_format, "model_json_schema"):
        return JSONSchema.from_pydantic(response_format).to_json()
    if hasattr(response_format, "to_json"):
        return response_format.to_json()  # type: ignore[no-any-return]
    if isinstance(response_format, Mapping):
        return dict(response_format)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise ConfigurationError(
        f"response_format is a {type(response_format).__name__}",
        platform=PLATFORM,
        remedy="Pass a JSONSchema or a pydantic class",
    )


_CUT = {
    "length": "The answer was cut (finish_reason: length). Raise maximum_tokens to have all of it",
    "content_filter": "The content filter ended the answer (finish_reason: content_filter)",
}


def parse(text: str, response_format: Any, reason: str | None, info: ResponseInfo | None) -> Any:
    """The object in an answer that ended for a `reason`: an instance of the pydantic class, else
    the JSON value; None for an answer without text that was not cut. Raises `ResponseParseError`,
    which tells the `info` of the answer, where the text does not fit, or is not whole."""
    if not text and reason not in _CUT:
        return None
    try:
        if reason in _CUT and text.lstrip()[:1] not in ("{", "[", '"'):
            raise ValueError("a value of which there may be more")  # 12 may begin 123
        if isinstance(response_format, type):
            return response_format.model_validate_json(text)  # type: ignore[attr-defined]
        return codec.decode(text)
    except ValueError as error:  # of msgspec and of pydantic alike
        raise ResponseParseError(
            f"the answer does not follow the response_format: {error}",
            platform=PLATFORM,
            body=text,
            remedy=_CUT.get(reason or "", "Look at finish_reason, which tells how it ended"),
            **(info.common() if info else {}),
        ) from error
