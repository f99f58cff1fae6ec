"""Every public name, method and parameter of aidial-client 0.18 is here, and takes the same."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from typing import Any

import aidial_client
import pytest
from typing_extensions import is_typeddict

from polychat import dial
from polychat._core.options import CallOptions
from polychat.errors import PolychatError
from polychat_rest.dial.params import ChatCompletionRequestBase

RESOURCES = (
    "application", "bucket", "chat.completions", "client_channel", "deployments", "files",
    "metadata", "model", "prompts", "resource_permissions", "skills", "skills.files", "toolset",
    "user",
)  # fmt: skip
CHAT = {*ChatCompletionRequestBase.__annotations__, *CallOptions.__annotations__, "extra_params"}
"""What `create` takes beside its own parameters; the script of the parity test sends each."""
PYDANTIC = set(dir(__import__("pydantic").BaseModel)) | set(
    dir(importlib.import_module("aidial_client._compatibility.pydantic_v1").BaseModel)
)
"""What their resources inherit from being pydantic models is not their interface."""


def clients(colour: str) -> tuple[Any, Any]:
    name = "Dial" if colour == "sync" else "AsyncDial"
    arguments = {"base_url": "http://dial.example", "api_key": "k"}
    return getattr(aidial_client, name)(**arguments), getattr(dial, name)(**arguments)


def reach(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name)
    return client


def methods(resource: Any) -> Iterator[str]:
    for name in dir(resource):
        if not name.startswith("_") and name not in PYDANTIC:
            fields = getattr(type(resource), "__fields__", {})
            if inspect.ismethod(getattr(resource, name)) and name not in fields:
                yield name


def parameters(function: Any) -> dict[str, inspect.Parameter]:
    found = dict(inspect.signature(function).parameters)
    return {name: p for name, p in found.items() if name != "self"}


def accepts(ours: Any, theirs: Any) -> list[str]:
    """The parameters of `theirs` that `ours` does not take in the same way."""
    mine = parameters(ours)
    open_ended = any(p.kind is p.VAR_KEYWORD for p in mine.values())
    keywords = CHAT if "deployment_name" in mine else set[str]()
    missing: list[str] = []
    positional = [n for n, p in mine.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    at = 0
    for name, parameter in parameters(theirs).items():
        if parameter.kind is parameter.VAR_KEYWORD:
            missing += [] if open_ended else [f"**{name}"]
        elif name not in mine:
            if name not in keywords and name != "timeout":
                missing.append(name)
        elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            if positional[at : at + 1] != [name]:
                missing.append(f"{name} (position {at})")
            at += 1
            if (
                parameter.default is not parameter.empty
                and mine[name].default is not parameter.default
            ):
                missing.append(f"{name}={mine[name].default!r}")
    return missing


@pytest.mark.parametrize("name", aidial_client.__all__)
def test_every_export_is_here(name: str) -> None:
    assert hasattr(dial, name)
    assert name in dial.__all__


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_every_member_of_the_clients_is_here(colour: str) -> None:
    theirs, ours = clients(colour)
    names = [name for name in dir(theirs) if not name.startswith("_")]
    assert not [name for name in names if not hasattr(ours, name)]
    assert not accepts(type(ours).__init__, type(theirs).__init__)
    for name in names:
        if inspect.ismethod(getattr(theirs, name)):
            assert not accepts(getattr(ours, name), getattr(theirs, name)), name
            assert inspect.iscoroutinefunction(getattr(ours, name)) == (
                inspect.iscoroutinefunction(getattr(theirs, name))
            )
    assert {path.partition(".")[0] for path in RESOURCES} == {
        name for name in vars(theirs) if not name.startswith("_")
    }


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("path", RESOURCES)
def test_every_method_takes_the_same(colour: str, path: str) -> None:
    theirs, ours = (reach(client, path) for client in clients(colour))
    names = list(methods(theirs))
    assert names
    problems = {
        name: accepts(getattr(ours, name), getattr(theirs, name))
        if hasattr(ours, name)
        else ["missing"]
        for name in names
    }
    assert {name: found for name, found in problems.items() if found} == {}


@pytest.mark.parametrize("name", ["DialClientPool", "AsyncDialClientPool"])
def test_pools_take_the_same(name: str) -> None:
    theirs, ours = getattr(aidial_client, name), getattr(dial, name)
    assert set(parameters(theirs.__init__)) - {"kwargs"} <= set(parameters(ours.__init__))
    assert not accepts(ours.create_client, theirs.create_client)
    for method in (n for n in dir(theirs) if not n.startswith("_")):
        assert hasattr(ours, method)


def type_modules() -> list[str]:
    package = importlib.import_module("aidial_client.types")
    found = pkgutil.walk_packages(package.__path__, "aidial_client.types.")
    # `legacy` is what aidial-client itself calls so, and imports nowhere.
    return [module.name for module in found if ".legacy" not in module.name]


@pytest.mark.parametrize("module", type_modules())
def test_every_type_is_here_with_its_fields(module: str) -> None:
    theirs = importlib.import_module(module)
    ours = importlib.import_module(module.replace("aidial_client", "polychat.dial"))
    for name, kind in vars(theirs).items():
        public = not name.startswith("_") and getattr(kind, "__module__", None) == theirs.__name__
        if not public or not inspect.isclass(kind):
            continue
        mine = getattr(ours, name)
        fields = getattr(kind, "model_fields", None) or getattr(kind, "__annotations__", {})
        if is_typeddict(kind):
            allowed = set(typing.get_type_hints(mine))
            history = {"custom_content"} if name.endswith("MessageParam") else set()
            assert set(kind.__annotations__) - allowed <= history | {"data_sources"}, name
        elif fields:
            known = {attribute.alias or attribute.name for attribute in mine.__attrs_attrs__}
            assert set(fields) - known <= {"form_value", "userClaims"}, name


def test_fields_outside_the_spec_can_be_read_all_the_same() -> None:
    from polychat.dial.types.chat.response import CustomContent
    from polychat.dial.types.user import UserInfo

    assert CustomContent.from_dict({"form_value": {"a": 1}}).form_value == {"a": 1}  # type: ignore[attr-defined]
    assert UserInfo.from_dict({"roles": [], "userClaims": {"a": 1}}).userClaims == {"a": 1}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "module", ["_exception", "helpers.storage_resource", "helpers._url", "types.file"]
)
def test_submodules_that_users_import_are_here(module: str) -> None:
    theirs = importlib.import_module(f"aidial_client.{module}")
    ours = importlib.import_module(f"polychat.dial.{module}")
    for name, value in vars(theirs).items():
        own = getattr(value, "__module__", None) == theirs.__name__
        if own and not name.startswith("_") and callable(value):
            assert hasattr(ours, name), name
            if inspect.isclass(value):
                members = {n for n in vars(value) if not n.startswith("_")} - PYDANTIC
                assert not {n for n in members if not hasattr(getattr(ours, name), n)}, name


def test_exceptions_are_made_and_caught_as_theirs() -> None:
    theirs = importlib.import_module("aidial_client._exception")
    for name, kind in vars(theirs).items():
        if not inspect.isclass(kind) or not issubclass(kind, Exception):
            continue
        ours = getattr(dial, name)
        assert issubclass(ours, PolychatError)
        assert {c.__name__ for c in kind.__mro__ if issubclass(c, Exception)} <= {
            c.__name__ for c in ours.__mro__
        }
        one, other = kind(message="m"), ours(message="m")
        for field in ("message", "status_code", "type", "param", "code", "display_message"):
            assert getattr(one, field) == getattr(other, field), (name, field)
    made = dial.DialException("m", 418, "t", "p", "c", "d")
    assert (made.status_code, made.type, made.param, made.code) == (418, "t", "p", "c")
    data = {"message": "m", "code": "c", "display_message": "d"}
    assert dial.DialException.from_error_data(404, data).display_message == "d"


def test_answers_dump_as_theirs_do() -> None:
    from aidial_client.types.metadata import FileMetadata as Theirs

    from polychat.dial.types.metadata import FileMetadata as Ours

    document = {
        "name": "n", "parentPath": None, "bucket": "b", "url": "files/b/n", "nodeType": "FOLDER",
        "resourceType": "FILE", "contentLength": 3, "nextToken": "t", "unknown": {"a": [1, None]},
        "items": [
            {"name": "i", "bucket": "b", "url": "u", "nodeType": "ITEM", "resourceType": "FILE"}
        ],
    }  # fmt: skip
    theirs, ours = Theirs(**document), Ours.model_validate(document)
    for options in ({}, {"by_alias": True}):
        one = theirs.model_dump(exclude_none=True, **options)
        assert ours.model_dump(exclude_none=True, **options) == one
        assert ours.dict(exclude_none=True, **options) == one
        assert Ours.model_validate(one).model_dump(exclude_none=True, **options) == one
    assert theirs.model_dump().items() <= _flat(ours.model_dump(), theirs.model_dump()).items()
    assert ours.model_dump(include={"name"}) == {"name": "n"}
    assert "name" not in ours.model_dump(exclude={"name"})
    assert Ours.model_validate_json(ours.model_dump_json()) == ours
    assert ours.model_copy(update={"name": "x"}).name == "x"
    assert (ours.name, ours.next_token, ours.items[0].name) == ("n", "t", "i")


def _flat(ours: Any, theirs: Any) -> Any:
    """Ours, without the fields that theirs does not know, which are None."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        assert not [k for k in ours if k not in theirs and ours[k] is not None]
        return {k: _flat(v, theirs[k]) for k, v in ours.items() if k in theirs}
    if isinstance(ours, list) and isinstance(theirs, list):
        return [_flat(one, other) for one, other in zip(ours, theirs, strict=True)]
    return ours
