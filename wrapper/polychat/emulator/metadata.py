"""AI DIAL's metadata documents: one resource, or a page of a folder."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from polychat.emulator.exchange import Refusal
from polychat.emulator.files import Item, Store

TYPES = {
    "files": "FILE",
    "conversations": "CONVERSATION",
    "prompts": "PROMPT",
    "applications": "APPLICATION",
    "toolsets": "TOOL_SET",
}
_LIMIT = 100
_MAX_LIMIT = 1000


def describe(item: Item, *, with_etag: bool = False) -> dict[str, Any]:
    """A resource's metadata. Within a list DIAL leaves the ETag out."""
    document = {
        **_node(item.key, "ITEM"),
        "createdAt": item.created,
        "updatedAt": item.updated,
        "contentLength": item.length,
        "contentType": item.content_type,
    }
    return {**document, "etag": item.etag} if with_etag else document


def list_folder(store: Store, key: str, query: Mapping[str, str]) -> dict[str, Any]:
    """The metadata of the item `key`, or a page of the folder `key`, which ends in a slash.

    Query: `limit` 0 to 1000 (100), `token` from the page before, `recursive` (items of all depths
    and no folders), `permissions`. Raises a 404 Refusal for an item that is not there, and for a
    folder without items other than the bucket itself.
    """
    permissions = {"permissions": ["READ", "WRITE"]} if _is_true(query, "permissions") else {}
    if not key.endswith("/"):
        item = store.items.get(key)
        if item is None:
            raise _refusal(404, f"Not found: {quote(key)}")
        return {**describe(item, with_etag=True), **permissions}
    items = store.under(key)
    if not items and key.count("/") > 2:
        raise _refusal(404, f"Not found: {quote(key)}")
    children = _children(items, key, recursive=_is_true(query, "recursive"))
    page, rest = _page(children, query)
    document: dict[str, Any] = {
        **_node(key, "FOLDER"),
        **permissions,
        "items": [{**child, **permissions} for child in page],
    }
    return {**document, "nextToken": rest} if rest else document


def _children(items: list[Item], key: str, *, recursive: bool) -> list[dict[str, Any]]:
    """The nodes of a folder, by url."""
    nodes: dict[str, dict[str, Any]] = {}
    for item in items:
        first, slash, _ = item.key.removeprefix(key).partition("/")
        if slash and not recursive:
            nodes[key + first + "/"] = {**_node(key + first + "/", "FOLDER"), "items": None}
        else:
            nodes[item.key] = describe(item)
    return [nodes[name] for name in sorted(nodes)]


def _page(
    children: list[dict[str, Any]], query: Mapping[str, str]
) -> tuple[list[dict[str, Any]], str | None]:
    """The children after the token, at most `limit`; and the token of the next page."""
    limit = int(query.get("limit", _LIMIT))
    if not 0 <= limit <= _MAX_LIMIT:
        raise _refusal(400, f"Limit must be from 0 to {_MAX_LIMIT}")
    try:
        after = base64.urlsafe_b64decode(query.get("token", "")).decode()
    except ValueError as error:
        raise _refusal(400, "Token is of no listing") from error
    left = [child for child in children if child["url"] > after]
    page = left[:limit]
    if not page or len(left) <= limit:
        return page, None
    return page, base64.urlsafe_b64encode(page[-1]["url"].encode()).decode()


def _node(key: str, node_type: str) -> dict[str, Any]:
    """What folders and items have in common. The bucket's own folder has no name."""
    kind, bucket, path = key.split("/", 2)
    parent, _, name = path.rstrip("/").rpartition("/")
    return {
        "name": name or None,
        "parentPath": quote(parent, safe="/@") or None,
        "bucket": bucket,
        "url": quote(key, safe="/@"),
        "nodeType": node_type,
        "resourceType": TYPES[kind],
    }


def _is_true(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "").lower() == "true"


def _refusal(status: int, message: str) -> Refusal:
    return Refusal(status, message, text=message)
