"""Enums, whose members are found by a name in any case: ``ChatRole["user"]``, ``ChatRole.user``."""

from __future__ import annotations

from enum import Enum, EnumMeta
from typing import Any


class _AnyCase(EnumMeta):
    def __getitem__(cls, name: str) -> Any:
        return super().__getitem__(name.upper())

    def __getattr__(cls, name: str) -> Any:
        try:
            return cls._member_map_[name.upper()]
        except KeyError:
            raise AttributeError(name) from None


class AudioContentFormat(str, Enum, metaclass=_AnyCase):
    """Formats of audio in a message."""

    WAV = "wav"
    MP3 = "mp3"


class ChatCompletionsToolChoicePreset(str, Enum, metaclass=_AnyCase):
    """Whether the model calls tools, where no particular one is named."""

    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"


class ChatRole(str, Enum, metaclass=_AnyCase):
    """Who says a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    DEVELOPER = "developer"


class CompletionsFinishReason(str, Enum, metaclass=_AnyCase):
    """Why an answer ended."""

    STOPPED = "stop"
    TOKEN_LIMIT_REACHED = "length"  # noqa: S105
    CONTENT_FILTERED = "content_filter"
    TOOL_CALLS = "tool_calls"


class EmbeddingEncodingFormat(str, Enum, metaclass=_AnyCase):
    """Forms in which vectors are sent."""

    BASE64 = "base64"
    BINARY = "binary"
    FLOAT = "float"
    INT8 = "int8"
    UBINARY = "ubinary"
    UINT8 = "uint8"


class EmbeddingInputType(str, Enum, metaclass=_AnyCase):
    """What an embedded text is for."""

    TEXT = "text"
    QUERY = "query"
    DOCUMENT = "document"


class ImageDetailLevel(str, Enum, metaclass=_AnyCase):
    """How closely an image is looked at."""

    AUTO = "auto"
    LOW = "low"
    HIGH = "high"


class ModelType(str, Enum, metaclass=_AnyCase):
    """What a model does."""

    EMBEDDINGS = "embeddings"
    IMAGE_GENERATION = "image_generation"
    TEXT_GENERATION = "text_generation"
    IMAGE_EMBEDDINGS = "image_embeddings"
    AUDIO_GENERATION = "audio_generation"
    CHAT_COMPLETION = "chat_completion"
