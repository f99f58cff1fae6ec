"""DIAL's sharing, publishing, running applications, skills and other forms of chat, on the wire:
what the emulator answers is what the facts say of DIAL Core, and fits the spec."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from importlib import resources
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from polychat.emulator import Emulator
from polychat.emulator.schema import to_json_schema

SPEC = json.loads(
    resources.files("polychat_rest.dial").joinpath("openapi.json").read_text(encoding="utf-8")
)


def fits(schema: str, document: Any) -> None:
    """Raises where a document is not what the spec promises."""
    schemas = {
        name: to_json_schema(one, SPEC) for name, one in SPEC["components"]["schemas"].items()
    }
    root = {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": schemas}}
    Draft202012Validator(root).validate(document)  # pyright: ignore[reportUnknownMemberType]


class Caller:
    """Somebody with a key, a bucket and one file."""

    def __init__(self, emulator: Emulator, key: str) -> None:
        self.http = httpx.Client(base_url=emulator.url("dial"), headers={"Api-Key": key})
        self.bucket: str = self.get("/v1/bucket").json()["bucket"]
        self.file = f"files/{self.bucket}/a%20file.txt"
        put = self.http.put(f"/v1/{self.file}", files={"file": ("x", b"content", "text/plain")})
        assert put.status_code == 200

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.http.get(path, **options)

    def post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return self.http.post(path, json=body, **options)


@pytest.fixture
def callers(emulator: Emulator) -> Iterator[tuple[Caller, Caller]]:
    one, other = Caller(emulator, "owner"), Caller(emulator, "friend")
    yield one, other
    one.http.close()
    other.http.close()


def test_sharing_by_an_invitation(callers: tuple[Caller, Caller]) -> None:
    owner, friend = callers
    shared = {"url": owner.file, "permissions": ["READ"]}
    made = owner.post(
        "/v1/ops/resource/share/create", {"invitationType": "link", "resources": [shared]}
    ).json()
    fits("InvitationLink", made)
    link = made["invitationLink"]
    assert re.fullmatch(r"/v1/invitations/\w+", link)
    document = friend.get(link).json()
    fits("Invitation", document)
    assert document["resources"] == [shared]
    assert document["expireAt"] > document["createdAt"] > 10**12  # milliseconds
    assert friend.get(f"/v1/{owner.file}").status_code == 403
    friend.get(link, params={"accept": "true"})
    assert friend.get(f"/v1/{owner.file}").content == b"content"
    body = {"resourceTypes": ["FILE"], "with": "me"}
    listed = friend.post("/v1/ops/resource/share/list", body).json()
    fits("SharedResources", listed)
    assert [one["url"] for one in listed["resources"]] == [owner.file]
    refused = friend.http.delete(link)
    assert (refused.status_code, refused.text) == (403, "You are not invitation owner")
    assert friend.http.put(f"/v1/{owner.file}", files={"file": b"x"}).status_code == 403
    collection = owner.get("/v1/invitations").json()
    fits("InvitationCollection", collection)
    assert len(collection["invitations"]) == 1
    revoked = owner.post("/v1/ops/resource/share/revoke", {"resources": [{"url": owner.file}]})
    assert (revoked.status_code, revoked.content) == (200, b"")
    assert friend.get(f"/v1/{owner.file}").status_code == 403
    assert owner.http.delete(link).status_code == 200
    assert owner.get(link).status_code == 404


def test_permissions_for_a_request(callers: tuple[Caller, Caller]) -> None:
    owner, _ = callers
    granted = {
        "resourcePermissions": [{"url": owner.file, "permissions": ["READ"]}],
        "receiver": "app",
    }
    path = "/v1/ops/resource/per-request-permissions"
    assert owner.post(f"{path}/grant", granted).content == b""
    listed = owner.post(f"{path}/list", {"with": "OTHERS"}).json()
    fits("PerRequestReceiverList", listed)
    fits("ResourcePermissionList", owner.post(f"{path}/list", {"with": "ME"}).json())
    owner.post(f"{path}/revoke", granted)
    assert owner.post(f"{path}/list", {"with": "OTHERS"}).json() == {"receivers": []}


def test_publishing(callers: tuple[Caller, Caller]) -> None:
    owner, friend = callers
    request = {
        "name": "P",
        "targetFolder": "public/p/",
        "resources": [
            {"action": "ADD", "sourceUrl": owner.file, "targetUrl": "files/public/p/x.txt"}
        ],
    }
    made = owner.post("/v1/ops/publication/create", request).json()
    fits("Publication", made)
    assert made["status"] == "PENDING"
    assert friend.get("/v1/files/public/p/x.txt").status_code == 404
    approved = owner.post("/v1/ops/publication/approve", {"url": made["url"]}).json()
    assert approved["status"] == "APPROVED"
    assert friend.get("/v1/files/public/p/x.txt").content == b"content"
    folder = {"url": f"publications/{owner.bucket}/"}
    fits("PublicationList", owner.post("/v1/ops/publication/list", folder).json())
    notes = owner.get("/v1/ops/notification/list")
    if notes.status_code == 405:
        notes = owner.post("/v1/ops/notification/list", {})
    fits("NotificationList", notes.json())
    assert len(notes.json()["notifications"]) == 1


def test_changes_are_told_with_heartbeats(callers: tuple[Caller, Caller]) -> None:
    owner, _ = callers
    body = {"resources": [{"url": owner.file}]}
    with owner.http.stream("POST", "/v1/ops/resource/subscribe", json=body) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == ": heartbeat"
        owner.http.delete(f"/v1/{owner.file}")
        event = next(line for line in lines if line.startswith("data:"))
    document = json.loads(event.removeprefix("data:"))
    fits("ResourceEvent", document)
    assert (document["url"], document["action"]) == (owner.file, "DELETE")


def test_applications_run(callers: tuple[Caller, Caller]) -> None:
    owner, _ = callers
    url = f"applications/{owner.bucket}/app"
    app = {"display_name": "A", "endpoint": "http://a"}
    assert owner.http.put(f"/v1/{url}", json=app).status_code == 200
    assert owner.post("/v1/ops/application/undeploy", {"url": url}).status_code == 409
    deployed = owner.post("/v1/ops/application/deploy", {"url": url}).json()
    fits("Application", deployed)
    assert deployed["function"]["status"] == "DEPLOYED"
    logs = owner.post("/v1/ops/application/logs", {"url": url}).json()
    fits("ApplicationLogs", logs)
    assert owner.post("/v1/ops/application/deploy", {"url": url + "x"}).status_code == 404


def test_appdata_is_told_to_applications_alone(emulator: Emulator) -> None:
    for key, appdata in (("someone", False), ("app-helper", True)):
        headers = {"Api-Key": key}
        document = httpx.get(emulator.url("dial") + "/v1/bucket", headers=headers).json()
        fits("Bucket", document)
        assert ("appdata" in document) == appdata
        if appdata:
            assert document["appdata"] == f"{document['bucket']}/appdata/helper"


def test_skills(callers: tuple[Caller, Caller]) -> None:
    owner, friend = callers
    root = owner.get(f"/v2/metadata/skills/{owner.bucket}/").json()
    fits("Metadata", root)
    assert [item["nodeType"] for item in root["items"]] == ["FOLDER"]
    files = owner.get(f"/v2/metadata/skills/{owner.bucket}/writing/tone/files").json()
    assert {item["resourceType"] for item in files["items"]} == {"SKILL"}
    archive = owner.get(f"/v2/skills/{owner.bucket}/writing/tone")
    assert archive.headers["content-type"] == "application/zip"
    assert "content-disposition" not in archive.headers
    names = zipfile.ZipFile(io.BytesIO(archive.content)).namelist()
    assert names == ["SKILL.md", "examples/letter.txt"]
    one = owner.get(f"/v2/skills/{owner.bucket}/writing/tone/files/SKILL.md")
    assert one.content.startswith(b"# Tone")
    assert friend.get(f"/v2/skills/{owner.bucket}/writing/tone").status_code == 403


def test_client_channels_answer_a_batch_in_one_event(callers: tuple[Caller, Caller]) -> None:
    owner, _ = callers
    call = {"jsonrpc": "2.0", "method": "toolset/signin", "params": {"toolsetId": "a"}, "id": "1"}
    headers = {"X-DIAL-CLIENT-CHANNEL-ID": "ch"}
    path = "/v1/ops/client-channel/interact"
    answer = owner.post(path, [call, {**call, "id": "2"}], headers=headers)
    events = [line for line in answer.text.splitlines() if line.startswith("data:")]
    assert len(events) == 1
    batch = json.loads(events[0].removeprefix("data:"))
    assert {one["id"] for one in batch} == {"1", "2"}
    for one in batch:
        fits("JsonRpcResponse", one)
    assert owner.post(path, [call]).status_code == 400


def test_other_forms_of_chat(callers: tuple[Caller, Caller]) -> None:
    owner, _ = callers
    made = owner.post("/openai/v1/responses", {"model": "echo", "input": "hi"}).json()
    fits("ResponsesAnswer", made)
    gone = owner.http.delete(f"/openai/v1/responses/{made['id']}").json()
    fits("ResponsesDeleted", gone)
    body: dict[str, Any] = {"model": "echo", "messages": [{"role": "user", "content": "hi"}]}
    assert owner.post("/anthropic/v1/messages", body).status_code == 400
    fits("AnthropicAnswer", owner.post("/anthropic/v1/messages", {**body, "max_tokens": 9}).json())
    fits("AnthropicTokenCount", owner.post("/anthropic/v1/messages/count_tokens", body).json())
    fits("AnthropicModelList", owner.get("/anthropic/v1/models").json())
    streamed = owner.post("/anthropic/v1/messages", {**body, "max_tokens": 9, "stream": True})
    for line in streamed.text.splitlines():
        if line.startswith("data:"):
            fits("AnthropicEvent", json.loads(line.removeprefix("data:")))


def test_a_download_holds_to_an_etag(callers: tuple[Caller, Caller]) -> None:
    owner, _ = callers
    etag = owner.get(f"/v1/{owner.file}").headers["etag"]
    assert owner.get(f"/v1/{owner.file}", headers={"If-Match": etag}).status_code == 200
    refused = owner.get(f"/v1/{owner.file}", headers={"If-Match": "abc"})
    assert (refused.status_code, refused.text) == (412, "ETag abc is rejected")
