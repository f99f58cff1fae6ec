"""AI DIAL's listings: what is built in, and what the caller has stored."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, unquote

from starlette.responses import JSONResponse, Response

from polychat.emulator.dial_storage import bucket_of
from polychat.emulator.exchange import Exchange, Handler, Refusal
from polychat.emulator.vectors import DIMENSIONS
from polychat.emulator.world import World

_FEATURES = {
    "rate": True,
    "tokenize": True,
    "truncate_prompt": True,
    "configuration": True,
    "system_prompt": True,
    "tools": True,
    "url_attachments": True,
}


def _entry(kind: str, name: str, number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        kind: name,
        "object": kind,
        "owner": "organization-owner",
        "display_name": name,
        "status": "succeeded",
        "created_at": World.epoch + number,
        "updated_at": World.epoch + number,
        "features": _FEATURES,
        **more,
    }


def _models() -> list[dict[str, Any]]:
    chatting = {"chat_completion": True, "embeddings": False}
    embedding = {"chat_completion": False, "embeddings": True}
    return [
        _entry("model", "echo", 0, capabilities=chatting, limits={"max_total_tokens": 100_000}),
        _entry("model", "embed", 1, capabilities=embedding, embedding_dimensions=DIMENSIONS),
    ]


def _stored(exchange: Exchange, kind: str) -> list[dict[str, Any]]:
    """The caller's stored applications or toolsets, with their fields as they were saved. Their
    ids are their urls, percent-encoded."""
    store = exchange.world.store
    items = store.under(f"{kind}s/{bucket_of(exchange.key)}/")
    return [
        {**_entry(kind, url, number), **json.loads(store.content(item)), "id": url}
        for number, item in enumerate(items, 10)
        for url in (quote(item.key, safe="/@"),)
    ]


def _listed(exchange: Exchange, kind: str) -> list[dict[str, Any]]:
    if kind == "model":
        return _models()
    if kind == "deployment":
        scale = {"scale_settings": {"scale_type": "standard"}}
        names = [model["id"] for model in _models()]
        return [_entry("model", name, 0, object="deployment", **scale) for name in names]
    built_in = [_entry("application", "stages", 2)] if kind == "application" else []
    return [*built_in, *_stored(exchange, kind)]


def _lister(kind: str) -> Handler:
    async def handle(exchange: Exchange) -> Response:
        return JSONResponse({"data": _listed(exchange, kind), "object": "list"})

    return handle


def _getter(kind: str) -> Handler:
    async def handle(exchange: Exchange) -> Response:
        name = exchange.param("name")
        found = _of_name(_listed(exchange, kind), name)
        if found is None:
            raise Refusal(404, f"{kind.capitalize()} {name} is not found", code="404")
        return JSONResponse(found)

    return handle


def _of_name(entries: list[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """The entry whose id a path named, which is decoded by now."""
    return next((one for one in entries if unquote(one["id"]) == name), None)


_KINDS = ("model", "application", "toolset")


async def _names(exchange: Exchange) -> Response:
    """Ids and kinds only, of the kinds in the query `type`, or of all."""
    asked = exchange.query.get("type", ",".join(_KINDS)).split(",")
    return JSONResponse(
        [
            {"id": entry["id"], "object": kind}
            for kind in _KINDS
            if kind in asked
            for entry in _listed(exchange, kind)
        ]
    )


def _all(exchange: Exchange) -> list[dict[str, Any]]:
    return [entry for kind in _KINDS for entry in _listed(exchange, kind)]


async def _list_all(exchange: Exchange) -> Response:
    return JSONResponse(_all(exchange))


async def _get_any(exchange: Exchange) -> Response:
    name = exchange.param("deployment_name")
    found = _of_name(_all(exchange), name)
    if found is None:
        raise Refusal(404, f"Deployment {name} is not found", code="404")
    return JSONResponse(found)


HANDLERS: dict[str, Handler] = {
    "getDeployments": _lister("deployment"),
    "getDeployment": _getter("deployment"),
    "getModels": _lister("model"),
    "getModel": _getter("model"),
    "getApplications": _lister("application"),
    "getApplication": _getter("application"),
    "getToolsets": _lister("toolset"),
    "getToolset": _getter("toolset"),
    "getDeploymentNames": _names,
    "listDeployments": _list_all,
    "getDeploymentInfo": _get_any,
}
