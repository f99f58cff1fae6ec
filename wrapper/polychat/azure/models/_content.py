"""What a user's message may hold beside text: images and audio."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import ClassVar, Self

from ._base import Model, member, part, plain
from ._enums import AudioContentFormat, ImageDetailLevel


def _base64(path: str) -> str:
    return base64.b64encode(Path(path).read_bytes()).decode()


def data_url(path: str, image_format: str) -> str:
    """An image file as a URL that holds it. Raises `FileNotFoundError`."""
    return f"data:image/{image_format};base64,{_base64(path)}"


class ImageUrl(Model):
    """An image, by its URL or as a data URL."""

    url: str = plain()
    detail: str | ImageDetailLevel | None = member(lambda: ImageDetailLevel, default=None)

    @classmethod
    def load(
        cls,
        *,
        image_file: str,
        image_format: str,
        detail: str | ImageDetailLevel | None = None,
    ) -> Self:
        """The image in a file; `image_format` as in a media type: ``jpeg``, ``png``. Raises
        `FileNotFoundError`."""
        return cls(url=data_url(image_file, image_format), detail=detail)


class InputAudio(Model):
    """Audio: its bytes in base64, and their format."""

    data: str = plain()
    format: str | AudioContentFormat = member(lambda: AudioContentFormat)

    @classmethod
    def load(cls, *, audio_file: str, audio_format: str) -> Self:
        """The audio in a file; `audio_format` is ``wav`` or ``mp3``. Raises `FileNotFoundError`."""
        return cls(data=_base64(audio_file), format=audio_format)


class AudioUrl(Model):
    """Audio, by its URL."""

    url: str = plain()


class ContentItem(Model):
    """One item of a message's content; `type` says which kind."""

    _kinds: ClassVar[dict[str, type[Model]] | None] = {}

    type: str = plain(default=None)


class TextContentItem(ContentItem, tag=("type", "text")):
    """Text."""

    text: str = plain()


class ImageContentItem(ContentItem, tag=("type", "image_url")):
    """An image."""

    image_url: ImageUrl = part(lambda: ImageUrl)


class AudioContentItem(ContentItem, tag=("type", "input_audio")):
    """Audio that is sent along."""

    input_audio: InputAudio = part(lambda: InputAudio)


class AudioUrlContentItem(ContentItem, tag=("type", "audio_url")):
    """Audio, by its URL. Newer than azure-ai-inference 1.0.0b9."""

    audio_url: AudioUrl = part(lambda: AudioUrl)


class ImageEmbeddingInput(Model):
    """An image to embed, as a data URL, and the text that belongs to it."""

    image: str = plain()
    text: str | None = plain(default=None)

    @classmethod
    def load(cls, *, image_file: str, image_format: str, text: str | None = None) -> Self:
        """The image in a file. Raises `FileNotFoundError`."""
        return cls(image=data_url(image_file, image_format), text=text)


Content = str | list[ContentItem]
