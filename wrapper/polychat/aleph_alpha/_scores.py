"""Scores of an explanation: of parts of a text, of a picture, of the target, of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from polychat_rest.model import Model

from ._wire import Answer, changed, kept
from .prompt import Text


@dataclass(frozen=True)
class TextScore(Answer):
    """The score of `length` characters of a text from `start`."""

    start: int
    length: int
    score: float
    _model: ClassVar[str] = "TextScore"


@dataclass(frozen=True)
class TextScoreWithRaw(Answer):
    """A `TextScore` with the text that it is of."""

    start: int
    length: int
    score: float
    text: str
    _model: ClassVar[str] = "TextScore"

    @staticmethod
    def from_text_score(score: TextScore, prompt: Text) -> TextScoreWithRaw:
        """A score with its part of a text."""
        part = prompt.text[score.start : score.start + score.length]
        return kept(TextScoreWithRaw(score.start, score.length, score.score, part), score)


@dataclass(frozen=True)
class TargetScore(Answer):
    """The score of `length` characters of the target from `start`."""

    start: int
    length: int
    score: float
    _model: ClassVar[str] = "TextScore"


@dataclass(frozen=True)
class TargetScoreWithRaw(Answer):
    """A `TargetScore` with the text that it is of."""

    start: int
    length: int
    score: float
    text: str
    _model: ClassVar[str] = "TextScore"

    @staticmethod
    def from_target_score(score: TargetScore, target: str) -> TargetScoreWithRaw:
        """A score with its part of the target."""
        part = target[score.start : score.start + score.length]
        return kept(TargetScoreWithRaw(score.start, score.length, score.score, part), score)


@dataclass(frozen=True)
class ImageScore(Answer):
    """The score of a rectangle of a picture, whose sides are shares of the picture's."""

    left: float
    top: float
    width: float
    height: float
    score: float
    _model: ClassVar[str] = "ImageScore"

    @classmethod
    def of(cls, raw: Any) -> Self:
        """From the generated model, which has the sides in ``rect``."""
        self = super().of(raw)
        if isinstance(raw, Model):
            rect = getattr(raw, "rect", None)
            self.__dict__.update({name: getattr(rect, name, None) for name in _SIDES})
        return self

    def to_json(self) -> dict[str, Any]:
        """The JSON object."""
        return self._with_rest(
            {"rect": {name: getattr(self, name) for name in _SIDES}, "score": self.score}
        )

    def in_pixels(self, width: int, height: int) -> ImageScore:
        """The same on a picture of this size."""
        return changed(
            self,
            left=int(self.left * width),
            top=int(self.top * height),
            width=int(self.width * width),
            height=int(self.height * height),
        )


_SIDES = ("left", "top", "width", "height")


@dataclass(frozen=True)
class TokenScore:
    """The score of one token."""

    score: float

    @staticmethod
    def from_json(score: float) -> TokenScore:
        """From the bare number that JSON has."""
        return TokenScore(score)

    def to_json(self) -> float:
        """The bare number."""
        return self.score
