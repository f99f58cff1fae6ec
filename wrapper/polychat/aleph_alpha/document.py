"""Documents: a Word file, a prompt or a text."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from polychat.errors import ConfigurationError

from ._name import PLATFORM
from .prompt import Image, Prompt, PromptItem, Text

__all__ = ["Document"]


class Document:
    """A document of one of three kinds; no call of this API takes one any more."""

    def __init__(
        self,
        docx: str | None = None,
        prompt: Sequence[str | PromptItem] | None = None,
        text: str | None = None,
    ) -> None:
        self.docx = docx
        self.prompt = prompt
        self.text = text

    @classmethod
    def from_docx_bytes(cls, bytes: bytes) -> Document:  # its name there
        """From the bytes of a Word file."""
        return cls(docx=base64.b64encode(bytes).decode())

    @classmethod
    def from_docx_file(cls, path: str | Path) -> Document:
        """From a Word file. Raises OSError."""
        return cls.from_docx_bytes(Path(path).read_bytes())

    @classmethod
    def from_prompt(cls, prompt: Prompt | Sequence[str | Image]) -> Document:
        """From a prompt, or from texts and pictures."""
        return cls(prompt=prompt.items if isinstance(prompt, Prompt) else prompt)

    @classmethod
    def from_text(cls, text: str) -> Document:
        """From a text."""
        return cls(text=text)

    def to_json(self) -> dict[str, Any]:
        """The JSON object. Raises `ConfigurationError` for a document of nothing."""
        if self.docx is not None:
            return {"docx": self.docx}
        if self.prompt is not None:
            items = [Text(item) if isinstance(item, str) else item for item in self.prompt]
            return {"prompt": Prompt(items).to_json()}
        if self.text is not None:
            return {"text": self.text}
        raise ConfigurationError("the document is empty", platform=PLATFORM)

    _to_serializable_document = to_json  # its name in aleph-alpha-client
