"""AI DIAL's sharing, invitations, permissions for a request, publications and notifications.

Who accepts an invitation may read what it shares. A publication waits until it is approved (then
its resources are copied to where they are to be public) or rejected; either makes a notification.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from starlette.responses import JSONResponse, Response

from polychat.emulator.dial_storage import bucket_of, plain, resource_at
from polychat.emulator.exchange import Exchange, Handler
from polychat.emulator.metadata import TYPES, describe
from polychat.emulator.world import World

_EPOCH = World.epoch * 1000
_WEEK = 7 * 24 * 3600 * 1000


@dataclass(slots=True)
class Sharing:
    """Who shared what with whom. Callers are known by their keys."""

    invitations: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    owners: dict[str, str] = field(default_factory=dict[str, str])
    accepted: list[tuple[str, str, str, tuple[str, ...]]] = field(
        default_factory=list[tuple[str, str, str, tuple[str, ...]]]
    )
    """Owner, receiver, resource, permissions."""
    granted: dict[tuple[str, str], list[str]] = field(
        default_factory=dict[tuple[str, str], list[str]]
    )
    """Receiver and key to the permissions for the time of a request."""
    publications: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    notifications: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def state(world: World) -> Sharing:
    """What this world knows of sharing."""
    known: Sharing = world.more.setdefault("dial-sharing", Sharing())
    return known


async def _share(exchange: Exchange) -> Response:
    known, number = state(exchange.world), exchange.world.number()
    for shared in exchange.body["resources"]:
        _existing(exchange, shared["url"])
    name = f"inv{number}"
    known.owners[name] = exchange.key
    known.invitations[name] = {
        "id": name,
        "resources": exchange.body["resources"],
        "createdAt": _EPOCH + number,
        "expireAt": _EPOCH + number + _WEEK,
    }
    return JSONResponse({"invitationLink": f"/v1/invitations/{name}"})


def _existing(exchange: Exchange, url: str) -> str:
    key = resource_at(exchange, url)
    if key not in exchange.world.store.items:
        raise plain(404, f"Not found: {url}")
    return key


async def _invitations(exchange: Exchange) -> Response:
    known = state(exchange.world)
    own = [one for name, one in known.invitations.items() if known.owners[name] == exchange.key]
    return JSONResponse({"invitations": own})


def _invitation(exchange: Exchange) -> dict[str, Any]:
    found = state(exchange.world).invitations.get(exchange.param("invitation_id"))
    if found is None:
        raise plain(404, "No invitation found for ID " + exchange.param("invitation_id"))
    return found


async def _get_invitation(exchange: Exchange) -> Response:
    found, known = _invitation(exchange), state(exchange.world)
    if exchange.query.get("accept", "").lower() == "true":
        owner = known.owners[found["id"]]
        if owner == exchange.key:
            raise plain(400, "Resource already belong to you")
        for shared in found["resources"]:
            access = tuple(shared.get("permissions") or ("READ",))
            known.accepted.append((owner, exchange.key, shared["url"], access))
    return JSONResponse(found)


async def _delete_invitation(exchange: Exchange) -> Response:
    found, known = _invitation(exchange), state(exchange.world)
    if known.owners[found["id"]] != exchange.key:
        raise plain(403, "You are not invitation owner")
    del known.invitations[found["id"]]
    return Response()


async def _shared(exchange: Exchange) -> Response:
    """The metadata of what is shared with the caller, or by the caller."""
    mine = 1 if exchange.body["with"] == "me" else 0
    urls = dict.fromkeys(
        one[2] for one in state(exchange.world).accepted if one[mine] == exchange.key
    )
    store = exchange.world.store
    items = [store.items[key] for url in urls if (key := _key(url)) in store.items]
    wanted = exchange.body["resourceTypes"]
    shown = [
        {**describe(item), "permissions": ["READ"]}
        for item in items
        if TYPES[item.key.partition("/")[0]] in wanted
    ]
    return JSONResponse({"resources": shown})


def _key(url: str) -> str:
    return unquote(url)


def _forgetter(mine: int) -> Handler:
    """Forgets what the caller shared (0), or what was shared with the caller (1)."""

    async def handle(exchange: Exchange) -> Response:
        known = state(exchange.world)
        keys = {_key(shared["url"]) for shared in exchange.body["resources"]}
        known.accepted = [
            one
            for one in known.accepted
            if not (one[mine] == exchange.key and _key(one[2]) in keys)
        ]
        return Response()

    return handle


async def _copy_shared(exchange: Exchange) -> Response:
    known = state(exchange.world)
    source, target = exchange.body["sourceUrl"], exchange.body["destinationUrl"]
    _existing(exchange, source)
    _existing(exchange, target)
    known.accepted += [
        (owner, receiver, target, access)
        for owner, receiver, url, access in known.accepted
        if owner == exchange.key and _key(url) == _key(source)
    ]
    return Response()


async def _grant(exchange: Exchange) -> Response:
    known = state(exchange.world)
    for one in exchange.body["resourcePermissions"]:
        resource_at(exchange, one["url"])
        known.granted[exchange.body["receiver"], _key(one["url"])] = one["permissions"]
    return Response()


async def _revoke(exchange: Exchange) -> Response:
    known = state(exchange.world)
    for one in exchange.body["resourcePermissions"]:
        known.granted.pop((exchange.body["receiver"], _key(one["url"])), None)
    return Response()


async def _granted(exchange: Exchange) -> Response:
    """By the caller to others. Nobody here is a deployment, so nothing is granted to callers."""
    if exchange.body.get("with") == "ME":
        return JSONResponse({"resources": []})
    receivers: dict[str, list[dict[str, Any]]] = {}
    for (receiver, key), access in state(exchange.world).granted.items():
        shown = {"url": quote(key, safe="/@"), "permissions": access}
        receivers.setdefault(receiver, []).append(shown)
    listed = [{"receiver": name, "resourcePermissions": all_} for name, all_ in receivers.items()]
    return JSONResponse({"receivers": listed})


def _resources(publication: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = publication.get("resources") or []
    return found


async def _publish(exchange: Exchange) -> Response:
    number = exchange.world.number()
    url = f"publications/{bucket_of(exchange.key)}/pub{number}"
    for one in _resources(exchange.body):
        _existing(exchange, one["sourceUrl"])
    found = {
        **exchange.body,
        "url": url,
        "author": bucket_of(exchange.key),
        "createdAt": _EPOCH + number,
        "status": "PENDING",
        "resourceTypes": sorted(
            {TYPES[one["sourceUrl"].partition("/")[0]] for one in _resources(exchange.body)}
        ),
    }
    state(exchange.world).publications[url] = found
    return JSONResponse(found)


def _publication(exchange: Exchange) -> dict[str, Any]:
    found = state(exchange.world).publications.get(exchange.body["url"])
    if found is None:
        raise plain(404, f"No publication: {exchange.body['url']}")
    return found


async def _get_publication(exchange: Exchange) -> Response:
    return JSONResponse(_publication(exchange))


async def _publications(exchange: Exchange) -> Response:
    folder: str = exchange.body["url"]
    if not folder.endswith("/"):
        raise plain(400, "Url must end with a slash")
    found = state(exchange.world).publications
    brief = [
        {name: value for name, value in one.items() if name not in ("resources", "rules")}
        for url, one in found.items()
        if url.startswith(folder)
    ]
    return JSONResponse({"publications": brief})


async def _update_publication(exchange: Exchange) -> Response:
    found = _publication(exchange)
    found.update(exchange.body)
    return JSONResponse(found)


async def _delete_publication(exchange: Exchange) -> Response:
    del state(exchange.world).publications[_publication(exchange)["url"]]
    return Response()


def _decider(status: str, act: Callable[[Exchange, dict[str, Any]], None]) -> Handler:
    async def handle(exchange: Exchange) -> Response:
        found = _publication(exchange)
        if found["status"] != "PENDING":
            raise plain(400, "Publication is not pending")
        act(exchange, found)
        found["status"] = status
        number = exchange.world.number()
        note = {
            "id": f"note{number}",
            "url": found["url"],
            "type": "PUBLICATION",
            "message": exchange.body.get("comment") or f"Your request has been {status.lower()}",
            "timestamp": _EPOCH + number,
        }
        state(exchange.world).notifications.append(note)
        return JSONResponse(found)

    return handle


def _make_public(exchange: Exchange, publication: dict[str, Any]) -> None:
    for one in _resources(publication):
        source = exchange.world.store.items[_key(one["sourceUrl"])]
        exchange.world.store.copy(source, _key(one["targetUrl"]))


def _leave(exchange: Exchange, publication: dict[str, Any]) -> None:
    """A rejected publication changes nothing."""


async def _published(exchange: Exchange) -> Response:
    wanted: list[str] = exchange.body.get("resourceTypes") or []
    store = exchange.world.store
    found = [
        describe(store.items[_key(one["sourceUrl"])])
        for publication in state(exchange.world).publications.values()
        for one in _resources(publication)
        if TYPES[one["sourceUrl"].partition("/")[0]] in wanted
    ]
    return JSONResponse(found)


async def _rules(exchange: Exchange) -> Response:
    folder = exchange.body["url"]
    rules: dict[str, list[Any]] = {}
    for publication in state(exchange.world).publications.values():
        if folder.startswith(publication["targetFolder"]) and publication["status"] == "APPROVED":
            rules[publication["targetFolder"]] = publication.get("rules") or []
    return JSONResponse({"rules": rules})


async def _notifications(exchange: Exchange) -> Response:
    return JSONResponse({"notifications": state(exchange.world).notifications})


async def _delete_notifications(exchange: Exchange) -> Response:
    known, ids = state(exchange.world), exchange.body["ids"]
    known.notifications = [one for one in known.notifications if one["id"] not in ids]
    return Response()


HANDLERS: dict[str, Handler] = {
    "shareResource": _share,
    "getSharedResources": _shared,
    "revokeSharedResources": _forgetter(0),
    "discardSharedResources": _forgetter(1),
    "copySharedResources": _copy_shared,
    "getInvitations": _invitations,
    "getInvitation": _get_invitation,
    "deleteInvitation": _delete_invitation,
    "grantPerRequestPermissions": _grant,
    "revokePerRequestPermissions": _revoke,
    "getPerRequestPermissions": _granted,
    "createPublication": _publish,
    "getPublication": _get_publication,
    "getPublications": _publications,
    "updatePublication": _update_publication,
    "deletePublication": _delete_publication,
    "approvePublication": _decider("APPROVED", _make_public),
    "rejectPublication": _decider("REJECTED", _leave),
    "listPublishedResources": _published,
    "getPublicationRules": _rules,
    "getNotifications": _notifications,
    "deleteNotifications": _delete_notifications,
}
