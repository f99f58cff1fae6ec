"""Which parts of a prompt made a completion likely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, TypeAlias

from polychat.errors import ConfigurationError
from polychat_rest.model import Model, plain

from ._name import PLATFORM
from ._scores import (
    ImageScore,
    TargetScore,
    TargetScoreWithRaw,
    TextScore,
    TextScoreWithRaw,
    TokenScore,
)
from ._wire import Answer, Sendable, changed, many, wire
from .prompt import ControlTokenOverlap, Image, Prompt, PromptItem, Text, as_prompt

__all__ = [
    "CustomGranularity",
    "Explanation",
    "ExplanationPostprocessing",
    "ExplanationRequest",
    "ExplanationResponse",
    "ImagePromptItemExplanation",
    "ImageScore",
    "PromptGranularity",
    "TargetGranularity",
    "TargetPromptItemExplanation",
    "TargetScore",
    "TargetScoreWithRaw",
    "TextPromptItemExplanation",
    "TextScore",
    "TextScoreWithRaw",
    "TokenPromptItemExplanation",
    "TokenScore",
    "prompt_granularity_to_json",
]


class ExplanationPostprocessing(Enum):
    """What is done to scores: squared, or without their sign."""

    Square = "square"
    Absolute = "absolute"

    def to_json(self) -> str:
        """The wire's name."""
        return self.value


@dataclass(frozen=True)
class CustomGranularity(Sendable):
    """Parts of a prompt that a text of your own divides."""

    delimiter: str

    def to_json(self) -> dict[str, Any]:
        """The JSON object."""
        return {"type": "custom", "delimiter": self.delimiter}

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> CustomGranularity:
        """The reverse of `to_json`."""
        return cls(json["delimiter"])


class PromptGranularity(Enum):
    """How large the parts of a prompt are that get scores."""

    Token = "token"  # noqa: S105  # a piece of text
    Word = "word"
    Sentence = "sentence"
    Paragraph = "paragraph"

    def to_json(self) -> dict[str, Any]:
        """The JSON object."""
        return {"type": self.value}


def prompt_granularity_to_json(
    prompt_granularity: PromptGranularity | str | CustomGranularity,
) -> dict[str, Any]:
    """The JSON object of a granularity; a text is the name of one."""
    if isinstance(prompt_granularity, str):
        return {"type": prompt_granularity}
    return prompt_granularity.to_json()


def _granularity(json: Any) -> Any:
    if json.get("type") == "custom":
        return CustomGranularity(json["delimiter"])
    return PromptGranularity(json["type"])


class TargetGranularity(Enum):
    """Whether the target is explained as a whole or token by token."""

    Complete = "complete"
    Token = "token"  # noqa: S105  # a piece of text

    def to_json(self) -> str:
        """The wire's name."""
        return self.value


@dataclass(frozen=True)
class ExplanationRequest(Sendable):
    """A prompt, and the completion (`target`) that is to be explained by it."""

    prompt: Prompt
    target: str
    contextual_control_threshold: float | None = None
    control_factor: float | None = None
    control_token_overlap: ControlTokenOverlap | None = None
    control_log_additive: bool | None = None
    prompt_granularity: PromptGranularity | str | CustomGranularity | None = None
    target_granularity: TargetGranularity | None = None
    postprocessing: ExplanationPostprocessing | None = None
    normalize: bool | None = None
    _parts: ClassVar = {
        "prompt": as_prompt,
        "control_token_overlap": ControlTokenOverlap,
        "prompt_granularity": _granularity,
        "target_granularity": TargetGranularity,
        "postprocessing": ExplanationPostprocessing,
    }

    def to_json(self) -> dict[str, Any]:
        """The JSON object."""
        document = super().to_json()
        if self.prompt_granularity is not None:
            document["prompt_granularity"] = prompt_granularity_to_json(self.prompt_granularity)
        return document


@dataclass(frozen=True)
class _Scores(Answer):
    """The scores of one item."""

    scores: Sequence[Any]
    _type: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """The JSON object, which says of what kind it is."""
        return self._with_rest({"type": self._type, "scores": wire(self.scores)})


@dataclass(frozen=True)
class ImagePromptItemExplanation(_Scores):
    """Scores of the parts of a picture, whose sides are shares of the picture's."""

    scores: Sequence[ImageScore]
    _model: ClassVar[str] = "ImagePromptItemImportance"
    _type: ClassVar[str] = "image"
    _parts: ClassVar = {"scores": many(ImageScore.of)}

    def in_pixels(self, prompt_item: PromptItem) -> ImagePromptItemExplanation:
        """The same in pixels of the picture. Needs Pillow. Raises `ConfigurationError` (a
        ValueError) for an item that is no picture."""
        if not isinstance(prompt_item, Image):
            raise ConfigurationError("the prompt's item is no Image", platform=PLATFORM)
        width, height = prompt_item.dimensions()
        return changed(self, scores=[score.in_pixels(width, height) for score in self.scores])


@dataclass(frozen=True)
class TextPromptItemExplanation(_Scores):
    """Scores of the parts of a text."""

    scores: Sequence[TextScore | TextScoreWithRaw]
    _model: ClassVar[str] = "TextPromptItemImportance"
    _type: ClassVar[str] = "text"
    _parts: ClassVar = {"scores": many(TextScore.of)}

    def with_text(self, prompt: Text) -> TextPromptItemExplanation:
        """The same with the text of each part."""
        known = [
            TextScoreWithRaw.from_text_score(score, prompt) if type(score) is TextScore else score
            for score in self.scores
        ]
        return changed(self, scores=known)


@dataclass(frozen=True)
class TargetPromptItemExplanation(_Scores):
    """Scores of the parts of the target."""

    scores: Sequence[TargetScore | TargetScoreWithRaw]
    _model: ClassVar[str] = "TargetItemImportance"
    _type: ClassVar[str] = "target"
    _parts: ClassVar = {"scores": many(TargetScore.of)}

    def with_text(self, prompt: str) -> TargetPromptItemExplanation:
        """The same with the text of each part."""
        known = [
            TargetScoreWithRaw.from_target_score(score, prompt)
            if type(score) is TargetScore
            else score
            for score in self.scores
        ]
        return changed(self, scores=known)


@dataclass(frozen=True)
class TokenPromptItemExplanation(_Scores):
    """Scores of tokens, one a token."""

    scores: Sequence[TokenScore]
    _model: ClassVar[str] = "TokenIdsPromptItemImportance"
    _type: ClassVar[str] = "token_ids"
    _parts: ClassVar = {"scores": many(TokenScore)}


ItemExplanation: TypeAlias = (
    TextPromptItemExplanation
    | TargetPromptItemExplanation
    | TokenPromptItemExplanation
    | ImagePromptItemExplanation
)
_ITEMS: dict[str, type[ItemExplanation]] = {
    "text": TextPromptItemExplanation,
    "target": TargetPromptItemExplanation,
    "token_ids": TokenPromptItemExplanation,
    "image": ImagePromptItemExplanation,
}


def _item(raw: Any) -> Any:
    """The scores of an item; those of a kind that is not known stay as they came."""
    kind = _ITEMS.get(getattr(raw, "type", "")) if isinstance(raw, Model) else None
    return plain(raw) if kind is None else kind.of(raw)


@dataclass(frozen=True)
class Explanation(Answer):
    """The scores of each item of the prompt, and of the target that came before."""

    target: str
    items: Sequence[ItemExplanation]
    _model: ClassVar[str] = "Explanation"
    _parts: ClassVar = {"items": many(_item)}

    @staticmethod
    def prompt_item_from_json(item: Mapping[str, Any]) -> ItemExplanation:
        """The scores of one item. Raises NotImplementedError for a kind that is not known."""
        kind = _ITEMS.get(item.get("type", ""))
        if kind is None:
            raise NotImplementedError(f"there are no scores of type {item.get('type')!r}")
        return kind.from_json(item)

    def with_image_prompt_items_in_pixels(self, prompt: Prompt) -> Explanation:
        """The same with the parts of pictures in pixels. Needs Pillow."""
        items = [
            item.in_pixels(prompt.items[place])
            if isinstance(item, ImagePromptItemExplanation)
            else item
            for place, item in enumerate(self.items)
        ]
        return changed(self, items=items)

    def with_text_from_prompt(self, prompt: Prompt, target: str) -> Explanation:
        """The same with the text of each part."""
        return changed(
            self,
            items=[
                _with_text(item, prompt, place, target) for place, item in enumerate(self.items)
            ],
        )


def _with_text(item: ItemExplanation, prompt: Prompt, place: int, target: str) -> ItemExplanation:
    if isinstance(item, TargetPromptItemExplanation):
        return item.with_text(target)
    if isinstance(item, TextPromptItemExplanation):
        given = prompt.items[place]
        return item.with_text(given) if isinstance(given, Text) else item
    return item


@dataclass(frozen=True)
class ExplanationResponse(Answer):
    """An explanation of the target, or of each of its tokens."""

    model_version: str
    explanations: Sequence[Explanation]
    _model: ClassVar[str] = "ExplanationResponse"
    _parts: ClassVar = {"explanations": many(Explanation.of)}

    def with_image_prompt_items_in_pixels(self, prompt: Prompt) -> ExplanationResponse:
        """The same with the parts of pictures in pixels. Needs Pillow."""
        explained = self.explanations
        return changed(
            self,
            explanations=[part.with_image_prompt_items_in_pixels(prompt) for part in explained],
        )

    def with_text_from_prompt(self, request: ExplanationRequest) -> ExplanationResponse:
        """The same with the text of each part, out of the request that was sent."""
        prompt, target = request.prompt, request.target
        return changed(
            self,
            explanations=[part.with_text_from_prompt(prompt, target) for part in self.explanations],
        )
