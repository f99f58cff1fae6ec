"""Aleph Alpha's other tasks: evaluation, explanation, inner states, translation, transcription,
steering concepts, tokenizer files and model settings.

What they answer follows rules, as all of the emulator: the expected completion is the prompt
itself, a word explains a target that it occurs in, a translation is the text behind the language.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from polychat.emulator.exchange import Exchange, Refusal
from polychat.emulator.rules import count_tokens, tokens
from polychat.emulator.vectors import embed

MODEL_VERSION = "2026-01"
VOCABULARY = {"[UNK]": 0, "hello": 1, "world": 2}
"""The words of every model's tokenizer file; the route ``/tokenize`` knows more."""

_SENTENCE = re.compile(r"[^.!?]+[.!?]?\s*")


def prompt_text(prompt: Any) -> str:
    """The text of a prompt: itself, or its text items joined."""
    if isinstance(prompt, str):
        return prompt
    items: list[dict[str, Any]] = prompt
    return "".join(str(item["data"]) for item in items if item["type"] == "text")


async def evaluate(exchange: Exchange) -> Response:
    """Each word halves the probability; greedy is the prompt itself."""
    text, expected = prompt_text(exchange.body["prompt"]), exchange.body["completion_expected"]
    words, characters = max(count_tokens(expected), 1), max(len(expected), 1)
    result = {
        "log_probability": -float(words),
        "log_perplexity": float(words),
        "log_perplexity_per_token": 1.0,
        "log_perplexity_per_character": words / characters,
        "correct_greedy": expected == text,
        "token_count": words,
        "character_count": characters,
        "completion": text,
    }
    document = {"model_version": MODEL_VERSION, "result": result}
    return JSONResponse({**document, "num_tokens_prompt_total": count_tokens(text)})


async def explain(exchange: Exchange) -> Response:
    """One explanation of the target, or with target_granularity token one of each word."""
    target = exchange.body["target"]
    by_token = exchange.body.get("target_granularity") == "token"
    targets = [word.strip() for word in tokens(target)] if by_token else [target]
    given: Any = exchange.body["prompt"]
    items: list[dict[str, Any]] = [{"type": "text", "data": given}] if _is_text(given) else given
    explanations = [
        {"target": part, "items": [*(_scores(item, part) for item in items), _target(part)]}
        for part in targets
    ]
    return JSONResponse({"model_version": MODEL_VERSION, "explanations": explanations})


def _is_text(prompt: Any) -> bool:
    return isinstance(prompt, str)


def _scores(item: dict[str, Any], target: str) -> dict[str, Any]:
    """A word that the target has scores 1, another 0; a picture's four quarters score 0.25."""
    data: Any = item["data"]
    if item["type"] == "text":
        return {"type": "text", "scores": _spans(data, target)}
    if item["type"] == "token_ids":
        return {"type": "token_ids", "scores": [0.5 for _ in data]}
    quarters = [(left, top) for top in (0.0, 0.5) for left in (0.0, 0.5)]
    return {
        "type": "image",
        "scores": [
            {"rect": {"left": left, "top": top, "width": 0.5, "height": 0.5}, "score": 0.25}
            for left, top in quarters
        ],
    }


def _target(target: str) -> dict[str, Any]:
    return {"type": "target", "scores": _spans(target, target)}


def _spans(text: str, target: str) -> list[dict[str, Any]]:
    return [
        {
            "start": word.start(),
            "length": len(word[0]),
            "score": 1.0 if word[0] in target else 0.0,
        }
        for word in re.finditer(r"\S+", text)
    ]


async def embed_layers(exchange: Exchange) -> Response:
    """A vector of 8 numbers for each layer and pooling, the same in all of them."""
    request = exchange.body
    text = prompt_text(request["prompt"])
    pooled = {pooling: embed(text) for pooling in request.get("pooling") or ["mean"]}
    layers = {f"layer_{layer}": pooled for layer in request.get("layers") or [0]}
    document: dict[str, Any] = {"model_version": MODEL_VERSION, "embeddings": layers}
    document["tokens"] = tokens(text) if request.get("tokens") else None
    return JSONResponse({**document, "num_tokens_prompt_total": count_tokens(text)})


async def translate(exchange: Exchange) -> Response:
    """``de: text``, and the same for each sentence."""
    source, language = exchange.body["source"], exchange.body["target_language"]
    used = count_tokens(source)
    segments = [
        {"source": part, "translation": f"{language}: {part}", "score": 0.9}
        for part in _SENTENCE.findall(source)
    ]
    return JSONResponse(
        {
            "translation": f"{language}: {source}",
            "score": 0.9,
            "segments": segments,
            "num_tokens_prompt_total": used,
            "num_tokens_generated": used + 1,
        }
    )


async def transcribe(exchange: Exchange) -> Response:
    """The name and size of the recording, as its only segment."""
    async with exchange.request.form() as form:
        file, metadata = form.get("audiofile"), form.get("metadata")
        if not isinstance(file, UploadFile) or not isinstance(metadata, str):
            raise Refusal(400, "the form needs the parts audiofile (a file) and metadata")
        described: dict[str, Any] = json.loads(metadata)
        if not isinstance(described.get("model"), str):
            raise Refusal(400, "metadata: model is missing")
        text = f"{file.filename}: {len(await file.read())} bytes"
    segment: dict[str, Any] = {"start": 0.0, "end": 1.0, "text": text, "tokens": []}
    return JSONResponse(
        {
            "transcription": text,
            "segments": [segment],
            "language": described.get("language") or "en",
            "num_tokens_prompt_total": 0,
            "num_tokens_generated": count_tokens(text),
        }
    )


async def create_steering_concept(exchange: Exchange) -> Response:
    """The same examples have the same id."""
    text = json.dumps(exchange.body["examples"], sort_keys=True)
    return JSONResponse({"id": hashlib.sha256(text.encode()).hexdigest()}, 201)


async def tokenizer(exchange: Exchange) -> Response:
    """A file of the tokenizers library that splits at spaces."""
    if exchange.param("modelName").startswith("missing"):
        raise Refusal(404, "the model does not exist", code="UNKNOWN_MODEL")
    model = {"type": "WordLevel", "vocab": VOCABULARY, "unk_token": "[UNK]"}
    nothing = ("truncation", "padding", "normalizer", "post_processor", "decoder")
    document: dict[str, Any] = {"version": "1.0", **dict.fromkeys(nothing), "added_tokens": []}
    document["pre_tokenizer"] = {"type": "WhitespaceSplit"}
    return JSONResponse({**document, "model": model})


async def model_settings(exchange: Exchange) -> Response:
    """The one model that stands for all."""
    del exchange
    document = {
        "name": "echo",
        "status": "available",
        "description": "Answers with what it is told.",
        "multimodal": False,
        "max_context_size": 100_000,
        "semantic_embedding": True,
    }
    return JSONResponse([document])
