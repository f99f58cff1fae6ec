"""Prompts from Liquid templates, with pictures and tokens in their places. Needs python-liquid."""

from __future__ import annotations

import re
from typing import Any, NewType, cast
from uuid import UUID, uuid4

from ._extras import needed
from .prompt import Image, Prompt, PromptItem, Text, Tokens

__all__ = ["Placeholder", "PromptTemplate"]

Placeholder = NewType("Placeholder", UUID)


class PromptTemplate:
    """A Liquid template that renders to a `Prompt`.

    ``template.to_prompt(image=template.placeholder(image))`` puts the picture where the template
    says ``{{ image }}``. Raises `ConfigurationError` where python-liquid is not installed, and
    liquid's own errors for a template that is none.
    """

    def __init__(self, template_str: str) -> None:
        self.template: Any = needed("liquid", "python-liquid").Template(template_str)
        self.non_text_items: dict[Placeholder, Image | Tokens] = {}

    def placeholder(self, prompt_item: Image | Tokens) -> Placeholder:
        """Stands for an item in one `to_prompt`."""
        place = Placeholder(uuid4())
        self.non_text_items[place] = prompt_item
        return place

    def embed_prompt(self, prompt: Prompt) -> str:
        """A prompt as a value for the template: texts that follow one another are parted by a
        space, unless there is one; other items become placeholders."""
        text = ""
        last: PromptItem | None = None
        for item in prompt.items:
            if isinstance(item, Text):
                if not item.text:
                    continue
                parted = text[-1:].isspace() or item.text[0].isspace()
                text += " " * (isinstance(last, Text) and not parted) + item.text
            else:
                text += str(self.placeholder(item))
            last = item
        return text

    def to_prompt(self, **kwargs: Any) -> Prompt:
        """The prompt that the template renders to with these values. Placeholders are spent."""
        rendered = cast("str", self.template.render(**kwargs))
        places, self.non_text_items = self.non_text_items, {}
        return Prompt(_items(rendered, {str(place): item for place, item in places.items()}))


def _items(rendered: str, places: dict[str, Image | Tokens]) -> list[PromptItem]:
    """The text between placeholders, and what these stand for."""
    if not places:
        return [Text(rendered, [])] if rendered else []
    pieces = re.split("(" + "|".join(map(re.escape, places)) + ")", rendered)
    return [places[piece] if piece in places else Text(piece, []) for piece in pieces if piece]
