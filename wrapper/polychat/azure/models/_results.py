"""Answers: chat, whole and in updates, vectors, images, and what a model is."""

from __future__ import annotations

import base64
import json
import struct
from datetime import datetime
from typing import Any

from ._base import Model, member, moment, part, plain
from ._enums import AudioContentFormat, ChatRole, CompletionsFinishReason, ModelType
from ._tools import ChatCompletionsToolCall, FunctionCall


class CompletionsUsageDetails(Model):
    """What the tokens of an answer went into. Newer than azure-ai-inference 1.0.0b9."""

    audio_tokens: int = plain()
    reasoning_tokens: int = plain()
    total_tokens: int = plain()


class PromptUsageDetails(Model):
    """What the tokens of a prompt were. Newer than azure-ai-inference 1.0.0b9."""

    audio_tokens: int = plain()
    cached_tokens: int = plain()


class CompletionsUsage(Model):
    """Tokens that a chat call took."""

    completion_tokens: int = plain()
    prompt_tokens: int = plain()
    total_tokens: int = plain()
    completion_tokens_details: CompletionsUsageDetails | None = part(
        lambda: CompletionsUsageDetails, default=None
    )
    prompt_tokens_details: PromptUsageDetails | None = part(
        lambda: PromptUsageDetails, default=None
    )


class ChatCompletionsAudio(Model):
    """A spoken answer. Newer than azure-ai-inference 1.0.0b9."""

    id: str = plain()
    expires_at: datetime = moment()
    data: str = plain()
    format: str | AudioContentFormat | None = member(lambda: AudioContentFormat, default=None)
    transcript: str = plain()


class ChatResponseMessage(Model):
    """What the model says."""

    role: str | ChatRole = member(lambda: ChatRole)
    content: str = plain()
    tool_calls: list[ChatCompletionsToolCall] | None = part(
        lambda: ChatCompletionsToolCall, default=None
    )
    reasoning_content: str | None = plain(default=None)
    audio: ChatCompletionsAudio | None = part(lambda: ChatCompletionsAudio, default=None)


class ChatChoice(Model):
    """One of the answers to a request."""

    index: int = plain()
    finish_reason: str | CompletionsFinishReason = member(lambda: CompletionsFinishReason)
    message: ChatResponseMessage = part(lambda: ChatResponseMessage)


class _Shown(Model):
    """A result whose ``str`` is its document, indented."""

    def __str__(self) -> str:
        return json.dumps(self.as_dict(), indent=2)


class ChatCompletions(_Shown):
    """The answer to a chat request. `created` is in UTC."""

    id: str = plain()
    created: datetime = moment()
    model: str = plain()
    choices: list[ChatChoice] = part(lambda: ChatChoice)
    usage: CompletionsUsage = part(lambda: CompletionsUsage)
    object: str = plain(default="chat.completion")


class StreamingChatResponseToolCallUpdate(Model):
    """A piece of a tool call. `index` says of which; `id` comes with the first piece only."""

    id: str = plain()
    function: FunctionCall = part(lambda: FunctionCall)
    index: int | None = plain(default=None)
    type: str | None = plain(default=None)


class StreamingChatResponseMessageUpdate(Model):
    """What an update adds to a message."""

    role: str | ChatRole | None = member(lambda: ChatRole, default=None)
    content: str | None = plain(default=None)
    tool_calls: list[StreamingChatResponseToolCallUpdate] | None = part(
        lambda: StreamingChatResponseToolCallUpdate, default=None
    )
    reasoning_content: str | None = plain(default=None)


class StreamingChatChoiceUpdate(Model):
    """What an update adds to one of the answers."""

    index: int = plain()
    finish_reason: str | CompletionsFinishReason = member(lambda: CompletionsFinishReason)
    delta: StreamingChatResponseMessageUpdate = part(lambda: StreamingChatResponseMessageUpdate)


class StreamingChatCompletionsUpdate(Model):
    """One event of a streamed answer; `usage` comes with the last, where it was asked for."""

    id: str = plain()
    created: datetime = moment()
    model: str = plain()
    choices: list[StreamingChatChoiceUpdate] = part(lambda: StreamingChatChoiceUpdate)
    usage: CompletionsUsage | None = part(lambda: CompletionsUsage, default=None)
    object: str = plain(default="chat.completion.chunk")


def _floats(raw: bytes) -> list[float]:
    if len(raw) % 4:
        raise ValueError(f"{len(raw)} bytes are no 32-bit floats; read `embedding` instead")
    return list(struct.unpack(f"<{len(raw) // 4}f", raw))


class EmbeddingItem(Model):
    """The vector of one input: `embedding` is as it was sent, numbers or base64 text."""

    embedding: str | list[float] = plain()
    index: int = plain()
    object: str = plain(default="embedding")

    @property
    def vector(self) -> list[float]:
        """The numbers, also where base64 was asked for: its bytes are read as 32-bit floats in
        little-endian order, once. Raises ValueError for bytes of another form."""
        value: Any = self._data.get("embedding")
        if not isinstance(value, str):
            numbers: list[float] = value
            return numbers
        decoded = self.__dict__.get("_decoded")
        if decoded is None or decoded[0] is not value:
            raw = base64.b64decode(value, validate=True)
            decoded = self.__dict__["_decoded"] = (
                value,
                _floats(raw),
            )
        vector: list[float] = decoded[1]
        return vector


class EmbeddingsUsage(Model):
    """Tokens that an embeddings call took."""

    prompt_tokens: int = plain()
    total_tokens: int = plain()


class EmbeddingsResult(_Shown):
    """The vectors of the inputs, in their order."""

    id: str = plain()
    data: list[EmbeddingItem] = part(lambda: EmbeddingItem)
    usage: EmbeddingsUsage = part(lambda: EmbeddingsUsage)
    model: str = plain()
    object: str = plain(default="list")


class ImageGenerationItem(Model):
    """An image: its URL or its bytes in base64, as asked for."""

    image: str = plain()
    seed: int | None = plain(default=None)


class ImageGenerationUsage(Model):
    """How many images a call made."""

    image_generations: int = plain()


class ImageGenerationsResult(_Shown):
    """Images that were made."""

    id: str = plain()
    created: datetime = moment()
    model: str = plain()
    data: list[ImageGenerationItem] = part(lambda: ImageGenerationItem)
    usage: ImageGenerationUsage = part(lambda: ImageGenerationUsage)
    object: str = plain(default="image.generation")


class ModelInfo(Model):
    """What the endpoint's model is."""

    model_name: str = plain()
    model_type: str | ModelType = member(lambda: ModelType)
    model_provider_name: str = plain()
