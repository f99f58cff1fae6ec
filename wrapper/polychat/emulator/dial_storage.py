"""AI DIAL's storage: files and JSON resources with ETags, their metadata, move and copy.

As in DIAL Core, errors here are plain text or empty, a path that ends in a slash is a folder, a
path is split at its slashes before it is decoded, and everybody has one bucket.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, unquote

from starlette.responses import JSONResponse, Response, StreamingResponse

from polychat.emulator.exchange import Exchange, Handler, Refusal
from polychat.emulator.files import Item
from polychat.emulator.forms import FormError, receive_file
from polychat.emulator.metadata import describe, list_folder
from polychat.emulator.world import World

CHANGES = "dial-changes"
"""Where a world keeps what happened to its resources, for those who watch them."""
MAX_FILE = 512 * 1024 * 1024
_MAX_KEY = 900
_BUCKET = re.compile(r"[a-zA-Z0-9]+")
_KINDS = ("files", "conversations", "prompts", "applications", "toolsets")


def bucket_of(key: str) -> str:
    """The bucket of the caller with this key."""
    return hashlib.sha256(key.encode()).hexdigest()[:22]


def plain(status: int, message: str) -> Refusal:
    """An error whose whole body is a text."""
    return Refusal(status, message, text=message)


def resource_key(exchange: Exchange, kind: str, bucket: str, raw_path: str) -> str:
    """The decoded key of a resource that the caller may use, from its raw path."""
    if not _BUCKET.fullmatch(bucket):
        raise plain(400, f"Url has invalid bucket: {bucket}")
    segments = raw_path.split("/")
    decoded = [unquote(segment) for segment in segments]
    for position, segment in enumerate(decoded):
        if not segment and position < len(decoded) - 1:
            raise plain(400, f"Url has an empty path segment: {raw_path}")
        if re.search(r"[/{}]", segment) or segment.endswith("."):
            raise plain(400, f"Url has an invalid path segment: {segment}")
    key = f"{kind}/{bucket}/{'/'.join(decoded)}"
    if len(key.encode()) >= _MAX_KEY:
        raise plain(400, f"Resource key is longer than {_MAX_KEY} bytes")
    public = bucket == "public" and exchange.request.method == "GET"
    if bucket != bucket_of(exchange.key) and not public and not _may_read(exchange, key):
        raise plain(403, f"You don't have an access to: {quote(key)}")
    return key


def _may_read(exchange: Exchange, key: str) -> bool:
    """Whether somebody shared the resource with the caller, who only reads it."""
    sharing = exchange.world.more.get("dial-sharing")
    accepted: list[tuple[str, str, str, Any]] = [] if sharing is None else sharing.accepted
    shared = any(one[1] == exchange.key and unquote(one[2]) == key for one in accepted)
    return shared and exchange.request.method == "GET"


def changed(exchange: Exchange, key: str, action: str, etag: str | None = None) -> None:
    """Notes a change for those who watch."""
    changes: list[dict[str, object]] = exchange.world.more.setdefault(CHANGES, [])
    event: dict[str, object] = {
        "url": quote(key, safe="/@"),
        "action": action,
        "timestamp": World.epoch * 1000 + len(changes),
    }
    changes.append(event if etag is None else {**event, "etag": etag})


def _key(exchange: Exchange, kind: str) -> str:
    return resource_key(exchange, kind, exchange.params["bucket"], exchange.params["path"])


def _check_etag(exchange: Exchange, item: Item | None) -> None:
    """If-Match and If-None-Match, before a resource is changed. A resource that is not there
    matches no ETag."""
    if_none = exchange.headers.get("if-none-match")
    if if_none is not None:
        if if_none.strip() != "*":
            raise plain(400, "only header if-none-match=* is supported")
        if item is not None:
            raise plain(412, "Resource already exists")
    if_match = exchange.headers.get("if-match")
    if if_match is None:
        return
    allowed = [etag.strip().strip('"') for etag in if_match.split(",")]
    if item is None or not ("*" in allowed or item.etag in allowed):
        raise plain(412, f"ETag {if_match} is rejected")


def _found(exchange: Exchange, kind: str) -> Item:
    key = _key(exchange, kind)
    if key.endswith("/"):
        raise plain(400, "Can't download a folder")
    item = exchange.world.store.items.get(key)
    if item is None:
        # A missing file has an empty body, every other resource a text.
        raise Refusal(404, "not found", text="" if kind == "files" else f"Not found: {quote(key)}")
    return item


def _named(exchange: Exchange, kind: str) -> str:
    key = _key(exchange, kind)
    if key.endswith("/"):
        raise plain(400, "File name is missing")
    return key


def _saved(item: Item) -> Response:
    headers = {"ETag": item.etag, "Access-Control-Expose-Headers": "etag"}
    return JSONResponse(describe(item, with_etag=True), headers=headers)


async def _upload(exchange: Exchange) -> Response:
    """Writes the form's `file` part through to the store, piece by piece."""
    key = _named(exchange, "files")
    store = exchange.world.store
    _check_etag(exchange, store.items.get(key))
    written = store.begin()
    try:
        content_type = await receive_file(exchange.request, "file", written.write)
        if written.length > MAX_FILE:
            raise plain(413, f"File is larger than {MAX_FILE} bytes")
    except FormError as error:
        written.discard()
        raise plain(400, str(error)) from error
    except BaseException:
        written.discard()
        raise
    existed = key in store.items
    item = store.commit(written, key, content_type)
    changed(exchange, key, "UPDATE" if existed else "CREATE", item.etag)
    return _saved(item)


async def _download(exchange: Exchange) -> Response:
    item = _found(exchange, "files")
    if "if-match" in exchange.headers:
        _check_etag(exchange, item)
    pieces = exchange.world.store.read(item)

    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    headers = {
        "Content-Type": item.content_type,
        "Content-Length": str(item.length),
        "ETag": item.etag,
    }
    return StreamingResponse(stream(), headers=headers)


def _saver(kind: str) -> Handler:
    async def handle(exchange: Exchange) -> Response:
        key = _named(exchange, kind)
        store = exchange.world.store
        _check_etag(exchange, store.items.get(key))
        content = json.dumps(exchange.body, ensure_ascii=False).encode()
        existed = key in store.items
        item = store.put(key, content, "application/json")
        changed(exchange, key, "UPDATE" if existed else "CREATE", item.etag)
        return _saved(item)

    return handle


def _reader(kind: str) -> Handler:
    async def handle(exchange: Exchange) -> Response:
        item = _found(exchange, kind)
        content = exchange.world.store.content(item)
        return Response(content, headers={"ETag": item.etag}, media_type="application/json")

    return handle


def _deleter(kind: str) -> Handler:
    async def handle(exchange: Exchange) -> Response:
        item = _found(exchange, kind)
        _check_etag(exchange, item)
        exchange.world.store.delete(item)
        changed(exchange, item.key, "DELETE")
        return Response()

    return handle


def _lister(kind: str) -> Handler:
    async def handle(exchange: Exchange) -> Response:
        key = _key(exchange, kind)
        document = list_folder(exchange.world.store, key, exchange.query)
        accepted = exchange.headers.get("accept", "")
        echoed = "application/vnd.dial.metadata+json"
        media_type = echoed if echoed in accepted else "application/json"
        return JSONResponse(document, media_type=media_type)

    return handle


def _mover(*, keep: bool) -> Handler:
    async def handle(exchange: Exchange) -> Response:
        source, target = (
            resource_at(exchange, exchange.body[name]) for name in ("sourceUrl", "destinationUrl")
        )
        store = exchange.world.store
        if source == target:
            raise plain(400, "Source and destination are the same")
        if source.partition("/")[0] != target.partition("/")[0]:
            raise plain(400, "Source and destination must be of the same type")
        item = store.items.get(source)
        if item is None:
            raise plain(404, f"Not found: {quote(source)}")
        if target in store.items and not exchange.body.get("overwrite"):
            raise plain(400, f"Destination exists already: {quote(target)}")
        existed = target in store.items
        copied = store.copy(item, target)
        changed(exchange, target, "UPDATE" if existed else "CREATE", copied.etag)
        if not keep:
            store.delete(item)
            changed(exchange, source, "DELETE")
        return Response()

    return handle


def resource_at(exchange: Exchange, url: str) -> str:
    """The decoded key of the resource at a URL within a body. Raises a 400 Refusal for a folder,
    and a 403 for what the caller may not use."""
    kind, _, rest = url.partition("/")
    bucket, _, path = rest.partition("/")
    if kind not in _KINDS or not path or path.endswith("/"):
        raise plain(400, f"Url is of no resource: {url}")
    return resource_key(exchange, kind, bucket, path)


HANDLERS: dict[str, Handler] = {
    "uploadFile": _upload,
    "downloadFile": _download,
    "deleteFile": _deleter("files"),
    "getFileMetadata": _lister("files"),
    "getConversationMetadata": _lister("conversations"),
    "getPromptMetadata": _lister("prompts"),
    "getApplicationMetadata": _lister("applications"),
    "getToolsetMetadata": _lister("toolsets"),
    "getConversation": _reader("conversations"),
    "saveConversation": _saver("conversations"),
    "deleteConversation": _deleter("conversations"),
    "getPrompt": _reader("prompts"),
    "savePrompt": _saver("prompts"),
    "deletePrompt": _deleter("prompts"),
    "getCustomApplication": _reader("applications"),
    "saveCustomApplication": _saver("applications"),
    "deleteCustomApplication": _deleter("applications"),
    "getCustomToolset": _reader("toolsets"),
    "saveCustomToolset": _saver("toolsets"),
    "deleteCustomToolset": _deleter("toolsets"),
    "moveResource": _mover(keep=False),
    "copyResource": _mover(keep=True),
}
