"""Each model and enum beside its original: construction, equality, mapping, pickle, repr."""

from __future__ import annotations

import copy
import enum
import json
import pickle
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import azure.ai.inference.models as old
import pytest
from azure.ai.inference._model_base import Model as OldModel

import polychat.azure.models as new

CHAT = {
    "id": "1",
    "created": 1_700_000_000,
    "model": "m",
    "object": "chat.completion",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {
                "role": "assistant",
                "content": "x",
                "extra": {"deep": 1},
                "tool_calls": [
                    {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
                ],
            },
        }
    ],
    "usage": {"completion_tokens": 1, "prompt_tokens": 2, "total_tokens": 3},
}
CHUNK = {
    "id": "1",
    "created": 1_700_000_000,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": None,
            "delta": {
                "role": "assistant",
                "content": "x",
                "tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}],
            },
        }
    ],
    "usage": None,
}
VECTORS = {
    "id": "e",
    "model": "m",
    "data": [{"index": 0, "embedding": [0.5, 1.5]}],
    "usage": {"prompt_tokens": 1, "total_tokens": 1},
}

Make = Callable[[Any], Any]
MADE: dict[str, Make] = {
    "AssistantMessage": lambda m: m.AssistantMessage("a", tool_calls=[call(m)]),
    "AudioContentItem": lambda m: m.AudioContentItem(
        input_audio=m.InputAudio(data="d", format="wav")
    ),
    "ChatChoice": lambda m: m.ChatChoice(CHAT["choices"][0]),
    "ChatCompletions": lambda m: m.ChatCompletions(CHAT),
    "ChatCompletionsNamedToolChoice": lambda m: m.ChatCompletionsNamedToolChoice(
        function=m.ChatCompletionsNamedToolChoiceFunction(name="f")
    ),
    "ChatCompletionsNamedToolChoiceFunction": lambda m: m.ChatCompletionsNamedToolChoiceFunction(
        name="f"
    ),
    "ChatCompletionsToolCall": lambda m: call(m),
    "ChatCompletionsToolDefinition": lambda m: m.ChatCompletionsToolDefinition(
        function=m.FunctionDefinition(name="f", parameters={"type": "object"})
    ),
    "ChatRequestMessage": lambda m: m.ChatRequestMessage(role="user"),
    "ChatResponseMessage": lambda m: m.ChatResponseMessage(role=m.ChatRole.ASSISTANT, content="x"),
    "CompletionsUsage": lambda m: m.CompletionsUsage(
        completion_tokens=1, prompt_tokens=2, total_tokens=3
    ),
    "ContentItem": lambda m: m.ContentItem(type="text"),
    "DeveloperMessage": lambda m: m.DeveloperMessage("d"),
    "EmbeddingItem": lambda m: m.EmbeddingItem(embedding=[0.5], index=0),
    "EmbeddingsResult": lambda m: m.EmbeddingsResult(VECTORS),
    "EmbeddingsUsage": lambda m: m.EmbeddingsUsage(prompt_tokens=1, total_tokens=1),
    "FunctionCall": lambda m: m.FunctionCall(name="f", arguments="{}"),
    "FunctionDefinition": lambda m: m.FunctionDefinition(
        name="f", description=None, parameters={"a": 1}
    ),
    "ImageContentItem": lambda m: m.ImageContentItem(image_url=m.ImageUrl(url="u", detail="low")),
    "ImageEmbeddingInput": lambda m: m.ImageEmbeddingInput(image="data:,", text="t"),
    "ImageUrl": lambda m: m.ImageUrl(url="u", detail=m.ImageDetailLevel.AUTO),
    "InputAudio": lambda m: m.InputAudio(data="d", format=m.AudioContentFormat.MP3),
    "JsonSchemaFormat": lambda m: m.JsonSchemaFormat(
        name="n", schema={"type": "object"}, strict=False
    ),
    "ModelInfo": lambda m: m.ModelInfo(
        model_name="n", model_type=m.ModelType.EMBEDDINGS, model_provider_name="p"
    ),
    "StreamingChatChoiceUpdate": lambda m: m.StreamingChatChoiceUpdate(CHUNK["choices"][0]),
    "StreamingChatCompletionsUpdate": lambda m: m.StreamingChatCompletionsUpdate(CHUNK),
    "StreamingChatResponseMessageUpdate": lambda m: m.StreamingChatResponseMessageUpdate(
        CHUNK["choices"][0]["delta"]
    ),
    "StreamingChatResponseToolCallUpdate": lambda m: m.StreamingChatResponseToolCallUpdate(
        id="c", function=m.FunctionCall(name="f", arguments="")
    ),
    "SystemMessage": lambda m: m.SystemMessage("s"),
    "TextContentItem": lambda m: m.TextContentItem(text="t"),
    "ToolMessage": lambda m: m.ToolMessage("t", tool_call_id="1"),
    "UserMessage": lambda m: m.UserMessage(
        [m.TextContentItem(text="t"), {"type": "text", "text": "u"}]
    ),
}
ENUMS = [name for name in old.__all__ if isinstance(getattr(old, name), enum.EnumMeta)]
STREAMS = ["AsyncStreamingChatCompletions", "StreamingChatCompletions"]


def call(m: Any) -> Any:
    return m.ChatCompletionsToolCall(id="c", function=m.FunctionCall(name="f", arguments="{}"))


def plain(value: Any) -> Any:
    """A value without the library it is of."""
    if isinstance(value, (OldModel, new.Model)):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.value if isinstance(value, enum.Enum) else value


def test_every_name_of_the_original_is_here() -> None:
    assert len(old.__all__) == 42
    assert set(old.__all__) <= set(new.__all__)
    assert sorted([*MADE, *ENUMS, *STREAMS]) == sorted(old.__all__)


@pytest.mark.parametrize("name", ENUMS)
def test_enums_have_the_same_members_in_any_case(name: str) -> None:
    theirs, ours = getattr(old, name), getattr(new, name)
    assert [(m.name, m.value) for m in theirs] == [(m.name, m.value) for m in ours]
    for member in ours:
        lower = member.name.lower()
        assert ours[lower] is member
        assert getattr(ours, lower) is member
        assert isinstance(member, str)
        assert pickle.loads(pickle.dumps(member)) is member
        assert str(member) == str(theirs[lower])
    with pytest.raises(AttributeError):
        _ = ours.not_a_member


@pytest.mark.parametrize("name", MADE)
def test_models_are_what_the_originals_are(name: str) -> None:
    theirs, ours = MADE[name](old), MADE[name](new)
    assert type(ours).__name__ == type(theirs).__name__ == name
    assert isinstance(ours, MutableMapping)
    assert list(ours) == list(theirs)
    assert plain(ours) == plain(theirs)
    assert ours.as_dict() == theirs.as_dict()
    assert json.dumps(ours.as_dict()) == json.dumps(theirs.as_dict())
    assert repr(ours) == repr(theirs)
    assert str(ours) == str(theirs)
    assert len(ours) == len(theirs)
    fields = [field for field in dir(type(theirs)) if field in type(ours)._fields]
    assert fields
    for field in fields:
        assert plain(getattr(ours, field)) == plain(getattr(theirs, field)), field
        assert type(getattr(ours, field)).__name__ == type(getattr(theirs, field)).__name__, field


@pytest.mark.parametrize("name", MADE)
def test_models_are_equal_to_their_copies_and_documents(name: str) -> None:
    theirs, ours = MADE[name](old), MADE[name](new)
    document = theirs.as_dict()
    again = type(ours)(document)
    assert again == ours
    assert ours == document
    assert ours == theirs
    assert not ours != document  # noqa: SIM202  # it is `!=` that is tested
    assert ours != {**document, "more": 1}
    assert ours != 3
    for other in (pickle.loads(pickle.dumps(ours)), copy.deepcopy(ours), copy.copy(ours)):
        assert type(other) is type(ours)
        assert other == ours
    copied = ours.copy()
    copied["more"] = 1
    assert type(copied) is type(ours)
    assert "more" not in ours


@pytest.mark.parametrize("name", MADE)
def test_models_are_mappings_like_the_originals(name: str) -> None:
    for model in (MADE[name](old), MADE[name](new)):
        first = next(iter(model))
        assert model.get(first) is not None or name.startswith("Streaming")
        assert model.get("absent") is None
        assert model.get("absent", 5) == 5
        assert model.setdefault("absent", 6) == 6
        assert model.pop("absent") == 6
        assert model.pop("absent", 7) == 7
        model.update({"x": 1})
        assert "x" in model
        del model["x"]
        with pytest.raises(KeyError):
            _ = model["x"]
        with pytest.raises(KeyError):
            model.pop("x")
        with pytest.raises(AttributeError):
            _ = model.not_a_field
        with pytest.raises(TypeError, match=r"got an unexpected keyword argument 'not_a_field'"):
            type(model)(not_a_field=1)
        with pytest.raises(TypeError, match="takes 2 positional arguments but 3 were given"):
            type(model)({}, {})
        model.clear()
        assert not model


@pytest.mark.parametrize("m", [old, new], ids=["old", "new"])
def test_fields_can_be_set_and_unset(m: Any) -> None:
    message = m.UserMessage("a")
    message.content = [m.TextContentItem(text="b")]
    assert message["content"][0].text == "b"
    message.content = None
    assert "content" not in message
    answer = m.ChatCompletions(CHAT)
    assert answer.created == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    answer.created = datetime(2020, 1, 1, tzinfo=UTC)
    assert answer["created"] == 1_577_836_800
    answer.choices[0].message.content = "changed"
    assert answer["choices"][0]["message"]["content"] == "changed"
    assert answer.choices[0].finish_reason is m.CompletionsFinishReason.STOPPED
    answer.choices[0].finish_reason = "new_reason"
    assert answer.choices[0].finish_reason == "new_reason"


@pytest.mark.parametrize("m", [old, new], ids=["old", "new"])
@pytest.mark.parametrize(
    "name", ["UserMessage", "SystemMessage", "DeveloperMessage", "AssistantMessage", "ToolMessage"]
)
def test_content_is_given_once(m: Any, name: str) -> None:
    message = getattr(m, name)
    with pytest.raises(
        ValueError, match="content cannot be provided as positional and keyword arguments"
    ):
        message("a", content="b")
    assert message("a").content == message(content="a").content == "a"


@pytest.mark.parametrize("m", [old, new], ids=["old", "new"])
def test_loading_files(m: Any, tmp_path: Any) -> None:
    path = tmp_path / "f.bin"
    path.write_bytes(b"\x00\x01bytes")
    image = m.ImageUrl.load(image_file=str(path), image_format="png", detail="low")
    assert image.as_dict() == {"url": "data:image/png;base64,AAFieXRlcw==", "detail": "low"}
    audio = m.InputAudio.load(audio_file=str(path), audio_format="wav")
    assert audio.as_dict() == {"data": "AAFieXRlcw==", "format": "wav"}
    given = m.ImageEmbeddingInput.load(image_file=str(path), image_format="jpeg", text="t")
    assert given.as_dict() == {"image": "data:image/jpeg;base64,AAFieXRlcw==", "text": "t"}
    with pytest.raises(FileNotFoundError):
        m.ImageUrl.load(image_file="nowhere.png", image_format="png")


class Response:
    """What a test of the old client hands to its stream class."""

    def __init__(self, data: bytes) -> None:
        self._data, self.closed = data, False

    def iter_bytes(self) -> Any:
        return (self._data[i : i + 7] for i in range(0, len(self._data), 7))

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("m", [old, new], ids=["old", "new"])
def test_streams_from_a_response_of_ones_own(m: Any) -> None:
    chunk = json.dumps(CHUNK).encode()
    response = Response(b"data: " + chunk + b"\n\ndata: " + chunk + b"\n\ndata: [DONE]\n\n")
    with m.StreamingChatCompletions(response) as stream:
        assert [update.choices[0].delta.content for update in stream] == ["x", "x"]
    assert response.closed


def test_unknown_fields_are_reachable_by_attribute_too() -> None:
    message = new.ChatCompletions(CHAT).choices[0].message
    assert message.extra == message["extra"] == {"deep": 1}
    assert old.ChatCompletions(CHAT).choices[0].message["extra"] == {"deep": 1}
