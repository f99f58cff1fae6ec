"""Prompts: text, tokens and pictures, and controls of how much a part of them counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from polychat.errors import ConfigurationError
from polychat_rest.shapes import is_object

from ._name import PLATFORM
from ._wire import Sendable, many
from .image import ControlTokenOverlap, Cropping, Image, ImageControl

__all__ = [
    "ControlTokenOverlap",
    "Cropping",
    "Image",
    "ImageControl",
    "Prompt",
    "PromptItem",
    "Text",
    "TextControl",
    "TokenControl",
    "Tokens",
]


@dataclass(frozen=True)
class TokenControl(Sendable):
    """How much the token at `pos` (from 0) counts: 1 as usual, less below, more above."""

    pos: int
    factor: float

    def to_json(self) -> dict[str, Any]:
        """The JSON object, in which the position is called ``index``."""
        return {"index": self.pos, "factor": self.factor}

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> TokenControl:
        """The reverse of `to_json`."""
        return cls(json["index"], json["factor"])


@dataclass(frozen=True)
class Tokens(Sendable):
    """A part of a prompt as token ids."""

    tokens: Sequence[int]
    controls: Sequence[TokenControl] = field(default_factory=list[TokenControl])

    def to_json(self) -> dict[str, Any]:
        """The JSON object of a ``token_ids`` item."""
        controls = [control.to_json() for control in self.controls]
        return {"type": "token_ids", "data": list(self.tokens), "controls": controls}

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Tokens:
        """The reverse of `to_json`, controls too."""
        return cls(json["data"], many(TokenControl.from_json)(json.get("controls") or []))

    @staticmethod
    def from_token_ids(token_ids: Sequence[int]) -> Tokens:
        """Tokens without controls."""
        return Tokens(token_ids, [])


@dataclass(frozen=True)
class TextControl(Sendable):
    """How much `length` characters of a text from `start` count: 1 as usual."""

    start: int
    length: int
    factor: float
    token_overlap: ControlTokenOverlap | None = None

    _parts = {"token_overlap": ControlTokenOverlap}


@dataclass(frozen=True)
class Text(Sendable):
    """A part of a prompt as text."""

    text: str
    controls: Sequence[TextControl] = field(default_factory=list[TextControl])

    def to_json(self) -> dict[str, Any]:
        """The JSON object of a ``text`` item."""
        controls = [control.to_json() for control in self.controls]
        return {"type": "text", "data": self.text, "controls": controls}

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Text:
        """The reverse of `to_json`, controls too."""
        return cls(json["data"], many(TextControl.from_json)(json.get("controls") or []))

    @staticmethod
    def from_text(text: str) -> Text:
        """Text without controls."""
        return Text(text, [])


PromptItem: TypeAlias = Text | Tokens | Image

_ITEMS: dict[str, type[Text | Tokens | Image]] = {"text": Text, "token_ids": Tokens, "image": Image}


@dataclass(init=False)
class Prompt:
    """What a model is to go on with: its parts in order. Plain text will do for a single one."""

    items: Sequence[PromptItem]

    def __init__(self, items: str | Sequence[PromptItem]) -> None:
        self.items = [Text(items, [])] if isinstance(items, str) else items

    @staticmethod
    def from_text(text: str, controls: Sequence[TextControl] | None = None) -> Prompt:
        """A prompt of one text."""
        return Prompt([Text(text, controls or [])])

    @staticmethod
    def from_image(image: Image) -> Prompt:
        """A prompt of one picture."""
        return Prompt([image])

    @staticmethod
    def from_tokens(
        tokens: Sequence[int], controls: Sequence[TokenControl] | None = None
    ) -> Prompt:
        """A prompt of token ids."""
        return Prompt([Tokens(tokens, controls or [])])

    def to_json(self) -> list[dict[str, Any]]:
        """The JSON array. Raises `ConfigurationError` for an item that is no part of a prompt."""
        return [_item_to_json(item) for item in self.items]

    @staticmethod
    def from_json(items_json: str | Sequence[Mapping[str, Any]]) -> Prompt:
        """The reverse of `to_json`. Items of a kind that is not known here stay as they are."""
        if isinstance(items_json, str):
            return Prompt(items_json)
        return Prompt([_item_from_json(item) for item in items_json])


def _item_from_json(item: Mapping[str, Any]) -> Any:
    known = _ITEMS.get(item.get("type", "")) if is_object(item) else None
    return item if known is None else known.from_json(item)


def _item_to_json(item: Any) -> dict[str, Any]:
    if hasattr(item, "to_json"):
        return item.to_json()  # type: ignore[no-any-return]
    if isinstance(item, str):
        return {"type": "text", "data": item}
    if isinstance(item, list):
        return {"type": "token_ids", "data": item}
    if is_object(item):
        return dict(item)
    raise ConfigurationError(
        f"a {type(item).__name__} cannot be part of a prompt",
        platform=PLATFORM,
        remedy="Pass Text, Tokens, Image or plain text",
    )


def as_prompt(value: Any) -> Any:
    """A `Prompt` of JSON; a prompt stays itself."""
    return value if isinstance(value, Prompt) else Prompt.from_json(value)
