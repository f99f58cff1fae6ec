"""Ids and URLs from DIAL's listings go out as they came; plain names are encoded. Both colours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import pytest

from polychat.dial import InvalidRequestError, ResourceNotFoundError
from polychat.emulator import Emulator
from tests.dial.scripted import Asked, Reply, scripted

ID = "applications/b1/my%20app%25%C3%BC__1.0"
HI: list[Any] = [{"role": "user", "content": "x"}]
CALLS: dict[str, Callable[[Any, str], Any]] = {
    "application.get": lambda d, one: d.application.get(one),
    "applications.get": lambda d, one: d.applications.get(one),
    "applications.read": lambda d, one: d.applications.read(one),
    "applications.delete": lambda d, one: d.applications.delete(one),
    "applications.get_metadata": lambda d, one: d.applications.get_metadata(one),
    "toolset.get": lambda d, one: d.toolset.get(one),
    "toolsets.get": lambda d, one: d.toolsets.get(one),
    "model.get": lambda d, one: d.model.get(one),
    "metadata.get": lambda d, one: d.metadata.get("applications", one),
    "deployments.get": lambda d, one: d.deployments.get(one),
    "configuration": lambda d, one: d.deployments.get_configuration_schema(one),
    "limits": lambda d, one: d.deployments.get_limits(one),
    "rate": lambda d, one: d.deployments.rate(one, response_id="r", rate=True),
    "tokenize": lambda d, one: d.deployments.tokenize(one, ["x"]),
    "truncate_prompt": lambda d, one: d.deployments.truncate_prompt(one, [{"messages": HI}]),
    "chat": lambda d, one: d.chat.completions.create(deployment_name=one, messages=HI),
    "embeddings": lambda d, one: d.embeddings.create(deployment_name=one, input="x"),
    "invitations.get": lambda d, one: d.invitations.get(one.rpartition("/")[2]),
}
BODIES: dict[str, Callable[[Any, Any], Any]] = {
    "deploy": lambda d, url: d.applications.deploy(url),
    "logs": lambda d, url: d.applications.logs(url),
    "move": lambda d, url: d.applications.move_to(url, "applications/b1/x"),
    "copy": lambda d, url: d.applications.copy_to("applications/b1/x", url),
    "share": lambda d, url: d.sharing.share([url]),
    "revoke": lambda d, url: d.sharing.revoke([url]),
    "discard": lambda d, url: d.sharing.discard([url]),
    "sharing.copy": lambda d, url: d.sharing.copy(url, "applications/b1/x"),
    "grant": lambda d, url: d.resource_permissions.grant([url], "r"),
    "publications.get": lambda d, url: d.publications.get(url),
    "publications.list": lambda d, url: d.publications.list(url),
    "publications.approve": lambda d, url: d.publications.approve(url),
    "publications.reject": lambda d, url: d.publications.reject(url, "no"),
    "publications.delete": lambda d, url: d.publications.delete(url),
    "publications.rules": lambda d, url: d.publications.rules(url),
    "publications.create: folder": lambda d, url: d.publications.create(name="n", targetFolder=url),
    "publications.create: resource": lambda d, url: d.publications.create(
        name="n", targetFolder="public/", resources=[{"action": "ADD", "sourceUrl": url}]
    ),
}


def sent(make: Any, call: Callable[[Any], Any]) -> tuple[str, str]:
    """The path and the body of a call; the answer is always that there is no such thing."""
    seen: list[Asked] = []

    def script(asked: Asked) -> Reply:
        seen.append(asked)
        return 404, {}, b"no"

    with scripted(script) as url, pytest.raises(ResourceNotFoundError):
        call(make(base_url=url))
    return seen[0].path, seen[0].body.decode()


@pytest.mark.parametrize("name", CALLS)
def test_an_id_goes_out_as_it_came(make: Any, name: str) -> None:
    listed = ID.replace("applications/", "toolsets/") if name.startswith("toolset") else ID
    path, _ = sent(make, lambda dial: CALLS[name](dial, listed))
    assert listed.rpartition("/")[2] in path.split("/")
    plain = listed.rpartition("/")[0] + "/100% ü"
    path, _ = sent(make, lambda dial: CALLS[name](dial, plain))
    assert "100%25%20%C3%BC" in path.split("/")


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("last", ["%2e%2e", "%2E", "a%00", "..%2F..%2Fx", "%0D%0Ax"])
def test_an_encoded_way_out_is_refused(dial: Any, emulator: Emulator, name: str, last: str) -> None:
    with pytest.raises(InvalidRequestError):
        CALLS[name](dial, f"applications/b1/{last}")
    assert not emulator.requests


@pytest.mark.parametrize("name", BODIES)
def test_a_url_in_a_body_goes_out_as_it_came(make: Any, name: str) -> None:
    assert f'"{ID}"' in sent(make, lambda dial: BODIES[name](dial, ID))[1]
    once = "applications/b1/100%25%20%C3%BC"
    assert f'"{once}"' in sent(make, lambda dial: BODIES[name](dial, "applications/b1/100% ü"))[1]
    plain = PurePosixPath("applications", "b1", "my%20app")
    assert '"applications/b1/my%2520app"' in sent(make, lambda dial: BODIES[name](dial, plain))[1]


@pytest.mark.parametrize("url", [None, 5, b"x", "a\ud800"])
def test_what_is_no_url_is_refused(dial: Any, emulator: Emulator, url: Any) -> None:
    with pytest.raises(InvalidRequestError):
        dial.publications.get(url)
    assert not emulator.requests


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda dial, url: dial.skills(url=url).download(), ""),
        (lambda dial, url: dial.skills(url=url).list(), "/"),
        (lambda dial, url: dial.skills(url=url).files.list(), "/files"),
        (lambda dial, url: dial.skills.files(url=f"{url}/files/%2541").read(), "/files/%2541"),
    ],
)
def test_skills_go_out_as_they_came(make: Any, call: Any, path: str) -> None:
    listed = "skills/b1/my%20skills/a%2541"
    sent_path, _ = sent(make, lambda dial: call(dial, listed))
    assert sent_path.partition("skills/")[2] == f"{listed}{path}".removeprefix("skills/")


def test_plain_names_of_a_path_are_always_encoded(dial: Any, emulator: Emulator) -> None:
    home = dial.my_files_home()
    for name in ("my%20x", "100%", "%2e%2e", "a%2Fb", "a?b", "%41"):
        item = dial.files.upload(home / name, b"1")
        assert item.name == name
        assert dial.files.download(home / name).filename == name
        assert dial.files.download(item.url).get_content() == b"1"
        dial.files.copy_to(item.url, home / "copies" / name)
    assert [one.name for one in dial.files.iter(home / "copies")] == sorted(
        ["my%20x", "100%", "%2e%2e", "a%2Fb", "a?b", "%41"]
    )


@pytest.mark.parametrize("name", ["my app", "100%", "a%20b", "ü@x"])
def test_what_the_emulator_lists_can_be_used(dial: Any, name: str) -> None:
    url = PurePosixPath("applications", dial.my_bucket(), name)
    item = dial.applications.create(url, {"display_name": name, "endpoint": "http://a/"})
    listed = next(one for one in dial.applications.list() if one.display_name == name)
    assert listed.id == item.url
    assert listed.id in [one.id for one in dial.deployments.list_names(["application"])]
    assert dial.application.get(listed.id).id == listed.id
    assert dial.applications.read(listed.id).display_name == name
    assert dial.applications.deploy(listed.id).id == listed.id
    answer = dial.chat.completions.create(deployment_name=listed.id, messages=HI)
    assert answer.choices[0].message.content == "x"
    dial.sharing.share([listed.id])
    dial.resource_permissions.grant([url], "r")
    granted = dial.resource_permissions.list("OTHERS").receivers[0]
    assert [one.url for one in granted.resource_permissions] == [listed.id]
    dial.resource_permissions.revoke([listed.id], "r")
    assert not dial.resource_permissions.list("OTHERS").receivers


def test_a_home_of_application_data_is_of_plain_names(make: Any) -> None:
    """DIAL Core gives it percent-encoded."""
    app = make(api_key="app-my%app")
    bucket = app.my_bucket()
    assert app.my_appdata().raw == f"{bucket}/appdata/my%25app"
    assert app.my_appdata_home() == PurePosixPath(bucket, "appdata", "my%app")
    item = app.files.upload("files" / app.my_appdata_home() / "x", b"1")
    assert item.url == f"files/{bucket}/appdata/my%25app/x"
