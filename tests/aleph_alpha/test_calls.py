"""Every call of both clients against the emulator: what is sent, and what comes back."""

from __future__ import annotations

import io
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image as PillowImage

from polychat import response_of
from polychat.aleph_alpha import (
    BatchSemanticEmbeddingRequest,
    ChatRequest,
    ChatStreamChunk,
    CompletionRequest,
    CompletionSummary,
    DetokenizationRequest,
    EmbeddingRequest,
    EmbeddingV2Request,
    EvaluationRequest,
    ExplanationRequest,
    FinishReason,
    Image,
    InstructableEmbeddingRequest,
    Message,
    Prompt,
    RerankRequest,
    Role,
    SemanticEmbeddingRequest,
    SemanticRepresentation,
    SteeringConceptCreationRequest,
    SteeringPairedExample,
    StreamChunk,
    StreamOptions,
    StreamSummary,
    TargetGranularity,
    Text,
    TextMessage,
    TextPromptItemExplanation,
    TokenizationRequest,
    Tokens,
    ToolCall,
    TranslationRequest,
    Usage,
    load_base64_from_url,
)
from polychat.aleph_alpha.errors import UnreadableAnswerError
from polychat.emulator import Emulator
from polychat.errors import PolychatError
from tests.aleph_alpha.conftest import Both

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def ask(text: str = "hello big world", **fields: Any) -> ChatRequest:
    return ChatRequest("echo", [TextMessage(Role.User, text)], **fields)


def png(width: int = 4, height: int = 2) -> bytes:
    file = io.BytesIO()
    PillowImage.new("RGB", (width, height)).save(file, format="PNG")
    return file.getvalue()


def test_chat(both: Both, emulator: Emulator) -> None:
    answer = both("chat", ask(maximum_tokens=2, temperature=0.5), "other")
    assert answer.finish_reason is FinishReason.Length
    assert answer.message == TextMessage(Role.Assistant, "hello big")
    assert answer.model == "other"
    assert answer.usage == Usage(2, 3, 5)
    assert [choice.message.content for choice in answer.choices] == ["hello big"]
    assert response_of(answer).status == 200
    sent = emulator.requests[0]
    assert sent.json() == {
        "model": "other",
        "messages": [{"role": "user", "content": "hello big world"}],
        "maximum_tokens": 2,
        "temperature": 0.5,
    }
    assert sent.headers["authorization"] == "Bearer token-of-a-test"


def test_chat_takes_the_model_of_its_request(both: Both) -> None:
    assert both("chat", ask()).model == "echo"


def test_chat_with_several_alternatives_keeps_all(both: Both) -> None:
    answer = both("chat", ask(n=3))
    assert [(choice.index, choice.message.content) for choice in answer.choices] == [
        (0, "hello big world"),
        (1, "hello big world"),
        (2, "hello big world"),
    ]


def test_tools_are_called_and_answered(both: Both) -> None:
    first = both("chat", ask("Berlin", tools=[WEATHER], tool_choice="auto"))
    assert first.finish_reason is FinishReason.ToolCalls
    (call,) = first.message.tool_calls
    assert (call.type, call.function.name) == ("function", "get_weather")
    messages = [
        TextMessage(Role.User, "Berlin"),
        first.message,
        Message(Role.Tool, "12 degrees", tool_call_id=call.id),
    ]
    second = both("chat", ChatRequest("echo", messages, tools=[WEATHER]))
    assert second.message.content == "12 degrees"


def test_chat_stream(both: Both) -> None:
    items = both("chat_with_streaming", ask(stream_options=StreamOptions(include_usage=True)))
    pieces = [item for item in items if isinstance(item, ChatStreamChunk)]
    assert pieces[0].role is Role.Assistant
    assert "".join(piece.content for piece in pieces) == "hello big world"
    assert items[-2:] == [FinishReason.Stop, Usage(3, 3, 6)]


def test_chat_stream_gives_tool_calls_whole(both: Both) -> None:
    items = both("chat_with_streaming", ask("Berlin", tools=[WEATHER]))
    calls = [item for item in items if isinstance(item, ToolCall)]
    assert [call.function.name for call in calls] == ["get_weather"]
    assert calls[0].function.arguments.startswith('{"city"')
    assert items[-1] is FinishReason.ToolCalls
    assert items[-2] is calls[0]


def test_chat_with_pictures(both: Both, emulator: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "chart.png"
    path.write_bytes(png())
    pictures = [Image.from_file(path), PillowImage.open(path)]
    both("chat", ChatRequest("echo", [Message(Role.User, ["What is this?", *pictures])]))
    _, ours, pillows = emulator.requests[0].json()["messages"][0]["content"]
    assert ours["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    assert pillows["image_url"]["url"].startswith("data:image/png;base64,iVBOR")


def test_complete(both: Both) -> None:
    answer = both("complete", CompletionRequest(Prompt("a b c"), maximum_tokens=2, n=2), "echo")
    assert [result.completion for result in answer.completions] == ["a b", "a b"]
    assert answer.completions[0].finish_reason == "maximum_tokens"
    assert answer.completions[1].index == 1, "a field that the old client does not know"
    assert (answer.num_tokens_prompt_total, answer.num_tokens_generated) == (3, 4)


def test_complete_stream(both: Both) -> None:
    items = both("complete_with_streaming", CompletionRequest(Prompt("a b c")), "echo")
    assert "".join(i.completion for i in items if isinstance(i, StreamChunk)) == "a b c"
    assert items[-2:] == [StreamSummary(0, "2026-01", "end_of_text"), CompletionSummary(None, 3, 3)]


def test_tokens_there_and_back(both: Both) -> None:
    tokens = both("tokenize", TokenizationRequest("big world", True, True), "echo")
    assert tokens.tokens == ["big", " world"]
    text = both("detokenize", DetokenizationRequest(tokens.token_ids), "echo")
    assert text.result == "big world"


def test_embeddings_of_all_kinds(both: Both, emulator: Emulator) -> None:
    prompt, by = Prompt("big world"), SemanticRepresentation.Query
    one = both("semantic_embed", SemanticEmbeddingRequest(prompt, by), "echo")
    other = both("instructable_embed", InstructableEmbeddingRequest(prompt, "as it is"), "echo")
    assert one.embedding == other.embedding
    assert len(one.embedding) == 128
    layers = both("embed", EmbeddingRequest(prompt, [0, 1], ["mean", "max"]), "echo")
    assert set(layers.embeddings) == {
        ("layer_0", "mean"),
        ("layer_0", "max"),
        ("layer_1", "mean"),
        ("layer_1", "max"),
    }
    openai = both("embeddings", EmbeddingV2Request(["a", "b"], dimensions=4), "echo")
    assert [len(item.embedding) for item in openai.data] == [4, 4]
    assert openai.usage.total_tokens == 2
    assert not [path for path in emulator.requests if b"null" in path.body], "nulls are not sent"


@pytest.mark.parametrize(("size", "requests"), [(100, 3), (50, 5), (1, 205)])
def test_batches_are_split_and_put_together(
    both: Both, emulator: Emulator, size: int, requests: int
) -> None:
    prompts = [Prompt(f"text {number}") for number in range(205)]
    request = BatchSemanticEmbeddingRequest(prompts, SemanticRepresentation.Document)
    answer = both("batch_semantic_embed", request, "echo", batch_size=size)
    assert len(emulator.requests) == requests
    assert answer.num_tokens_prompt_total == 410
    single = both(
        "semantic_embed", SemanticEmbeddingRequest(prompts[204], request.representation), "echo"
    )
    assert answer.embeddings[204] == single.embedding


def test_no_prompts_are_no_request(both: Both, emulator: Emulator) -> None:
    request = BatchSemanticEmbeddingRequest([], SemanticRepresentation.Document)
    answer = both("batch_semantic_embed", request, "echo")
    assert (answer.embeddings, emulator.requests) == ([], [])


def test_a_progress_bar_is_shown(both: Both, capfd: pytest.CaptureFixture[str]) -> None:
    request = BatchSemanticEmbeddingRequest([Prompt("a")] * 3, SemanticRepresentation.Query)
    both("batch_semantic_embed", request, "echo", batch_size=1, progress_bar=True)
    assert "3/3" in capfd.readouterr().err


def test_evaluate(both: Both) -> None:
    answer = both("evaluate", EvaluationRequest(Prompt("a b"), "a b"), "echo")
    assert answer.result["correct_greedy"] is True
    assert answer.result["token_count"] == 2


def test_explain(both: Both) -> None:
    items = [Text("big world"), Image.from_bytes(png()), Tokens([1, 2])]
    request = ExplanationRequest(Prompt(items), "world")
    answer = both("explain", request, "echo").with_text_from_prompt(request)
    text, image, tokens, target = answer.explanations[0].items
    assert isinstance(text, TextPromptItemExplanation)
    assert [(score.text, score.score) for score in text.scores] == [("big", 0.0), ("world", 1.0)]
    assert image.in_pixels(items[1]).scores[3].left == 2
    assert [score.score for score in tokens.scores] == [0.5, 0.5]
    assert target.scores[0].text == "world"
    pixels = answer.with_image_prompt_items_in_pixels(request.prompt)
    assert pixels.explanations[0].items[1].scores[3].width == 2


def test_explain_by_token(both: Both) -> None:
    request = ExplanationRequest(
        Prompt("a b"), "a b", target_granularity=TargetGranularity.Token, prompt_granularity="word"
    )
    answer = both("explain", request, "echo")
    assert [explanation.target for explanation in answer.explanations] == ["a", "b"]


def test_steering_concepts(both: Both) -> None:
    examples = [SteeringPairedExample(negative="bad", positive="good")]
    request = SteeringConceptCreationRequest(examples)
    made = both("create_steering_concept", request)
    assert made == both("create_steering_concept", request)
    assert both("chat", ask(steering_concepts=[made.id])).message.content == "hello big world"


def test_translate(both: Both) -> None:
    answer = both("translate", TranslationRequest("echo", "One. Two.", "de"))
    assert answer.translation == "de: One. Two."
    assert [segment.source for segment in answer.segments] == ["One. ", "Two."]


def test_rerank(both: Both) -> None:
    documents = ["London", "Paris is the capital"]
    answer = both("rerank", RerankRequest("capital", documents, top_n=1), "echo")
    assert [(result.index, result.relevance_score) for result in answer.results] == [(1, 1.0)]
    assert answer.usage.total_tokens == 6


def test_transcribe(both: Both, tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"
    path.write_bytes(b"x" * 300_000)
    answer = both("transcribe", path, "whisper", language="de")
    assert answer.transcription == "speech.wav: 300000 bytes"
    assert answer.language == "de"
    assert both("transcribe", b"abc", "whisper").transcription == "audiofile: 3 bytes"


def test_what_the_host_serves(both: Both) -> None:
    (model,) = both("models")
    assert type(model) is dict
    assert model["name"] == "echo"
    assert both("get_version") == "4.7.0"
    assert both("validate_version") is None


def test_the_tokenizer_works_without_the_host(both: Both) -> None:
    tokenizer = both("tokenizer", "echo")
    assert tokenizer.encode("hello world").ids == [1, 2]


EMPTY = [
    ("chat", ask()),
    ("complete", CompletionRequest(Prompt("a")), "m"),
    ("tokenize", TokenizationRequest("a", True, True), "m"),
    ("detokenize", DetokenizationRequest([1]), "m"),
    ("embed", EmbeddingRequest(Prompt("a"), [0], ["mean"]), "m"),
    ("embeddings", EmbeddingV2Request(["a"]), "m"),
    ("semantic_embed",
     SemanticEmbeddingRequest(Prompt("a"), SemanticRepresentation.Query), "m"),
    ("batch_semantic_embed",
     BatchSemanticEmbeddingRequest([Prompt("a")], SemanticRepresentation.Query), "m"),
    ("instructable_embed", InstructableEmbeddingRequest(Prompt("a"), "b"), "m"),
    ("evaluate", EvaluationRequest(Prompt("a"), "b"), "m"),
    ("explain", ExplanationRequest(Prompt("a"), "b"), "m"),
    ("create_steering_concept",
     SteeringConceptCreationRequest([SteeringPairedExample(negative="a", positive="b")])),
    ("translate", TranslationRequest("m", "a", "de")),
    ("rerank", RerankRequest("a", ["b"]), "m"),
    ("transcribe", b"a", "m"),
    ("models",),
    ("tokenizer", "m"),
]  # fmt: skip


@pytest.mark.parametrize("body", ["null", None], ids=["null", "204"])
@pytest.mark.parametrize("call", EMPTY, ids=lambda call: call[0])
def test_a_success_that_says_nothing_is_an_error(
    both: Both, call: tuple[Any, ...], body: str | None
) -> None:
    status = 204 if body is None else 200
    headers = {"content-type": "application/json", "x-request-id": "r"}
    answer = httpx.Response(status, headers=headers, text=body or "")
    with pytest.raises(UnreadableAnswerError) as caught:
        both.answered(lambda _: answer, *call)
    error = caught.value
    assert (error.platform, error.status, error.attempts) == ("aleph_alpha", status, 1)


def test_a_tokenizer_that_is_none_is_an_error(both: Both) -> None:
    with pytest.raises(UnreadableAnswerError):
        both.answered(lambda _: httpx.Response(200, json={"a": 1}), "tokenizer", "m")


@pytest.mark.parametrize("fetched", [Image.from_url, load_base64_from_url])
def test_errors_of_a_fetch_show_no_secret_of_its_url(
    host: str, fetched: Callable[[str], Any]
) -> None:
    at = host.partition("//")[2]
    for url, shown in (
        (f"http://user:password@{at}/a.png?sig=password#password", f"http://{at}/a.png answered"),
        ("http://user:password@127.0.0.1:9/a.png?sig=password", "http://127.0.0.1:9/a.png cannot"),
        ("http://user:password/more@h/a.png", "not valid"),
        ("password@h/a.png?password", "without a host"),
    ):
        with pytest.raises(PolychatError) as caught:
            fetched(url)
        told = "".join(traceback.format_exception(caught.value)[-1:])
        assert shown in told
        assert "password" not in f"{told} {caught.value.__cause__}"


def test_settings_go_with_every_task(both: Both, emulator: Emulator) -> None:
    arguments = {"hosting": "aleph-alpha", "tags": ["t"], "nice": True}
    both.on(arguments, "chat", ask())
    both.on(
        arguments,
        "semantic_embed",
        SemanticEmbeddingRequest(Prompt("a"), SemanticRepresentation.Query),
        "echo",
    )
    both.on(arguments, "models")
    both.on(arguments, "tokenize", TokenizationRequest("a", True, False), "echo")
    chat, embed, models, tokenize = emulator.requests
    for task in (chat, embed):
        assert task.path.endswith("?nice=true")
        assert task.json()["hosting"] == "aleph-alpha"
        assert task.json()["tags"] == ["t"]
    assert "nice" not in models.path
    assert "nice" not in tokenize.path, "an operation that never waits does not know it"


def test_call_options_reach_the_wire(both: Both, emulator: Emulator) -> None:
    both("chat", ask(), extra_body={"seed": 1}, extra_headers={"x-a": "b"}, extra_query={"q": "1"})
    sent = emulator.requests[0]
    assert (sent.json()["seed"], sent.headers["x-a"]) == (1, "b")
    assert sent.path.endswith("?q=1")
