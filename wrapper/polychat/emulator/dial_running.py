"""AI DIAL's applications as they run, changes of resources as they happen, skills, and client
channels.

A stored application is deployed and undeployed; its log has one line a change. Everybody's bucket
has one skill, ``writing/tone``, with two files. Who is asked to sign in on a client channel does,
except to toolsets with ``denied`` (who refuses) or ``broken`` (an error) in their ids.
"""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, unquote

from starlette.responses import JSONResponse, Response, StreamingResponse

from polychat.emulator.dial_storage import CHANGES, bucket_of, plain, resource_at
from polychat.emulator.exchange import Events, Exchange, Handler
from polychat.emulator.world import World

SKILL = "writing/tone"
SKILL_FILES = {
    "SKILL.md": b"# Tone\n\nWrite as you speak.\n",
    "examples/letter.txt": b"Dear reader,\n",
}
_HEARTBEAT = 0.5
_POLL = 0.01


def _changer(status: str) -> Handler:
    async def handle(exchange: Exchange) -> Response:
        key = _application(exchange)
        running: dict[str, str] = exchange.world.more.setdefault("dial-running", {})
        logs: dict[str, list[str]] = exchange.world.more.setdefault("dial-logs", {})
        if status == "UNDEPLOYED" and running.get(key) != "DEPLOYED":
            raise plain(409, f"Application is not deployed: {key}")
        running[key] = status
        logs.setdefault(key, []).append(f"{status.lower()} {len(logs.get(key, ())) + 1}")
        stored = json.loads(exchange.world.store.content(exchange.world.store.items[key]))
        created = {"object": "application", "created_at": World.epoch}
        id_ = quote(key, safe="/@")
        document = {**created, **stored, "id": id_, "function": {"status": status}}
        return JSONResponse(document)

    return handle


def _application(exchange: Exchange) -> str:
    key = resource_at(exchange, exchange.body["url"])
    if key not in exchange.world.store.items or not key.startswith("applications/"):
        raise plain(404, f"Application is not found: {exchange.body['url']}")
    return key


async def _logs(exchange: Exchange) -> Response:
    key = _application(exchange)
    lines = exchange.world.more.get("dial-logs", {}).get(key)
    if not lines:
        raise plain(409, f"Application is not started: {key}")
    return JSONResponse({"logs": [{"instance": "app-0", "content": "\n".join(lines) + "\n"}]})


async def _subscribe(exchange: Exchange) -> Response:
    """The changes from now on, with a comment whenever nothing has happened for a while."""
    urls = [unquote(one["url"]) for one in exchange.body["resources"]]
    for one in exchange.body["resources"]:
        resource_at(exchange, one["url"])
    changes: list[dict[str, Any]] = exchange.world.more.setdefault(CHANGES, [])

    async def stream() -> AsyncIterator[bytes]:
        seen, quiet = len(changes), 0.0
        yield b": heartbeat\n\n"
        while True:
            for change in changes[seen:]:
                if unquote(change["url"]) in urls:
                    yield b"data: " + json.dumps(change).encode() + b"\n\n"
            seen = len(changes)
            await asyncio.sleep(_POLL)
            quiet += _POLL
            if quiet >= _HEARTBEAT:
                quiet = 0.0
                yield b": heartbeat\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


def _own_bucket(exchange: Exchange) -> str:
    bucket = exchange.param("bucket")
    if bucket != bucket_of(exchange.key):
        raise plain(403, f"You don't have an access to: skills/{bucket}/")
    return bucket


def _node(bucket: str, path: str, node_type: str, **more: Any) -> dict[str, Any]:
    parent, _, name = path.rstrip("/").rpartition("/")
    return {
        "name": name or None,
        "parentPath": quote(parent) or None,
        "bucket": bucket,
        "url": f"skills/{bucket}/{quote(path)}",
        "nodeType": node_type,
        "resourceType": "SKILL",
        **more,
    }


async def _list_skills(exchange: Exchange) -> Response:
    """Folders of skills, skills, or what is within a skill."""
    bucket, path = _own_bucket(exchange), exchange.param("path").rstrip("/")
    recursive = exchange.query.get("recursive", "").lower() == "true"
    skill, divider, below = path.partition("/files")
    if divider and skill == SKILL:
        items = _files(bucket, below.strip("/"), recursive=recursive)
        node = _node(bucket, f"{path}/", "FOLDER")
    else:
        folder = f"{path}/" if path else ""
        if not f"{SKILL}/".startswith(folder):
            raise plain(404, f"Not found: skills/{bucket}/{path}")
        head, slash, _ = SKILL.removeprefix(folder).partition("/")
        shown = SKILL if recursive or not slash else f"{folder}{head}/"
        kind = "FOLDER" if shown.endswith("/") else "ITEM"
        items = [] if folder == f"{SKILL}/" else [_node(bucket, shown, kind)]
        node = _node(bucket, folder, "FOLDER")
    limit = int(exchange.query.get("limit", 100))
    start = int(exchange.query.get("token") or 0)
    page = items[start : start + limit]
    more = {"nextToken": str(start + limit)} if len(items) > start + limit else {}
    return JSONResponse({**node, "items": page, **more})


def _files(bucket: str, folder: str, *, recursive: bool) -> list[dict[str, Any]]:
    prefix = f"{folder}/" if folder else ""
    found: dict[str, dict[str, Any]] = {}
    for name in SKILL_FILES:
        if name.startswith(prefix):
            head, slash, _ = name.removeprefix(prefix).partition("/")
            path = (
                f"{SKILL}/files/{prefix}{head}/"
                if slash and not recursive
                else (f"{SKILL}/files/{name}")
            )
            found[path] = _node(bucket, path, "FOLDER" if path.endswith("/") else "ITEM")
    if not found:
        raise plain(404, f"Not found: {folder}")
    return [found[path] for path in sorted(found)]


async def _download_skill(exchange: Exchange) -> Response:
    bucket, path = _own_bucket(exchange), exchange.param("path")
    if path == SKILL:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as target:
            for name, content in SKILL_FILES.items():
                target.writestr(zipfile.ZipInfo(name), content)
        return Response(archive.getvalue(), media_type="application/zip")
    named = SKILL_FILES.get(path.removeprefix(f"{SKILL}/files/"))
    if named is None or not path.startswith(f"{SKILL}/files/"):
        raise plain(404, f"Not found: skills/{bucket}/{path}")
    return Response(named, media_type="text/plain")


async def _interact(exchange: Exchange) -> Response | Events:
    """One event with the responses to all calls, their order reversed: ids tell them apart."""
    if exchange.headers["x-dial-client-channel-id"].startswith("missing"):
        raise plain(404, "Client channel is not found")
    if exchange.headers["x-dial-client-channel-id"] == "silent":
        return Events([], done=None)
    answers = [_signed_in(call) for call in reversed(exchange.body)]
    return Events([answers], done=None)


def _signed_in(call: dict[str, Any]) -> dict[str, Any]:
    answer = {"jsonrpc": "2.0", "id": call.get("id")}
    params: dict[str, Any] = call.get("params") or {}
    toolset = str(params.get("toolsetId"))
    if call["method"] != "toolset/signin" or "broken" in toolset:
        return {**answer, "error": {"code": -32601, "message": "it is broken"}}
    return {**answer, "result": "denied" if "denied" in toolset else "success"}


async def _listen(exchange: Exchange) -> Events:
    """What was reported on the channel so far, one event each."""
    return Events(list(_reports(exchange)), done=None)


async def _report(exchange: Exchange) -> Response:
    _reports(exchange).append(exchange.body)
    return Response()


async def _stop_listening(exchange: Exchange) -> Response:
    _reports(exchange).clear()
    return Response()


def _reports(exchange: Exchange) -> list[Any]:
    channels: dict[str, list[Any]] = exchange.world.more.setdefault("dial-channels", {})
    return channels.setdefault(exchange.headers["x-dial-client-channel-id"], [])


HANDLERS: dict[str, Handler] = {
    "deployApplication": _changer("DEPLOYED"),
    "redeployApplication": _changer("DEPLOYED"),
    "undeployApplication": _changer("UNDEPLOYED"),
    "getApplicationLogs": _logs,
    "subscribeToResources": _subscribe,
    "getSkillMetadata": _list_skills,
    "downloadSkill": _download_skill,
    "interactWithClient": _interact,
    "subscribeToClientChannel": _listen,
    "reportToClientChannel": _report,
    "unsubscribeFromClientChannel": _stop_listening,
}
