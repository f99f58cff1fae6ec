"""Everything beside files and chat, in both colours."""

from __future__ import annotations

from typing import Any

import pytest

from polychat import errors
from polychat.dial import (
    EtagMismatchError,
    InvalidDialURLError,
    InvalidRequestError,
    ResourceNotFoundError,
    SigninResult,
    etag_of,
)
from polychat.emulator import Emulator

HI: list[Any] = [{"role": "user", "content": "hello there"}]
APP: Any = {"display_name": "App", "endpoint": "http://app", "display_version": "1"}


def test_what_can_be_called(dial: Any) -> None:
    assert [one.id for one in dial.deployments.list()] == ["echo", "embed"]
    assert [one.id for one in dial.models.list()] == ["echo", "embed"]
    assert [one.id for one in dial.applications.list()] == ["stages"]
    assert dial.toolsets.list() == []
    assert {one.id for one in dial.deployments.list_all()} == {"echo", "embed", "stages"}
    names = dial.deployments.list_names(["application"])
    assert [(one.id, one.object) for one in names] == [("stages", "application")]
    assert dial.deployments.get("echo").features.reasoning_efforts == []
    assert dial.model.get("embed").embedding_dimensions == 8
    assert dial.application.get("stages").defaults == {}


def test_features_of_a_deployment(dial: Any, emulator: Emulator) -> None:
    schema = dial.deployments.get_configuration_schema("echo")
    assert schema["properties"]["prefix"]["type"] == "string"
    before = dial.deployments.get_limits("echo").minute_token_stats.used
    answer = dial.chat.completions.create(deployment_name="echo", messages=HI)
    used = dial.deployments.get_limits("echo").minute_token_stats.used
    assert used - before == answer.usage.total_tokens
    assert dial.deployments.rate("echo", response_id=answer.id, rate=True) is None
    assert emulator.requests[-1].path == "/dial/v1/echo/rate"
    assert emulator.requests[-1].json() == {"responseId": answer.id, "rate": True}
    request = {"type": "request", "value": {"messages": HI}}
    counted = dial.deployments.tokenize("echo", ["one two three", request])
    assert [one.token_count for one in counted.outputs] == [3, 2]
    prompt = {"messages": [*HI, *HI], "max_prompt_tokens": 2}
    cut = dial.deployments.truncate_prompt("echo", [prompt, {**prompt, "max_prompt_tokens": 1}])
    assert cut.outputs[0].discarded_messages == [0]
    assert cut.outputs[1].error
    vectors = dial.embeddings.create(deployment_name="embed", input=["a", "b"], dimensions=4)
    assert [len(one.embedding) for one in vectors.data] == [4, 4]


def test_user_bucket_and_homes(make: Any) -> None:
    dial = make()
    assert dial.user.info().project == "emulator"
    assert make(api_key=None, bearer_token="t").user.info().user_claims
    bucket = dial.my_bucket()
    assert dial.bucket.get_bucket() == dial.bucket.get_raw().bucket == bucket
    assert str(dial.my_prompts_home()) == f"prompts/{bucket}"
    assert str(dial.my_conversations_home()) == f"conversations/{bucket}"
    assert dial.my_appdata() is None
    assert dial.my_appdata_home() is None
    app = make(api_key="app-helper")
    assert app.my_appdata().app_name == "helper"
    assert str(app.my_appdata_home()) == f"{app.my_bucket()}/appdata/helper"
    assert app.my_appdata().model_dump()["user_bucket"] == app.my_bucket()


def test_homes_are_asked_for_once(dial: Any, emulator: Emulator) -> None:
    for _ in range(3):
        dial.my_files_home()
        dial.my_appdata()
    assert len(emulator.requests) == 2


def test_conversations(dial: Any) -> None:
    url = dial.my_conversations_home() / "a folder" / "talk"
    talk: Any = {"id": "1", "name": "talk", "folderId": "f", "messages": HI, "temperature": 0.5}
    saved = dial.conversations.save(url, talk, etag_if_none_match="*")
    found = dial.conversations.get(url)
    assert (found.name, found.temperature, etag_of(found)) == ("talk", 0.5, saved.etag)
    found.name = "other"
    dial.conversations.save(url, found, etag_if_match=saved.etag)
    assert dial.conversations.get(url).name == "other"
    dial.conversations.move_to(url, dial.my_conversations_home() / "moved")
    dial.conversations.copy_to(
        dial.my_conversations_home() / "moved", dial.my_conversations_home() / "copied"
    )
    names = [item.name for item in dial.conversations.iter(dial.my_conversations_home())]
    assert names == ["copied", "moved"]
    dial.conversations.delete(dial.my_conversations_home() / "moved")
    with pytest.raises(ResourceNotFoundError):
        dial.conversations.get(dial.my_conversations_home() / "moved")


def test_prompts(dial: Any) -> None:
    url = dial.my_prompts_home() / "p"
    saved = dial.prompts.save(url, {"id": "i", "name": "n", "folderId": "f", "content": "c"})
    assert dial.prompts.get(url).content == "c"
    assert dial.prompts.get_metadata(url).etag == saved.etag
    with pytest.raises(EtagMismatchError):
        dial.prompts.delete(url, etag_if_match="abc")
    with pytest.raises(InvalidDialURLError, match="folder"):
        dial.prompts.get(f"{dial.my_prompts_home()}/x/")
    dial.prompts.delete(url)


def test_applications_are_stored_run_and_called(dial: Any) -> None:
    url = f"applications/{dial.my_bucket()}/my app"
    created = dial.applications.create(url, APP)
    with pytest.raises(EtagMismatchError):
        dial.applications.create(url, APP)
    assert dial.applications.read(url).display_name == "App"
    updated = dial.applications.update(url, {**APP, "display_name": "New"}, created.etag)
    with pytest.raises(EtagMismatchError):
        dial.applications.update(url, APP, created.etag)
    assert dial.applications.get(f"applications/{dial.my_bucket()}/my app").display_name == "New"
    assert len(dial.applications.list()) == 2
    assert dial.applications.deploy(url).function.status == "DEPLOYED"
    assert dial.applications.redeploy(url).id
    assert "deployed 1" in dial.applications.logs(url).logs[0].content
    assert dial.applications.undeploy(url).function.status == "UNDEPLOYED"
    name = f"applications/{dial.my_bucket()}/my app"
    answer = dial.chat.completions.create(deployment_name=name, messages=HI)
    assert answer.choices[0].message.content == "hello there"
    assert dial.applications.get_metadata(url).etag == updated.etag
    dial.applications.delete(url, updated.etag)
    with pytest.raises(EtagMismatchError):
        dial.applications.update(url, APP)
    with pytest.raises(ResourceNotFoundError):
        dial.applications.deploy(url)


def test_an_application_is_not_started_twice_by_a_lost_answer(
    make: Any, emulator: Emulator
) -> None:
    dial = make(max_retries=2)
    url = f"applications/{dial.my_bucket()}/app"
    dial.applications.create(url, APP)
    before = len(emulator.requests)
    with pytest.raises(errors.APIConnectionError):
        dial.applications.deploy(url, extra_headers={"x-emulator-fault": "fault:drop"})
    assert len(emulator.requests) == before + 1


def test_toolsets(dial: Any) -> None:
    url = f"toolsets/{dial.my_bucket()}/tools"
    tools: Any = {"display_name": "Tools", "endpoint": "http://tools", "transport": "HTTP"}
    created = dial.toolsets.create(url, tools)
    assert dial.toolsets.read(url)["display_name"] == "Tools"
    assert dial.toolsets.get(url).allowed_tools == []
    assert dial.toolset.get(url).description_keywords == []
    assert [one.id for one in dial.toolsets.list()] == [url]
    assert dial.toolsets.update(url, {**tools, "display_name": "T"}, created.etag).etag
    assert [one.name for one in dial.toolsets.iter(f"toolsets/{dial.my_bucket()}")] == ["tools"]
    dial.toolsets.delete(url)


def test_what_is_shared_can_be_read_by_whom_it_is_shared_with(make: Any) -> None:
    owner, friend = make(api_key="owner"), make(api_key="friend")
    url = f"{owner.my_files_home()}/shared file.txt"
    item = owner.files.upload(url, b"for you")
    with pytest.raises(errors.PermissionDeniedError):
        friend.files.download(url)
    link = owner.sharing.share([url], ["READ"])
    number = link.invitation_link.rpartition("/")[2]
    assert [one.id for one in owner.invitations.list().invitations] == [number]
    assert friend.invitations.get(number).resources[0].url == item.url
    assert friend.sharing.list(["FILE"]).resources == []
    friend.invitations.accept(number)
    assert friend.files.download(url).get_content() == b"for you"
    assert [one.url for one in friend.sharing.list(["FILE"], "me").resources] == [item.url]
    assert [one.url for one in owner.sharing.list(["FILE"], "others").resources] == [item.url]
    with pytest.raises(errors.PermissionDeniedError, match="not invitation owner"):
        friend.invitations.delete(number)
    owner.files.upload(f"{owner.my_files_home()}/second", b"2")
    owner.sharing.copy(url, f"{owner.my_files_home()}/second")
    assert friend.files.download(f"{owner.my_files_home()}/second").get_content() == b"2"
    friend.sharing.discard([f"{owner.my_files_home()}/second"])
    owner.sharing.revoke([url])
    for gone in (url, f"{owner.my_files_home()}/second"):
        with pytest.raises(errors.PermissionDeniedError):
            friend.files.download(gone)
    owner.invitations.delete(number)
    with pytest.raises(ResourceNotFoundError):
        owner.invitations.get(number)


def test_permissions_for_a_request(dial: Any, emulator: Emulator) -> None:
    url = f"{dial.my_files_home()}/a b"
    dial.resource_permissions.grant([url], "app")
    encoded = url.replace(" ", "%20")
    assert emulator.requests[-1].json() == {
        "resourcePermissions": [{"url": encoded, "permissions": ["READ"]}],
        "receiver": "app",
    }
    dial.resource_permissions.grant([url], receiver="other", permissions=["READ", "WRITE"])
    receivers = dial.resource_permissions.list("OTHERS").receivers
    assert [one.receiver for one in receivers] == ["app", "other"]
    assert receivers[1].resource_permissions[0].permissions == ["READ", "WRITE"]
    assert dial.resource_permissions.list().resources == []
    dial.resource_permissions.revoke([url], "app")
    assert len(dial.resource_permissions.list("OTHERS").receivers) == 1


def test_publications_and_notifications(make: Any) -> None:
    author = make(api_key="author")
    url = f"{author.my_files_home()}/report.txt"
    author.files.upload(url, b"report")
    resource = {"action": "ADD", "sourceUrl": url, "targetUrl": "files/public/r/report.txt"}
    rules = [{"source": "roles", "function": "EQUAL", "targets": ["admin"]}]
    made = author.publications.create(
        name="Report", targetFolder="public/r/", resources=[resource], rules=rules
    )
    assert (made.status, made.resource_types) == ("PENDING", ["FILE"])
    folder = f"publications/{author.my_bucket()}/"
    assert [one.url for one in author.publications.list(folder).publications] == [made.url]
    assert author.publications.get(made.url).resources[0].source_url == url
    changed = author.publications.update({"url": made.url, "name": "Better"})
    assert changed.name == "Better"
    assert [one.name for one in author.publications.resources(["FILE"])] == ["report.txt"]
    assert author.publications.approve(made.url).status == "APPROVED"
    assert make(api_key="reader").files.download("files/public/r/report.txt").get_content()
    found = author.publications.rules("public/r/").rules["public/r/"]
    assert found[0].targets == ["admin"]
    second = author.publications.create(name="Second", targetFolder="public/", resources=[resource])
    assert author.publications.reject(second.url, "not yet").status == "REJECTED"
    with pytest.raises(errors.BadRequestError):
        author.publications.approve(second.url)
    notes = author.notifications.list().notifications
    assert [note.message for note in notes] == ["Your request has been approved", "not yet"]
    author.notifications.delete([notes[0].id])
    assert len(author.notifications.list().notifications) == 1
    author.publications.delete(second.url)
    with pytest.raises(ResourceNotFoundError):
        author.publications.get(second.url)


def test_changes_arrive_as_they_happen(make: Any) -> None:
    dial = make()
    home = dial.my_files_home()
    with dial.resources.subscribe([home / "a b", home / "other"]) as events:
        item = dial.files.upload(home / "a b", b"1")
        first = next(events)
        dial.files.upload(home / "unwatched", b"1")
        dial.files.upload(home / "a b", b"2")
        second = next(events)
        dial.files.delete(home / "a b")
        third = next(events)
    assert [one.action for one in (first, second, third)] == ["CREATE", "UPDATE", "DELETE"]
    assert (first.url, first.etag) == (item.url, item.etag)


def test_skills(dial: Any) -> None:
    assert [one.name for one in dial.skills.list().items] == ["writing"]
    tone = dial.skills / "writing" / "tone"
    assert (dial.skills / "writing").list().items[0].node_type == "ITEM"
    assert [one.name for one in tone.files.list().items] == ["SKILL.md", "examples"]
    assert tone.files(path="SKILL.md").read().get_content().startswith(b"# Tone")
    archive = tone.download()
    assert archive.filename == "tone.zip"
    assert archive.get_content()[:2] == b"PK"
    with tone.stream_download() as streamed:
        assert b"".join(streamed) == archive.get_content()
    with (tone.files / "examples" / "letter.txt").stream() as streamed:
        assert b"".join(streamed) == b"Dear reader,\n"
    first = tone.files.list(limit=1)
    assert tone.files.list(limit=1, token=first.next_token).items[0].name == "examples"
    assert dial.skills(url=f"skills/{dial.my_bucket()}/writing/tone").path == ("writing", "tone")
    assert "writing/tone/files/x" in repr(tone.files / "x")
    with pytest.raises(ResourceNotFoundError):
        (dial.skills / "none").download()
    for wrong in (
        lambda: dial.skills.download(),
        lambda: dial.skills.files.list(),
        lambda: tone.files.read(),
        lambda: dial.skills / "a/../b",
        lambda: dial.skills(bucket="a/b"),
        lambda: dial.skills.files(url="skills/b/writing/tone"),
    ):
        with pytest.raises(InvalidDialURLError):
            wrong()
    for wrong in (
        lambda: dial.skills(),
        lambda: dial.skills(url="skills/b/x", path="y"),
        lambda: dial.skills.files(),
        lambda: dial.skills.files(url="skills/b/x/files/y", path="z"),
    ):
        with pytest.raises(TypeError):
            wrong()


def test_client_channels(dial: Any, emulator: Emulator) -> None:
    ids = ["toolsets/public/a", "denied", "broken"]
    found = dial.client_channel.signin_toolsets(channel_id="ch", toolset_ids=ids)
    assert found == {
        "toolsets/public/a": SigninResult.SUCCESS,
        "denied": SigninResult.DENIED,
        "broken": SigninResult.ERROR,
    }
    assert list(found) == ids
    sent = emulator.requests[-1]
    assert sent.headers["x-dial-client-channel-id"] == "ch"
    assert [call["params"]["toolsetId"] for call in sent.json()] == ids
    assert dial.client_channel.signin_toolsets(channel_id="ch", toolset_ids=[]) == {}
    for wrong in ("abc", ["a", "a"]):
        with pytest.raises(InvalidRequestError):
            dial.client_channel.signin_toolsets(channel_id="ch", toolset_ids=wrong)
    with pytest.raises(ResourceNotFoundError):
        dial.client_channel.signin_toolsets(channel_id="missing", toolset_ids=["a"])
    with pytest.raises(errors.StreamTruncatedError) as caught:
        dial.client_channel.signin_toolsets(channel_id="silent", toolset_ids=["a"])
    assert caught.value.status_code == 504  # type: ignore[attr-defined]
    dial.client_channel.report("ch", {"answer": 1})
    with dial.client_channel.subscribe("ch") as events:
        assert next(events)["answer"] == 1
    dial.client_channel.unsubscribe("ch")
    assert list(dial.client_channel.subscribe("ch")) == []


def test_key_and_token_together(make: Any, emulator: Emulator) -> None:
    for key, token in (("same", "same"), (lambda: "same", "same"), ("same", lambda: "same")):
        make(api_key=key, bearer_token=token).user.info()
        assert emulator.requests[-1].headers["authorization"] == "Bearer same"
        assert emulator.requests[-1].headers["api-key"] == "same"
    sent = len(emulator.requests)
    different = make(api_key="one", bearer_token=lambda: "other")
    with pytest.raises(InvalidRequestError, match="different values"):
        different.user.info()
    assert len(emulator.requests) == sent
    both = make(api_key=lambda: "one", bearer_token="other", allow_both_auth=True)
    with pytest.raises(errors.BadRequestError):
        both.user.info()
    assert both.auth_headers() == {"api-key": "one", "Authorization": "Bearer other"}


def test_the_values_are_compared_for_each_attempt(make: Any, emulator: Emulator) -> None:
    values = iter(["a", "b"])
    dial = make(api_key=lambda: next(values), bearer_token="a")
    dial.user.info()
    with pytest.raises(InvalidRequestError):
        dial.user.info()
    assert len(emulator.requests) == 1
