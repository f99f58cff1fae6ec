"""The script: calls that users of aleph-alpha-client make, written against either library's names.

A case is a method, its arguments made from the library's own types, and settings of the client.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Make = Callable[[Any], tuple[Any, ...]]


@dataclass(frozen=True)
class Case:
    method: str
    args: Make
    client: dict[str, Any] = field(default_factory=dict)


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "people": {"type": "integer"}},
    "required": ["name", "people"],
}


def user(n: Any, text: str = "hello big world") -> Any:
    return n.TextMessage(n.Role.User, text)


def chat(**fields: Callable[[Any], Any] | Any) -> Make:
    """A chat with some fields; those that are functions are made from the library's types."""

    def make(n: Any) -> tuple[Any, ...]:
        made = {name: value(n) if callable(value) else value for name, value in fields.items()}
        return n.ChatRequest("echo", made.pop("messages", [user(n)]), **made), "echo"

    return make


def complete(**fields: Any) -> Make:
    def make(n: Any) -> tuple[Any, ...]:
        made = {name: value(n) if callable(value) else value for name, value in fields.items()}
        return n.CompletionRequest(made.pop("prompt", n.Prompt("a b c d")), **made), "echo"

    return make


CHATS: dict[str, Make] = {
    "plain": chat(),
    "system": chat(messages=lambda n: [n.TextMessage(n.Role.System, "be kind"), user(n)]),
    "turns": chat(
        messages=lambda n: [user(n, "a"), n.TextMessage(n.Role.Assistant, "b"), user(n, "c")]
    ),
    "message": chat(messages=lambda n: [n.Message(n.Role.User, "hi there")]),
    "parts": chat(messages=lambda n: [n.Message(n.Role.User, ["one ", "two"])]),
    "picture": chat(messages=lambda n: [n.Message(n.Role.User, ["what?", n.picture])]),
    "emoji": chat(messages=lambda n: [user(n, "grüße 🎉 \u2028 end")]),
    "empty text": chat(messages=lambda n: [user(n, "")]),
    "no messages": chat(messages=lambda n: []),
    "maximum_tokens": chat(maximum_tokens=1),
    "maximum_tokens 0": chat(maximum_tokens=0),
    "temperature": chat(temperature=0.5),
    "temperature 0": chat(temperature=0.0),
    "temperature too high": chat(temperature=5.0),
    "top_k": chat(top_k=3),
    "top_p": chat(top_p=0.5),
    "stream_options": chat(stream_options=lambda n: n.StreamOptions(True)),
    "no usage": chat(stream_options=lambda n: n.StreamOptions(False)),
    "steering": chat(steering_concepts=["_worker/happy"]),
    "schema": chat(response_format=lambda n: n.JSONSchema(SCHEMA, "city")),
    "strict schema": chat(response_format=lambda n: n.JSONSchema(SCHEMA, "city", "a city", True)),
    "pydantic": chat(response_format=lambda n: n.City),
    "pydantic schema": chat(response_format=lambda n: n.JSONSchema.from_pydantic(n.City)),
    "tools": chat(tools=[WEATHER]),
    "tools auto": chat(tools=[WEATHER], tool_choice="auto"),
    "tools required": chat(tools=[WEATHER], tool_choice="required"),
    "tools none": chat(tools=[WEATHER], tool_choice="none"),
    "tools named": chat(
        tools=[WEATHER], tool_choice=lambda n: n.ToolFunction("function", {"name": "get_weather"})
    ),
    "tools parallel": chat(tools=[WEATHER], parallel_tool_calls=True),
    "tool answered": chat(
        tools=[WEATHER],
        messages=lambda n: [
            user(n, "Berlin"),
            n.Message(n.Role.Assistant, "", tool_calls=[call(n)]),
            n.Message(n.Role.Tool, "12 degrees", tool_call_id="call-1"),
        ],
    ),
    "text message with calls": chat(
        messages=lambda n: [user(n), n.TextMessage(n.Role.Assistant, "", [call(n)]), user(n, "b")]
    ),
}


def call(n: Any) -> Any:
    return n.ToolCall("call-1", "function", n.FunctionCall("get_weather", '{"city": "Berlin"}'))


COMPLETIONS: dict[str, Make] = {
    "plain": complete(),
    "from_text": complete(prompt=lambda n: n.Prompt.from_text("x y")),
    "text item": complete(prompt=lambda n: n.Prompt([n.Text("x y", [])])),
    "text control": complete(
        prompt=lambda n: n.Prompt.from_text("x y", [n.TextControl(0, 1, 0.5)])
    ),
    "text control overlap": complete(
        prompt=lambda n: n.Prompt.from_text(
            "x y", [n.TextControl(0, 1, 0.5, n.ControlTokenOverlap.Complete)]
        )
    ),
    "tokens": complete(prompt=lambda n: n.Prompt.from_tokens([1, 2, 3])),
    "token control": complete(
        prompt=lambda n: n.Prompt.from_tokens([1, 2], [n.TokenControl(1, 2.0)])
    ),
    "image": complete(prompt=lambda n: n.Prompt.from_image(n.Image.from_bytes(b"png"))),
    "image cropped": complete(
        prompt=lambda n: n.Prompt([n.Image("aGk=", n.Cropping(1, 2, 3), []), n.Text("x", [])])
    ),
    "image control": complete(
        prompt=lambda n: n.Prompt([n.Image("aGk=", None, [n.ImageControl(0, 0, 1, 1, 0.5)])])
    ),
    "template": complete(
        prompt=lambda n: n.PromptTemplate("{{ a }} and {{ b }}").to_prompt(a="x", b="y")
    ),
    **{
        name: complete(**{name: value})
        for name, value in {
            "maximum_tokens": 2,
            "minimum_tokens": 1,
            "temperature": 0.7,
            "top_k": 5,
            "top_p": 0.9,
            "presence_penalty": 0.1,
            "frequency_penalty": 0.2,
            "repetition_penalties_include_prompt": True,
            "repetition_penalties_include_completion": False,
            "use_multiplicative_presence_penalty": True,
            "use_multiplicative_frequency_penalty": True,
            "use_multiplicative_sequence_penalty": True,
            "sequence_penalty": 0.3,
            "sequence_penalty_min_length": 3,
            "penalty_bias": "x",
            "penalty_exceptions": ["x"],
            "penalty_exceptions_include_stop_sequences": True,
            "best_of": 2,
            "n": 2,
            "logit_bias": {5: -1.0},
            "log_probs": 1,
            "stop_sequences": ["c"],
            "tokens": True,
            "disable_optimizations": True,
            "echo": True,
            "completion_bias_inclusion": ["x"],
            "completion_bias_inclusion_first_token_only": True,
            "completion_bias_exclusion": ["x"],
            "completion_bias_exclusion_first_token_only": True,
            "contextual_control_threshold": 0.5,
            "control_log_additive": False,
            "raw_completion": True,
            "steering_concepts": ["_worker/happy"],
        }.items()
    },
}


def semantic(name: str, **fields: Any) -> Make:
    return lambda n: (
        n.SemanticEmbeddingRequest(
            n.Prompt("big world"), getattr(n.SemanticRepresentation, name), **fields
        ),
        "echo",
    )


def batch(size: int, **fields: Any) -> Make:
    return lambda n: (
        n.BatchSemanticEmbeddingRequest(
            [n.Prompt(f"text {i}") for i in range(size)],
            n.SemanticRepresentation.Document,
            **fields,
        ),
        "echo",
    )


def explain(**fields: Any) -> Make:
    def make(n: Any) -> tuple[Any, ...]:
        made = {name: value(n) if callable(value) else value for name, value in fields.items()}
        prompt = made.pop("prompt", n.Prompt("big world"))
        return n.ExplanationRequest(prompt, "the world", **made), "echo"

    return make


TASKS: dict[str, tuple[str, Make]] = {
    "tokens": ("tokenize", lambda n: (n.TokenizationRequest("big world", True, False), "echo")),
    "ids": ("tokenize", lambda n: (n.TokenizationRequest("big world", False, True), "echo")),
    "both": ("tokenize", lambda n: (n.TokenizationRequest("big world", True, True), "echo")),
    "text of ids": ("detokenize", lambda n: (n.DetokenizationRequest([1, 2]), "echo")),
    "text of unknown ids": ("detokenize", lambda n: (n.DetokenizationRequest([999]), "echo")),
    "symmetric": ("semantic_embed", semantic("Symmetric")),
    "document": ("semantic_embed", semantic("Document")),
    "query": ("semantic_embed", semantic("Query")),
    "compressed": ("semantic_embed", semantic("Query", compress_to_size=128)),
    "normalized": ("semantic_embed", semantic("Query", normalize=True)),
    "controlled": ("semantic_embed", semantic("Query", contextual_control_threshold=0.5)),
    "batch of 0": ("batch_semantic_embed", batch(0)),
    "batch of 3": ("batch_semantic_embed", batch(3)),
    "batch of 201": ("batch_semantic_embed", batch(201, compress_to_size=128)),
    "batch without a model": ("batch_semantic_embed", lambda n: batch(2)(n)[:1]),
    "instruct": (
        "instructable_embed",
        lambda n: (n.InstructableEmbeddingRequest(n.Prompt("x"), "as it is"), "echo"),
    ),
    "instruct normalized": (
        "instructable_embed",
        lambda n: (n.InstructableEmbeddingRequest(n.Prompt("x"), "so", normalize=True), "echo"),
    ),
    "layers": ("embed", lambda n: (n.EmbeddingRequest(n.Prompt("x"), [0, 1], ["mean"]), "echo")),
    "layers with tokens": (
        "embed",
        lambda n: (
            n.EmbeddingRequest(n.Prompt("x y"), [0], n.POOLING_OPTIONS, tokens=True, type="d"),
            "echo",
        ),
    ),
    "text": ("embeddings", lambda n: (n.EmbeddingV2Request("a"), "echo")),
    "texts": ("embeddings", lambda n: (n.EmbeddingV2Request(["a", "b"]), "echo")),
    "text as ids": ("embeddings", lambda n: (n.EmbeddingV2Request([1, 2]), "echo")),
    "dimensions": ("embeddings", lambda n: (n.EmbeddingV2Request("a", dimensions=4), "echo")),
    "base64": (
        "embeddings",
        lambda n: (n.EmbeddingV2Request("a", encoding_format="base64"), "echo"),
    ),
    "expected": ("evaluate", lambda n: (n.EvaluationRequest(n.Prompt("a b"), "a b"), "echo")),
    "unexpected": ("evaluate", lambda n: (n.EvaluationRequest(n.Prompt("a b"), "c"), "echo")),
    "explained": ("explain", explain()),
    "granularity": ("explain", explain(prompt_granularity=lambda n: n.PromptGranularity.Word)),
    "named granularity": ("explain", explain(prompt_granularity="sentence")),
    "custom granularity": (
        "explain",
        explain(prompt_granularity=lambda n: n.CustomGranularity("|")),
    ),
    "by token": ("explain", explain(target_granularity=lambda n: n.TargetGranularity.Token)),
    "squared": ("explain", explain(postprocessing=lambda n: n.ExplanationPostprocessing.Square)),
    "factor": ("explain", explain(control_factor=0.2, normalize=True, control_log_additive=False)),
    "overlap": (
        "explain",
        explain(control_token_overlap=lambda n: n.ControlTokenOverlap.Partial),
    ),
    "items": (
        "explain",
        explain(
            prompt=lambda n: n.Prompt(
                [n.Text("big world", []), n.Image("aGk=", None, []), n.Tokens([1, 2], [])]
            )
        ),
    ),
    "concept": (
        "create_steering_concept",
        lambda n: (n.SteeringConceptCreationRequest([n.SteeringPairedExample("bad", "good")]),),
    ),
    "translated": ("translate", lambda n: (n.TranslationRequest("echo", "One. Two.", "de"),)),
    "ranked": ("rerank", lambda n: (n.RerankRequest("big", ["small", "big"]), "echo")),
    "best": ("rerank", lambda n: (n.RerankRequest("big", ("small", "big"), 1), "echo")),
    "served": ("models", lambda n: ()),
    "version": ("get_version", lambda n: ()),
    "version checked": ("validate_version", lambda n: ()),
    "tokenizer": ("tokenizer", lambda n: ("echo",)),
    "no tokenizer": ("tokenizer", lambda n: ("missing",)),
}

STATUSES = (400, 401, 402, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504)
FRAMINGS = ("crlf", "cr", "nospace", "comments", "multiline", "bom", "event-lines")
BROKEN = ("cut=2", "truncate=2", "error-event=2", "dribble")


def named(method: str, model: str) -> Case:
    make = complete() if method.startswith("complete") else chat()
    return Case(method, lambda n: (make(n)[0], model), {"total_retries": 0})


CASES: dict[str, Case] = {
    **{f"chat: {name}": Case("chat", make) for name, make in CHATS.items()},
    **{f"stream: {name}": Case("chat_with_streaming", make) for name, make in CHATS.items()},
    **{f"complete: {name}": Case("complete", make) for name, make in COMPLETIONS.items()},
    "complete stream: plain": Case("complete_with_streaming", COMPLETIONS["plain"]),
    "complete stream: n": Case("complete_with_streaming", COMPLETIONS["n"]),
    **{f"{method}: {name}": Case(method, make) for name, (method, make) in TASKS.items()},
    **{f"status: {status}": named("chat", f"fault:status={status}") for status in STATUSES},
    "status: 503 html": named("chat", "fault:status=503,html"),
    "status: unknown model": named("chat", "missing"),
    "answer: html": named("chat", "fault:html"),
    "answer: half": named("chat", "fault:malformed"),
    **{f"frames: {way}": named("chat_with_streaming", f"fault:framing={way}") for way in FRAMINGS},
    **{f"broken: {way}": named("chat_with_streaming", f"fault:{way}") for way in BROKEN},
    **{
        f"broken completion: {way}": named("complete_with_streaming", f"fault:{way}")
        for way in BROKEN
    },
    "retried": Case("chat", lambda n: (chat()(n)[0], "fault:status=503,times=1")),
    "settings: hosting": Case("chat", chat(), {"hosting": "aleph-alpha"}),
    "settings: nice": Case("chat", chat(), {"nice": True}),
    "settings: nice tokens": Case("tokenize", TASKS["tokens"][1], {"nice": True}),
    "settings: tags": Case("complete", complete(), {"tags": ["a", "b"]}),
    "settings: no host": Case("chat", chat(), {"host": "http://127.0.0.1:9", "total_retries": 0}),
}
