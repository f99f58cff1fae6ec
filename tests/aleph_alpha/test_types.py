"""Types: complete beside the generated ones, frozen, and the same after a round trip."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image as PillowImage
from pydantic import BaseModel

from polychat import aleph_alpha, errors
from polychat.aleph_alpha import (
    BatchSemanticEmbeddingRequest,
    BatchSemanticEmbeddingResponse,
    ChatRequest,
    ChatResponse,
    ChatStreamChunk,
    CompletionRequest,
    CompletionResponse,
    ControlTokenOverlap,
    Cropping,
    CustomGranularity,
    DetokenizationRequest,
    Document,
    EmbeddingRequest,
    EmbeddingResponse,
    EmbeddingV2Request,
    EmbeddingV2Response,
    EvaluationRequest,
    EvaluationResponse,
    Explanation,
    ExplanationPostprocessing,
    ExplanationRequest,
    ExplanationResponse,
    FinishReason,
    FunctionCall,
    Image,
    ImageControl,
    InstructableEmbeddingRequest,
    JSONSchema,
    Message,
    Prompt,
    PromptGranularity,
    PromptTemplate,
    RerankRequest,
    RerankResponse,
    Role,
    SemanticEmbeddingRequest,
    SemanticRepresentation,
    SteeringConceptCreationRequest,
    SteeringPairedExample,
    StreamOptions,
    TargetGranularity,
    Text,
    TextControl,
    TextMessage,
    TokenControl,
    TokenizationRequest,
    Tokens,
    ToolCall,
    ToolFunction,
    TranslationRequest,
    TranslationResponse,
    load_base64_from_file,
)
from polychat.aleph_alpha._chat_stream import ChatItems
from polychat.aleph_alpha.chat import stream_chat_item_from_json
from polychat.aleph_alpha.completion import StreamSummary, stream_item_from_json
from polychat_rest.aleph_alpha import models
from tests.aleph_alpha.conftest import Both

ASK = [TextMessage(Role.User, "hello")]
OVERLAP = ControlTokenOverlap.Partial
PROMPT = Prompt(
    [
        Text("a b", [TextControl(0, 1, 0.5, OVERLAP)]),
        Tokens([1, 2], [TokenControl(1, 2.0)]),
        Image("aGk=", Cropping(1, 2, 3), [ImageControl(0, 0, 1, 1, 0.5, OVERLAP)]),
    ]
)
CALL = ToolCall("c", "function", FunctionCall("f", "{}"))

REQUESTS: list[Any] = [
    ChatRequest(
        "m",
        [
            TextMessage(Role.System, "s"),
            Message(Role.User, ["a", {"type": "text", "text": "b"}]),  # type: ignore[list-item]
            Message(Role.Tool, "t", tool_call_id="c", tool_calls=[CALL]),
        ],
        5, 0.5, 3, 0.9, StreamOptions(True), ["_worker/x"], JSONSchema({}, "n", "d", True),
        [{"type": "function", "function": {"name": "f"}}], ToolFunction("function", {"name": "f"}),
        False, n=2, stop=["x"], logprobs=True, top_logprobs=2, logit_bias={"5": 1.0},
        frequency_penalty=0.1, presence_penalty=0.2,
    ),
    CompletionRequest(PROMPT, 5, stop_sequences=["x"], logit_bias={1: 2.0}, steering_concepts=[]),
    EmbeddingRequest(PROMPT, [1], ["mean"]),
    SemanticEmbeddingRequest(PROMPT, SemanticRepresentation.Query, 128),
    BatchSemanticEmbeddingRequest([PROMPT, PROMPT], SemanticRepresentation.Document),
    InstructableEmbeddingRequest(PROMPT, "i"),
    EmbeddingV2Request([[1], [2]], 8, "base64", "u"),
    EvaluationRequest(PROMPT, "x"),
    ExplanationRequest(
        PROMPT, "t", 0.1, 0.2, OVERLAP, True, CustomGranularity("|"), TargetGranularity.Token,
        ExplanationPostprocessing.Square, True,
    ),
    TokenizationRequest("a", True, False),
    DetokenizationRequest([1]),
    RerankRequest("q", ["a"], 1),
    TranslationRequest("m", "a", "de"),
    SteeringConceptCreationRequest([SteeringPairedExample("n", "p")]),
]  # fmt: skip


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
def test_requests_are_the_same_after_a_round_trip(request_: Any) -> None:
    document = json.loads(json.dumps(request_.to_json()))
    assert type(request_).from_json(document).to_json() == json.loads(json.dumps(document))
    assert type(request_).from_json(document).to_json().keys() == document.keys()
    with pytest.raises(errors.ConfigurationError, match="colour"):
        type(request_).from_json({**document, "colour": 1})


# What a drop-in request leaves to the client, or does not offer, and why.
BY_THE_CALL = {"model", "hosting", "stream"}
LEFT_OUT = {
    # the service ignores these, and max_tokens is maximum_tokens by another name
    "ChatRequest": {"seed", "service_tier", "user", "max_tokens"},
}


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
def test_requests_have_all_fields_of_the_spec(request_: Any) -> None:
    name = type(request_).__name__
    spec = {"SteeringConceptCreationRequest": "CreateSteeringConceptRequest"}.get(name, name)
    fields = getattr(models, spec).__attrs_attrs__
    generated = {field.alias for field in fields if field.init}
    ours = {field.name for field in dataclasses.fields(request_)}
    left = LEFT_OUT.get(name, set())
    assert generated - ours <= BY_THE_CALL | left
    assert left <= generated - ours, "a field that is offered is no longer left out"
    assert not ours - generated, "no field is sent that the spec does not know"


ANSWERS: list[tuple[Any, dict[str, Any]]] = [
    (
        ChatResponse,
        {
            "id": "1", "model": "m", "created": 5, "new": 1,
            "choices": [{
                "index": 0, "finish_reason": "stop", "new": 2,
                "message": {"role": "assistant", "content": "a", "new": 3, "tool_calls": [
                    {"id": "c", "type": "function", "new": 4,
                     "function": {"name": "f", "arguments": "{}", "new": 5}}]},
            }],
            "usage": {"completion_tokens": 1, "prompt_tokens": 2, "total_tokens": 3, "new": 6},
        },
    ),
    (
        CompletionResponse,
        {
            "model_version": "1", "num_tokens_prompt_total": 1, "num_tokens_generated": 2,
            "completions": [{"completion": "a", "log_probs": [{"a": -1.0}], "new": 1, "index": 0}],
            "optimized_prompt": [{"type": "text", "data": "a", "controls": []}], "new": 2,
        },
    ),
    (
        EmbeddingResponse,
        {"model_version": "1", "embeddings": {"layer_1": {"mean": [1.0]}}, "new": 1,
         "num_tokens_prompt_total": 1},
    ),
    (
        BatchSemanticEmbeddingResponse,
        {"model_version": "1", "embeddings": [[1.0]], "num_tokens_prompt_total": 1, "new": 1},
    ),
    (
        EmbeddingV2Response,
        {"object": "list", "data": [{"object": "embedding", "embedding": [1.0], "index": 0,
         "new": 1}], "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1, "new": 2}},
    ),
    (
        EvaluationResponse,
        {"model_version": "1", "result": {"token_count": 1, "new": 1},
         "num_tokens_prompt_total": 1},
    ),
    (
        ExplanationResponse,
        {"model_version": "1", "explanations": [{"target": "t", "new": 1, "items": [
            {"type": "text", "scores": [{"start": 0, "length": 1, "score": 0.5, "new": 2}]},
            {"type": "token_ids", "scores": [0.5]},
            {"type": "image", "scores": [{"rect": {"left": 0.0, "top": 0.0, "width": 1.0,
                                                    "height": 1.0}, "score": 0.5, "new": 3}]},
            {"type": "target", "scores": [], "new": 4},
            {"type": "smell", "scores": [1]},
        ]}]},
    ),
    (
        RerankResponse,
        {"results": [{"index": 0, "relevance_score": 0.5, "new": 1}],
         "usage": {"completion_tokens": 0, "prompt_tokens": 1, "total_tokens": 1}},
    ),
    (
        TranslationResponse,
        {"translation": "a", "score": 0.5, "segments": [{"source": "a", "translation": "b",
         "score": 0.5, "new": 1}], "num_tokens_prompt_total": 1, "num_tokens_generated": 1},
    ),
]  # fmt: skip


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("kind", "document"), ANSWERS, ids=lambda item: getattr(item, "__name__", "")
)
def test_answers_keep_what_they_do_not_know(kind: Any, document: dict[str, Any]) -> None:
    before = json.dumps(document)
    answer = kind.from_json(document)
    assert json.dumps(document) == before, "the caller's document is left as it is"
    assert without_nulls(json.loads(json.dumps(answer.to_json()))) == document
    copy = pickle.loads(pickle.dumps(answer))
    assert copy == answer
    assert copy.to_json() == answer.to_json()


@pytest.mark.parametrize(
    ("kind", "document"), ANSWERS, ids=lambda item: getattr(item, "__name__", "")
)
def test_answers_without_a_field_read_as_none(kind: Any, document: dict[str, Any]) -> None:
    for missing in document:
        answer = kind.from_json(
            {name: value for name, value in document.items() if name != missing}
        )
        assert kind.from_json(dict.fromkeys(document)).raw is not None
        value = getattr(answer, missing, None)
        assert not value or missing == "choices"


def mutations(value: Any) -> Iterator[Any]:
    """The document with each of its parts, in turn, being of an odd shape."""
    yield from (None, 5, "odd", ["odd"], {"odd": "odd"})
    if isinstance(value, dict):
        for name, item in value.items():
            yield from ({**value, name: odd} for odd in mutations(item))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from ([*value[:index], odd, *value[index + 1 :]] for odd in mutations(item))


@pytest.mark.parametrize(
    ("kind", "document"), ANSWERS, ids=lambda item: getattr(item, "__name__", "")
)
def test_odd_shapes_lose_no_answer(kind: Any, document: dict[str, Any]) -> None:
    odd = [mutation for mutation in mutations(document) if isinstance(mutation, dict)]
    assert len(odd) > 20
    for mutation in odd:
        answer = kind.from_json(mutation)
        assert answer.raw is not None
        assert isinstance(answer.to_json(), dict)


def test_odd_shapes_in_a_stream_end_no_stream() -> None:
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{"}}
    delta = {"content": "a", "role": "assistant", "tool_calls": [call]}
    event = {"choices": [{"index": 0, "delta": delta, "finish_reason": "stop", "logprobs": None}],
             "usage": {"completion_tokens": 1, "prompt_tokens": 1, "total_tokens": 2}}  # fmt: skip
    odd = [mutation for mutation in mutations(event) if isinstance(mutation, dict)]
    assert len(odd) > 60
    for mutation in odd:
        items = ChatItems()
        found = [*items.of(mutation), *items.rest()]
        if "choices" in mutation and mutation["choices"] == event["choices"]:
            assert found[0] == ChatStreamChunk("a", Role.Assistant)


def test_answers_have_all_fields_of_the_spec() -> None:
    for kind, document in ANSWERS:
        answer = kind.from_json(document)
        generated = {field.alias for field in type(answer.raw).__attrs_attrs__ if field.init}
        for name in generated:
            assert hasattr(answer, name), (kind, name)


def test_everything_is_frozen_that_was() -> None:
    mutable = {"Prompt", "TranslationRequest", "TranslationResponse", "TranslationSegment"}
    for name in aleph_alpha.__all__:
        kind = getattr(aleph_alpha, name)
        if dataclasses.is_dataclass(kind):
            frozen = kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
            assert frozen == (name not in mutable), name
    with pytest.raises(dataclasses.FrozenInstanceError):
        ASK[0].content = "x"  # type: ignore[misc]


def test_every_name_is_there_and_no_other() -> None:
    for name in aleph_alpha.__all__:
        assert name in dir(aleph_alpha)
        assert getattr(aleph_alpha, name) is not None
    with pytest.raises(AttributeError, match="Clientt"):
        _ = aleph_alpha.Clientt  # type: ignore[attr-defined]


def test_answers_that_users_make_are_complete() -> None:
    made = ChatResponse(FinishReason.Stop, TextMessage(Role.Assistant, "a"))
    assert (made.raw, made.usage, made.parsed) == (None, None, None)
    assert made == ChatResponse.from_json(made.to_json())
    assert made == dataclasses.replace(made)
    with pytest.raises(AttributeError, match="colour"):
        _ = made.colour


def test_an_answer_without_content_or_reason_is_read(both: Both) -> None:
    document = {"choices": [{"index": 0, "finish_reason": None, "message": {"role": "assistant"}}]}
    answer = both.answered(
        lambda _: httpx.Response(200, json=document), "chat", ChatRequest("m", ASK)
    )
    assert (answer.finish_reason, answer.message.content) == (None, None)


def test_a_message_of_calls_alone_can_be_sent_back() -> None:
    message = TextMessage.from_json({"role": "assistant", "content": None, "tool_calls": [
        {"id": "c", "function": {"name": "f", "arguments": "{}"}}]})  # fmt: skip
    assert message.to_json() == {"role": "assistant", "content": "", "tool_calls": [CALL.to_json()]}


class City(BaseModel):
    """A city."""

    name: str
    people: int


class Undocumented(BaseModel):
    name: str


def test_a_pydantic_class_is_a_format_and_gives_its_object(both: Both) -> None:
    answer = both("chat", ChatRequest("echo", ASK, response_format=City))
    assert isinstance(answer.parsed, City)
    assert answer.parsed is answer.parsed
    schema = JSONSchema.from_pydantic(City)
    assert (schema.name, schema.description, schema.strict) == ("City", "A city.", True)
    assert both("chat", ChatRequest("echo", ASK, response_format=schema)).parsed.keys() == {
        "name", "people",
    }  # fmt: skip
    loose = JSONSchema.from_pydantic(City, name="n", description="d", strict=False)
    assert (loose.name, loose.description, loose.strict) == ("n", "d", False)
    assert "description" not in JSONSchema.from_pydantic(Undocumented).to_json()["json_schema"]


def test_an_answer_that_does_not_fit_its_format_is_not_lost(both: Both) -> None:
    cut = ChatRequest("echo", ASK, response_format=City, maximum_tokens=1)
    answer = both("chat", cut)
    with pytest.raises(errors.ResponseParseError, match="response_format"):
        _ = answer.parsed
    assert answer.message.content.startswith("{")


def _ended(both: Both, reason: str, content: Any, **message: Any) -> Any:
    choice = {"index": 0, "finish_reason": reason,
              "message": {"role": "assistant", "content": content, **message}}  # fmt: skip
    request = ChatRequest("m", ASK, response_format=JSONSchema(schema={}, name="any"))
    answer = {"id": "1", "choices": [choice]}
    return both.answered(lambda _: httpx.Response(200, json=answer), "chat", request)


@pytest.mark.parametrize("content", ['{"name": "Bo', '["a", ', '"Bon', "12", "", None])
def test_an_answer_that_was_cut_is_not_parsed(both: Both, content: Any) -> None:
    with pytest.raises(errors.ResponseParseError, match="finish_reason: length") as caught:
        _ = _ended(both, "length", content).parsed
    assert "maximum_tokens" in str(caught.value.remedy)
    assert caught.value.body == (content or "")
    with pytest.raises(errors.ResponseParseError, match="content filter"):
        _ = _ended(both, "content_filter", content).parsed


def test_what_is_whole_is_parsed_however_it_ended(both: Both) -> None:
    assert _ended(both, "length", '{"name": "Bonn"}').parsed == {"name": "Bonn"}
    assert _ended(both, "stop", "12").parsed == 12
    assert _ended(both, "stop", None).parsed is None
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    assert _ended(both, "tool_calls", None, tool_calls=[call]).parsed is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: ChatRequest("m", [Message(Role.User, [object()])]),  # type: ignore[list-item]
        lambda: ChatRequest("m", [Message(Role.User, 5)]),  # type: ignore[arg-type]
        lambda: ChatRequest("m", ASK, response_format=5),  # type: ignore[arg-type]
        lambda: ChatRequest("m", [Message(Role.User, [PROMPT.items[2]])]),  # type: ignore[list-item]
        lambda: CompletionRequest(Prompt([object()])),  # type: ignore[list-item]
    ],
)
def test_what_cannot_be_sent_is_refused(wrong: Any) -> None:
    with pytest.raises(errors.ConfigurationError):
        wrong().to_json()


def test_prompts_keep_controls_and_cropping() -> None:
    document = PROMPT.to_json()
    assert Prompt.from_json(document) == PROMPT
    assert document[2]["x"] == 1
    assert Prompt.from_json([{"type": "sound", "data": "x"}]).to_json() == [
        {"type": "sound", "data": "x"}
    ]
    assert Prompt(["a", [1]]).to_json() == [  # type: ignore[list-item]
        {"type": "text", "data": "a"},
        {"type": "token_ids", "data": [1]},
    ]


def picture() -> bytes:
    file = io.BytesIO()
    PillowImage.new("RGB", (6, 4)).save(file, format="JPEG")
    return file.getvalue()


def test_pictures_come_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(picture())
    expected = Image.from_bytes(picture())
    assert expected.dimensions() == (6, 4)
    assert expected.data_uri().startswith("data:image/jpeg;base64,")
    for source in (path, str(path), picture()):
        assert Image.from_image_source(source) == expected
    cropped = Image.from_file_with_cropping(str(path), 1, 2, 3)
    assert cropped.cropping == Cropping(1, 2, 3)
    assert load_base64_from_file(str(path)) == base64.b64encode(picture()).decode()
    seen: list[str] = []

    def get(url: str, **_: Any) -> httpx.Response:
        seen.append(url)
        return httpx.Response(200, content=picture())

    monkeypatch.setattr(httpx, "get", get)
    assert Image.from_image_source("https://h/a.jpg") == expected
    assert Image.from_url_with_cropping("https://h/a.jpg", 1, 2, 3) == cropped
    assert aleph_alpha.load_base64_from_url("https://h/a.jpg") == expected.base_64
    assert seen == ["https://h/a.jpg"] * 3
    with pytest.raises(TypeError):
        Image.from_image_source(5)  # type: ignore[arg-type]


def test_a_picture_that_cannot_be_fetched_says_so(host: str) -> None:
    with pytest.raises(errors.APIConnectionError, match=r"127\.0\.0\.1"):
        Image.from_image_source("http://127.0.0.1:9/a.png")
    with pytest.raises(errors.APIStatusError) as caught:
        Image.from_image_source(f"{host}/nothing.png")
    assert caught.value.status in (401, 404)


def test_templates_put_items_in_their_places() -> None:
    template = PromptTemplate("{% for item in items %}{{ item }}, {% endfor %}{{ picture }}!")
    image = Image.from_bytes(b"x")
    prompt = template.to_prompt(items=["a", "b"], picture=template.placeholder(image))
    assert prompt == Prompt([Text("a, b, "), image, Text("!")])
    assert template.to_prompt(items=[], picture="none") == Prompt([Text("none!")])
    assert PromptTemplate("").to_prompt() == Prompt([])
    inner = Prompt([Text("one"), Text("two"), Text(""), Text(" three"), Tokens([1])])
    embedded = template.to_prompt(items=[], picture=template.embed_prompt(inner))
    assert embedded == Prompt([Text("one two three"), Tokens([1]), Text("!")])


def test_documents_of_all_kinds(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"x")
    assert Document.from_docx_file(str(path)).to_json() == {"docx": "eA=="}
    assert Document.from_text("a").to_json() == {"text": "a"}
    text = {"type": "text", "data": "a", "controls": []}
    assert Document.from_prompt(["a"]).to_json() == {"prompt": [text]}
    assert Document.from_prompt(Prompt("a")).to_json() == {"prompt": [text]}
    with pytest.raises(errors.ConfigurationError):
        Document().to_json()


def test_items_of_streams_are_read_from_json() -> None:
    usage = {"completion_tokens": 1, "prompt_tokens": 2, "total_tokens": 3}
    assert stream_chat_item_from_json({"usage": usage, "choices": []}) == aleph_alpha.Usage(1, 2, 3)
    ended = {"choices": [{"finish_reason": "stop", "delta": {}}]}
    assert stream_chat_item_from_json(ended) is FinishReason.Stop
    piece = {"choices": [{"delta": {"role": "assistant"}}]}
    assert stream_chat_item_from_json(piece) == aleph_alpha.ChatStreamChunk("", Role.Assistant)
    summary = {"type": "stream_summary", "index": 0, "model_version": "1", "finish_reason": "x"}
    assert stream_item_from_json(summary) == StreamSummary(0, "1", "x")
    with pytest.raises(ValueError, match="news"):
        stream_item_from_json({"type": "news"})
    with pytest.raises(NotImplementedError):
        Explanation.prompt_item_from_json({"type": "smell"})
    assert PromptGranularity.Word.to_json() == {"type": "word"}
