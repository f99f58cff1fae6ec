"""Azure AI Inference: chat, embeddings and model info, under its endpoint flavours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from starlette.responses import JSONResponse, Response

from polychat.emulator import chat
from polychat.emulator.credentials import EXPIRED, api_key, bearer
from polychat.emulator.exchange import Events, Exchange, Platform, Refusal
from polychat.emulator.validate import Operation
from polychat.emulator.vectors import embedding_list

_FLAVOUR = re.compile(r"/(?:(?:api/)?models|openai/v1|openai/deployments/([^/]+))(?=/)")
_DEFAULT_MODEL = "echo"
_V1 = "v1"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
"""A PNG of one black pixel, in base64."""


def _authenticate(headers: Mapping[str, str], operation: Operation | None) -> str:
    """The `api-key` header, a bearer token, or both: Azure's own client sends a key as both."""
    del operation
    key = api_key(headers) or bearer(headers)
    if not key:
        raise Refusal(401, "Access denied: no api-key and no bearer token", code="Unauthorized")
    if key == EXPIRED:
        raise Refusal(401, "Access denied: the credential has expired", code="Unauthorized")
    return key


def _refuse(refusal: Refusal, path: str) -> Response:
    del path
    code = refusal.code or _code(refusal.status)
    headers = {"x-ms-error-code": code, "x-ms-request-id": "req-emulator", **refusal.headers}
    return JSONResponse(_error_event(refusal), refusal.status, headers)


def _error_event(refusal: Refusal) -> dict[str, Any]:
    code = refusal.code or _code(refusal.status)
    return {"error": {"code": code, "message": refusal.message}}


def _code(status: int) -> str:
    return {400: "BadRequest", 404: "NotFound", 405: "MethodNotAllowed"}.get(status, str(status))


def _route(path: str) -> tuple[str, dict[str, str]]:
    """The path below ``/models``, ``/openai/v1`` (which needs no api-version) or
    ``/openai/deployments/<name>`` (which names the model)."""
    flavour = _FLAVOUR.match(path)
    if flavour is None:
        return path, {}
    below = path[flavour.end() :]
    if flavour.group(1):
        return below, {"model": unquote(flavour.group(1))}
    return below, {"api-version": _V1} if "openai" in flavour.group() else {}


def _model(exchange: Exchange) -> str:
    """The model of the body, else of the URL, else the endpoint's only one."""
    given = exchange.body.get("model") or exchange.query.get("model")
    if not given and exchange.query.get("api-version") == _V1:
        raise Refusal(400, "request body: model: is required")
    model = str(given or _DEFAULT_MODEL)
    if model.startswith("missing"):
        raise Refusal(404, f"The model {model} does not exist", code="DeploymentNotFound")
    return model


async def _chat_completion(exchange: Exchange) -> Response | Events:
    answered = chat.answer(exchange, _model(exchange))
    headers = {"x-ms-request-id": answered.head["id"]}
    if exchange.body.get("stream"):
        return Events(chat.chunks(answered), headers=headers)
    return JSONResponse(chat.completion(answered), headers=headers)


async def _embeddings(exchange: Exchange) -> Response:
    return _embedded(exchange, exchange.body)


async def _image_embeddings(exchange: Exchange) -> Response:
    """An image's vector is that of its URL's text and of the text that comes with it."""
    inputs = [f"{one['image']} {one.get('text', '')}" for one in exchange.body["input"]]
    return _embedded(exchange, {**exchange.body, "input": inputs})


def _embedded(exchange: Exchange, request: dict[str, Any]) -> Response:
    document = embedding_list(request, _model(exchange))
    return JSONResponse({"id": f"emb-{exchange.world.number()}", **document})


async def _images(exchange: Exchange) -> Response:
    """`n` images of one pixel, all alike."""
    request = exchange.body
    items = [{"image": PIXEL, **_chosen(request, "seed")} for _ in range(request["n"])]
    number = exchange.world.number()
    document = {
        "id": f"img-{number}",
        "object": "image.generation",
        "created": exchange.world.epoch + number,
        "model": _model(exchange),
        "data": items,
        "usage": {"image_generations": len(items)},
    }
    return JSONResponse(document)


def _chosen(request: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: request[name] for name in names if name in request}


async def _info(exchange: Exchange) -> Response:
    name = exchange.query.get("model", _DEFAULT_MODEL)
    kind = "embeddings" if "embed" in name else "chat-completion"
    document = {"model_name": name, "model_type": kind, "model_provider_name": "polychat"}
    return JSONResponse(document)


AZURE = Platform(
    name="azure",
    base="/models",
    route=_route,
    authenticate=_authenticate,
    refuse=_refuse,
    error_event=_error_event,
    handlers={
        "getChatCompletions": _chat_completion,
        "getEmbeddings": _embeddings,
        "getImageEmbeddings": _image_embeddings,
        "getImageGenerations": _images,
        "getModelInfo": _info,
    },
)
