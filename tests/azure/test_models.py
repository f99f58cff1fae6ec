"""The models follow the spec, and read what services send."""

from __future__ import annotations

import base64
import struct
from datetime import UTC, datetime

import pytest

import polychat_rest.azure.models as spec
from polychat.azure import _params, models
from polychat.azure._calls import CHAT_ORDER, EMBED_ORDER, fields
from polychat.azure.models import ChatCompletions, EmbeddingItem, UserMessage
from polychat_rest.azure import params

SCHEMAS = {
    "AssistantMessage": "ChatRequestAssistantMessage",
    "AudioContentItem": "ChatMessageInputAudioContentItem",
    "AudioUrl": "ChatMessageAudioUrl",
    "AudioUrlContentItem": "ChatMessageAudioContentItem",
    "DeveloperMessage": "ChatRequestDeveloperMessage",
    "ImageContentItem": "ChatMessageImageContentItem",
    "ImageUrl": "ChatMessageImageUrl",
    "InputAudio": "ChatMessageInputAudio",
    "JsonSchemaFormat": "ChatCompletionsResponseFormatJsonSchemaDefinition",
    "SystemMessage": "ChatRequestSystemMessage",
    "TextContentItem": "ChatMessageTextContentItem",
    "ToolMessage": "ChatRequestToolMessage",
    "UserMessage": "ChatRequestUserMessage",
}
"""The schemas whose models azure-ai-inference calls otherwise."""
ABSTRACT = {"ChatRequestMessage", "ContentItem", "Model", "ChatCompletionsResponseFormat"}
MODELS = sorted(
    name
    for name in models.__all__
    if isinstance(getattr(models, name), type)
    and issubclass(getattr(models, name), models.Model)
    and name not in ABSTRACT | {"ChatCompletionsResponseFormatJSON"}
)


@pytest.mark.parametrize("name", MODELS)
def test_every_field_of_the_spec_is_a_field_of_the_model(name: str) -> None:
    generated = getattr(spec, SCHEMAS.get(name, name))
    wanted = {a.alias.rstrip("_") for a in generated.__attrs_attrs__ if a.init}
    assert set(getattr(models, name)._fields) == wanted


@pytest.mark.parametrize("name", [n for n in models.__all__ if n not in MODELS])
def test_every_member_of_an_enum_is_in_the_spec(name: str) -> None:
    ours = getattr(models, name)
    assert name in ABSTRACT or "Streaming" in name or "JSON" in name or hasattr(ours, "__members__")


def test_every_field_of_a_request_is_a_keyword() -> None:
    for operation, typed, param in (
        ("chat", _params.ChatFields, params.ChatCompletionsOptionsParam),
        ("embed", _params.EmbedFields, params.EmbeddingsOptionsParam),
        ("images", _params.ImageFields, params.ImageGenerationsOptionsParam),
    ):
        assert set(fields(operation)) == set(param.__annotations__)
        typed_here = {"messages", "stream", "input", "prompt"}
        assert set(typed.__annotations__) == set(param.__annotations__) - typed_here
    assert fields("chat")[: len(CHAT_ORDER)] == CHAT_ORDER
    assert fields("embed_images") == EMBED_ORDER


def test_every_keyword_is_typed() -> None:
    from polychat.azure._keywords import _NAMES

    assert set(_params.CallKeywords.__annotations__) == {*_NAMES, "model_extras"}


def test_odd_answers_lose_nothing() -> None:
    odd = {
        "id": None,
        "created": "soon",
        "choices": [None, 3, {"message": "text", "new": [1]}],
        "usage": [],
        "more": {"a": 1},
    }
    result = ChatCompletions._of({**odd, "choices": list(odd["choices"])})
    assert result.created == "soon"
    assert result.model is None
    assert result.choices[2].new == [1]
    assert result.choices[2].message == "text"
    assert result.more == {"a": 1}
    assert result.as_dict() == odd


def test_unknown_values_are_kept_and_known_ones_are_members() -> None:
    choice = models.ChatChoice({"finish_reason": "new", "message": {"role": "USER"}})
    assert choice.finish_reason == "new"
    assert choice.message.role == "USER"
    choice.finish_reason = models.CompletionsFinishReason.STOPPED
    assert choice["finish_reason"] == "stop"
    assert choice.finish_reason is models.CompletionsFinishReason.stopped


def test_content_items_are_told_apart_by_their_type() -> None:
    document = {
        "content": [
            {"type": "text", "text": "t"},
            {"type": "image_url", "image_url": {}},
            {"type": "input_audio"},
            {"type": "audio_url"},
            {"type": "video"},
        ]
    }
    items = UserMessage(document).content
    assert [type(item).__name__ for item in items] == [
        "TextContentItem",
        "ImageContentItem",
        "AudioContentItem",
        "AudioUrlContentItem",
        "ContentItem",
    ]


def test_reading_a_vector_copies_nothing() -> None:
    numbers = [0.25, 0.5]
    item = EmbeddingItem._of({"embedding": numbers, "index": 0})
    assert item.embedding is numbers
    assert item.vector is numbers


def test_base64_vectors_are_decoded_once() -> None:
    text = base64.b64encode(struct.pack("<3f", 0.5, -1.0, 2.0)).decode()
    item = EmbeddingItem._of({"embedding": text, "index": 0})
    assert item.embedding is text
    assert item.vector == [0.5, -1.0, 2.0]
    assert item.vector is item.vector
    item.embedding = base64.b64encode(struct.pack("<f", 4.0)).decode()
    assert item.vector == [4.0]
    item.embedding = "AAAA"
    with pytest.raises(ValueError, match="3 bytes are no 32-bit floats"):
        _ = item.vector


def test_models_within_models_are_the_same_objects_every_time() -> None:
    result = ChatCompletions._of({"choices": [{"message": {"content": "a"}}], "created": 0})
    result.choices[0].message.content = "b"
    assert result["choices"][0]["message"]["content"] == "b"
    assert result.choices[0].message is result.choices[0].message
    assert result.created == datetime(1970, 1, 1, tzinfo=UTC)


def test_names_of_older_betas() -> None:
    assert models.ChatCompletionsResponseFormatText() == {"type": "text"}
    assert models.ChatCompletionsResponseFormatJSON() == {"type": "json_object"}
    schema = models.JsonSchemaFormat(name="n", schema={})
    of_schema = models.ChatCompletionsResponseFormatJsonSchema(json_schema=schema)
    assert of_schema == {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}
