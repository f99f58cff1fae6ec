"""Aleph Alpha (PhariaInference): chat, completion, embeddings, tokens, ranking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from polychat.emulator import aleph_alpha_tasks as tasks
from polychat.emulator import chat
from polychat.emulator.aleph_alpha_tasks import MODEL_VERSION, prompt_text
from polychat.emulator.credentials import EXPIRED, bearer
from polychat.emulator.exchange import Events, Exchange, Platform, Refusal
from polychat.emulator.rules import Reply, count_tokens, pieces, reply, tokens
from polychat.emulator.validate import Operation
from polychat.emulator.vectors import embed, embedding_list

_VERSION = "4.7.0"
_SEMANTIC = 128
"""The length of a semantic embedding; `compress_to_size` knows no other."""


def _authenticate(headers: Mapping[str, str], operation: Operation | None) -> str:
    key = bearer(headers)
    if not key and operation is not None and not operation.secured:
        return ""
    if not key:
        raise Refusal(401, "no token was given", code="UNAUTHORIZED")
    if key == EXPIRED:
        raise Refusal(401, "the token has expired", code="UNAUTHORIZED")
    return key


def _refuse(refusal: Refusal, path: str) -> Response:
    del path
    return JSONResponse(_error_event(refusal), refusal.status, refusal.headers)


def _error_event(refusal: Refusal) -> dict[str, Any]:
    code = refusal.code or ("BAD_REQUEST" if refusal.status == 400 else str(refusal.status))
    return {"error": refusal.message, "code": code}


def _route(path: str) -> tuple[str, dict[str, str]]:
    """The API is at the host's root, and below ``/v1``."""
    return (path.removeprefix("/v1") if path.startswith("/v1/") else path), {}


def _model(exchange: Exchange) -> str:
    model = str(exchange.body.get("model") or "echo")
    if model.startswith("missing"):
        raise Refusal(404, f"model {model} does not exist", code="UNKNOWN_MODEL")
    return model


async def _chat_completion(exchange: Exchange) -> Response | Events:
    answered = chat.answer(exchange, _model(exchange))
    if not exchange.body.get("stream"):
        document = chat.completion(answered)
        for choice in document["choices"]:
            choice["logprobs"] = None
        return JSONResponse({**document, "system_fingerprint": None})
    return Events(_chunks(answered))


def _chunks(answered: chat.Chat) -> Iterator[dict[str, Any]]:
    """The chunks with the nulls that this service writes out."""
    for chunk in chat.chunks(answered):
        for choice in chunk["choices"]:
            choice["logprobs"] = None
        yield {"usage": None, "system_fingerprint": None, **chunk}


async def _complete(exchange: Exchange) -> Response | Events:
    """The prompt comes back as its own completion, as far as the limit and the stops allow."""
    _model(exchange)
    request = exchange.body
    text = prompt_text(request["prompt"])
    as_chat: dict[str, Any] = {
        "messages": [{"role": "user", "content": text}],
        "stop": request.get("stop_sequences"),
        "maximum_tokens": request.get("maximum_tokens"),
    }
    said = reply(as_chat)
    reason = "maximum_tokens" if said.finish_reason == "length" else "end_of_text"
    n = request.get("n") or 1
    used = {
        "num_tokens_prompt_total": count_tokens(text),
        "num_tokens_generated": said.tokens * n,
    }
    if request.get("stream") and exchange.operation.id == "complete":
        return Events(_completion_events(said, reason, n, used), done=None)
    completions = [
        {"index": index, "completion": said.content, "finish_reason": reason} for index in range(n)
    ]
    return JSONResponse({"model_version": MODEL_VERSION, "completions": completions, **used})


def _completion_events(
    said: Reply, reason: str, n: int, used: dict[str, int]
) -> Iterator[dict[str, Any]]:
    for index in range(n):
        for piece in pieces(said.content or ""):
            yield {"type": "stream_chunk", "index": index, "completion": piece}
        summary = {"index": index, "model_version": MODEL_VERSION, "finish_reason": reason}
        yield {"type": "stream_summary", **summary}
    yield {"type": "completion_summary", **used}


async def _embeddings(exchange: Exchange) -> Response:
    return JSONResponse(embedding_list(exchange.body, _model(exchange)))


async def _semantic_embed(exchange: Exchange) -> Response:
    _model(exchange)
    request = exchange.body
    text = prompt_text(request.get("prompt") or request.get("input") or "")
    document = {"model_version": MODEL_VERSION, "embedding": embed(text, _SEMANTIC)}
    return JSONResponse({**document, "num_tokens_prompt_total": count_tokens(text)})


async def _batch_semantic_embed(exchange: Exchange) -> Response:
    _model(exchange)
    texts = [prompt_text(prompt) for prompt in exchange.body["prompts"]]
    vectors = [embed(text, _SEMANTIC) for text in texts]
    total = sum(count_tokens(text) for text in texts)
    document = {"model_version": MODEL_VERSION, "embeddings": vectors}
    return JSONResponse({**document, "num_tokens_prompt_total": total})


async def _tokenize(exchange: Exchange) -> Response:
    """Tokens are words with the space before them; their numbers are given out by first sight."""
    _model(exchange)
    words = tokens(exchange.body["prompt"])
    document: dict[str, Any] = {}
    if exchange.body["tokens"]:
        document["tokens"] = words
    if exchange.body["token_ids"]:
        document["token_ids"] = exchange.world.word_ids(words)
    return JSONResponse(document)


async def _detokenize(exchange: Exchange) -> Response:
    _model(exchange)
    try:
        words = exchange.world.words(exchange.body["token_ids"])
    except KeyError as error:
        raise Refusal(400, f"token_ids: {error.args[0]} is no token of this model") from error
    return JSONResponse({"result": "".join(words)})


async def _rerank(exchange: Exchange) -> Response:
    """A document's score is the share of the query's words that it has."""
    query = set(exchange.body["query"].lower().split())
    documents: list[str] = exchange.body["documents"]
    scores = [
        (len(query & set(document.lower().split())) / max(len(query), 1), -index)
        for index, document in enumerate(documents)
    ]
    best = sorted(scores, reverse=True)[: exchange.body.get("top_n") or len(scores)]
    used = sum(count_tokens(text) for text in (exchange.body["query"], *documents))
    usage = {"prompt_tokens": used, "completion_tokens": 0, "total_tokens": used}
    results = [{"index": -index, "relevance_score": score} for score, index in best]
    return JSONResponse({"results": results, "usage": usage})


async def _models(exchange: Exchange) -> Response:
    del exchange
    document = {
        "name": "echo",
        "description": "Answers with what it is told.",
        "max_context_size": 100_000,
        "maximum_completion_tokens": 100_000,
        "image_support": False,
        "embedding_types": ["semantic", "openai"],
    }
    return JSONResponse([document])


async def _version(exchange: Exchange) -> Response:
    del exchange
    return PlainTextResponse(_VERSION)


ALEPH_ALPHA = Platform(
    name="aleph_alpha",
    base="",
    route=_route,
    authenticate=_authenticate,
    refuse=_refuse,
    error_event=_error_event,
    handlers={
        "chatCompletions": _chat_completion,
        "complete": _complete,
        "completeJson": _complete,
        "embeddings": _embeddings,
        "semanticEmbed": _semantic_embed,
        "batchSemanticEmbed": _batch_semantic_embed,
        "instructableEmbed": _semantic_embed,
        "tokenize": _tokenize,
        "detokenize": _detokenize,
        "rerank": _rerank,
        "availableModels": _models,
        "version": _version,
        "evaluate": tasks.evaluate,
        "explain": tasks.explain,
        "embed": tasks.embed_layers,
        "translate": tasks.translate,
        "transcribe": tasks.transcribe,
        "create_steering_concept": tasks.create_steering_concept,
        "getModelTokenizer": tasks.tokenizer,
        "modelSettings": tasks.model_settings,
    },
)
