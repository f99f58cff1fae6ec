"""AI DIAL: its auth and envelope, the features of its deployments, and the caller."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import JSONResponse, PlainTextResponse, Response

from polychat.emulator import (
    dial_chat,
    dial_forms,
    dial_listing,
    dial_running,
    dial_sharing,
    dial_storage,
)
from polychat.emulator.credentials import EXPIRED, api_key, bearer
from polychat.emulator.dial_chat import deployment
from polychat.emulator.exchange import Exchange, Platform, Refusal
from polychat.emulator.rules import count_tokens, prompt_tokens
from polychat.emulator.validate import Operation

_UNLIMITED = 2**63 - 1
_CONFIGURATION = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"prefix": {"type": "string", "description": "Put before every answer."}},
}


def _authenticate(headers: Mapping[str, str], operation: Operation | None) -> str:
    """The API key or the bearer token. Both may be given when they are equal."""
    del operation  # all of DIAL's operations are for known callers
    key, token = api_key(headers), bearer(headers)
    if key and token and key != token:
        message = "Either API-KEY or Authorization header must be provided but not both"
        raise Refusal(400, message, text=message)
    if not (key or token):
        raise Refusal(401, "At least API-KEY or Authorization header must be provided", code="401")
    if EXPIRED in (key, token):
        raise Refusal(401, "The key has expired", code="401")
    return key or token


def _refuse(refusal: Refusal, path: str) -> Response:
    """JSON from the deployments, and the plain text of DIAL's storage where it is given."""
    del path
    if refusal.text is not None:
        return PlainTextResponse(refusal.text, refusal.status, refusal.headers)
    return JSONResponse(_error_event(refusal), refusal.status, refusal.headers)


def _error_event(refusal: Refusal) -> dict[str, Any]:
    error = {
        "message": refusal.message,
        "type": "invalid_request_error" if refusal.status < 500 else "runtime_error",
        "param": None,
        "code": refusal.code or str(refusal.status),
        "display_message": refusal.message,
    }
    return {"error": error}


async def _configuration(exchange: Exchange) -> Response:
    deployment(exchange)
    return JSONResponse(_CONFIGURATION)


async def _limits(exchange: Exchange) -> Response:
    name = deployment(exchange)
    tokens = {"total": _UNLIMITED, "used": exchange.world.tokens[name]}
    calls = {"total": _UNLIMITED, "used": exchange.world.calls[name]}
    of_tokens = {f"{span}TokenStats": tokens for span in ("minute", "day", "week", "month")}
    of_calls = {f"{span}RequestStats": calls for span in ("hour", "day")}
    return JSONResponse({**of_tokens, **of_calls})


async def _tokenize(exchange: Exchange) -> Response:
    deployment(exchange)
    outputs: list[dict[str, Any]] = []
    for given in exchange.body["inputs"]:
        value = given["value"]
        is_text = given["type"] == "string"
        count = count_tokens(value) if is_text else prompt_tokens(value["messages"])
        outputs.append({"status": "success", "token_count": count})
    return JSONResponse({"outputs": outputs})


async def _truncate_prompt(exchange: Exchange) -> Response:
    """Discards the oldest messages, though no system message and not the last one, until the
    rest has at most `max_prompt_tokens`."""
    deployment(exchange)
    return JSONResponse({"outputs": [_truncated(request) for request in exchange.body["inputs"]]})


def _truncated(request: dict[str, Any]) -> dict[str, Any]:
    messages: list[dict[str, Any]] = request["messages"]
    limit = request.get("max_prompt_tokens")
    kept = dict(enumerate(messages))
    for index, message in list(kept.items())[:-1]:
        if limit is None or prompt_tokens(kept.values()) <= limit:
            break
        if message["role"] not in ("system", "developer"):
            del kept[index]
    if limit is not None and prompt_tokens(kept.values()) > limit:
        return {"status": "error", "error": f"the prompt cannot be cut to {limit} tokens"}
    discarded = [index for index in range(len(messages)) if index not in kept]
    return {"status": "success", "discarded_messages": discarded}


async def _rate(exchange: Exchange) -> Response:
    deployment(exchange)
    return Response()


async def _bucket(exchange: Exchange) -> Response:
    """The caller's bucket; of a key that begins with `app-`, as if it were that of an
    application's request, also where the application keeps what belongs to its user."""
    bucket = dial_storage.bucket_of(exchange.key)
    if exchange.key.startswith("app-"):
        name = quote(exchange.key.removeprefix("app-"), safe="/@")
        return JSONResponse({"bucket": bucket, "appdata": f"{bucket}/appdata/{name}"})
    return JSONResponse({"bucket": bucket})


async def _user_info(exchange: Exchange) -> Response:
    if exchange.headers.get("api-key"):
        return JSONResponse({"roles": ["default"], "project": "emulator"})
    subject = hashlib.sha256(exchange.key.encode()).hexdigest()[:8]
    return JSONResponse({"roles": ["default"], "userClaims": {"sub": [subject]}})


DIAL = Platform(
    name="dial",
    base="",
    route=lambda path: (path, {}),
    authenticate=_authenticate,
    refuse=_refuse,
    error_event=_error_event,
    handlers={
        "configurationDeployment": _configuration,
        "getDeploymentLimits": _limits,
        "tokenize": _tokenize,
        "truncatePrompt": _truncate_prompt,
        "rateDeployment": _rate,
        "getUserBucket": _bucket,
        "getUserInfo": _user_info,
        **dial_chat.HANDLERS,
        **dial_listing.HANDLERS,
        **dial_storage.HANDLERS,
        **dial_sharing.HANDLERS,
        **dial_running.HANDLERS,
        **dial_forms.HANDLERS,
    },
)
