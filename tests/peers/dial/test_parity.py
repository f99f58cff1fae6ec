"""aidial-client 0.18 and polychat.dial run the same script against the same server."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, unquote

import aidial_client
import httpx
import pytest

from polychat import dial
from polychat.emulator import Emulator
from tests.dial.driver import Driver
from tests.peers.dial.cases import CASES
from tests.peers.dial.differences import DIFFERENT

KEY = "app-tester"


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


def setup(server: Emulator) -> None:
    """What both find: files, prompts, a conversation, an application and a toolset."""
    server.reset()
    with httpx.Client(base_url=server.url("dial"), headers={"api-key": KEY}) as client:
        bucket = client.get("/v1/bucket").json()["bucket"]
        for name, content in {
            "stored.txt": b"stored", "sub/c%20d.txt": b"cd", "sub/e": b"e",
            "large.bin": bytes(1_100_000),
        }.items():  # fmt: skip
            files = {"file": ("x", content, "text/plain")}
            client.put(f"/v1/files/{bucket}/{name}", files=files).raise_for_status()
        document = {"id": "i", "name": "n", "folderId": "f", "content": "c"}
        client.put(f"/v1/prompts/{bucket}/stored", json=document).raise_for_status()
        talk = {"id": "t", "name": "talk", "folderId": "f", "messages": []}
        client.put(f"/v1/conversations/{bucket}/talk", json=talk).raise_for_status()
        app = {"display_name": "App", "endpoint": "http://app", "display_version": "1"}
        client.put(f"/v1/applications/{bucket}/my-app", json=app).raise_for_status()
        tools = {"display_name": "Tools", "endpoint": "http://tools", "transport": "HTTP"}
        client.put(f"/v1/toolsets/{bucket}/my-tools", json=tools).raise_for_status()


TIMES = ("createdAt", "updatedAt")
"""The emulator counts its changes, so these are never the same twice."""


def plain(value: Any) -> Any:
    """What was seen, in a form that both packages' types share."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(by_alias=True, exclude_none=True))
    if isinstance(value, dict):
        return {k: "a time" if k in TIMES else plain(item) for k, item in value.items()}
    return value if isinstance(value, (bytes, int, float, bool, type(None))) else str(value)


def outcome(case: Any, client: Any, package: ModuleType) -> Any:
    """What a case gives, or the exception that it raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return plain(case(client, package))
    except Exception as error:  # noqa: BLE001  # whatever a case raises is what it gives
        return error


def same(theirs: Any, ours: Any) -> bool:
    """Equal values; or an exception that is caught as theirs is, and has the same status."""
    if isinstance(theirs, aidial_client.DialException):
        kind = getattr(dial, type(theirs).__name__)
        return isinstance(ours, kind) and ours.status_code == int(theirs.status_code)
    if isinstance(theirs, Exception):
        return type(theirs) is type(ours)
    return bool(theirs == ours)


def wire(server: Emulator) -> list[Any]:
    """Method, path and JSON body of the requests.

    aidial-client's chat also names the deployment as `model` in the body and says `stream` where
    it is false; of two ways to write a character in a path one is taken.
    """
    seen: list[Any] = []
    for request in server.requests:
        is_json = request.headers.get("content-type", "").startswith("application/json")
        body = json.loads(request.body) if is_json and request.body else None
        path, _, query = request.path.partition("?")
        segments = [unquote(segment) for segment in path.split("/")]
        if isinstance(body, dict) and path.endswith("/chat/completions"):
            if body.get("stream") is False:
                del body["stream"]
            if f"/{body.get('model')}/" in unquote(path):
                del body["model"]
        seen.append((request.method, segments, sorted(parse_qsl(query)), body))
    return seen


def run(server: Emulator, name: str, package: ModuleType, colour: str) -> tuple[Any, list[Any]]:
    setup(server)
    server._app.received.clear()
    retries = int(name.startswith("retry:"))
    arguments = {"base_url": server.url("dial"), "api_key": KEY, "max_retries": retries}
    if colour == "sync":
        client = package.Dial(**arguments)
        try:
            return outcome(CASES[name], client, package), wire(server)
        finally:
            client.close()
    driver = Driver()
    client = package.AsyncDial(**arguments)
    try:
        return outcome(CASES[name], driver.wrap(client), package), wire(server)
    finally:
        driver.run(client.aclose())
        driver.close()


def test_the_script_is_long_and_the_list_has_every_defect() -> None:
    assert len(CASES) >= 150
    assert DIFFERENT.keys() <= CASES.keys()
    assert {entry.defect for entry in DIFFERENT.values()} - {None} == set(range(1, 20))
    assert all(entry.reason for entry in DIFFERENT.values())


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_the_same_or_on_the_list(server: Emulator, colour: str) -> None:
    """The list of differences is exact: what is on it differs, what is not on it does not."""
    found: dict[str, Any] = {}
    for name in CASES:
        theirs, their_wire = run(server, name, aidial_client, colour)
        ours, our_wire = run(server, name, dial, colour)
        if not same(theirs, ours):
            found[name] = ("theirs", theirs, "ours", ours)
        elif their_wire != our_wire:
            found[name] = ("their wire", their_wire, "our wire", our_wire)
    listed = {name for name, entry in DIFFERENT.items() if colour in entry.colours}
    unlisted = {name: found[name] for name in found.keys() - listed}
    assert not unlisted
    assert found.keys() == listed
