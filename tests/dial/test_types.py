"""Results as users of pydantic handle them, and errors as exceptions."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import pytest

from polychat import errors
from polychat.dial import Dial, _exception
from polychat.dial._merge import merge_chunks
from polychat.dial.types.bucket import AppData
from polychat.dial.types.metadata import FileMetadata
from polychat.emulator import Emulator
from polychat_rest.dial import models
from polychat_rest.dump import wire_names
from polychat_rest.model import Model


def classes() -> list[type[Model]]:
    found = [getattr(models, name) for name in models.__all__]
    return [one for one in found if inspect.isclass(one) and issubclass(one, Model)]


@pytest.mark.parametrize("model", classes(), ids=lambda model: model.__name__)
def test_every_field_is_known_by_both_of_its_names(model: type[Any]) -> None:
    names = wire_names(model)
    fields = {one.alias for one in model.__attrs_attrs__ if one.init}
    assert names.keys() == fields - {"additional_properties"}
    document = {wire: f"value of {wire}" for wire in names.values()}
    read = model.from_dict(document)
    assert read.model_dump(by_alias=True, exclude_none=True) == document == read.to_dict()
    for name, wire in names.items():
        assert getattr(read, name) == getattr(read, wire) == document[wire]
    assert model.model_validate(read.model_dump()) == read
    assert model.parse_obj(document) == read
    assert copy.deepcopy(read) == read.model_copy() == read.copy(deep=True) == read
    assert pickle.loads(pickle.dumps(read)) == read
    assert model.model_validate_json(read.json()) == read


def test_dumps_leave_out_what_is_asked_for() -> None:
    item = FileMetadata.model_validate({"bucket": "b", "url": "u", "node_type": "ITEM", "new": 1})
    assert item.model_dump(exclude_none=True) == {
        "bucket": "b", "url": "u", "node_type": "ITEM", "new": 1
    }  # fmt: skip
    assert item.dict(include={"url", "name"}) == {"url": "u", "name": None}
    assert "url" not in item.model_dump(exclude={"url"}, by_alias=True)
    assert item.model_dump(include={"node_type"}, by_alias=True) == {"nodeType": "ITEM"}
    assert item.new == 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        FileMetadata.model_validate([1])
    with pytest.raises(ValueError, match="mode"):
        item.model_dump(mode="other")
    with pytest.raises(AttributeError):
        item.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_a_null_in_a_later_chunk_takes_nothing_back() -> None:
    pieces: list[dict[str, Any]] = [
        {"id": "a", "model": "m", "usage": None, "choices": [
            {"index": 0, "delta": {"role": "assistant", "content": None}, "finish_reason": None}]},
        {"id": None, "model": None, "choices": [
            {"index": 0, "delta": {"role": None, "content": "hi"}, "finish_reason": "stop"}]},
    ]  # fmt: skip
    chunks = [models.ChatCompletionChunk.from_dict(piece) for piece in pieces]
    assert merge_chunks(chunks).to_dict() == {
        "id": "a", "model": "m", "object": "chat.completion", "usage": None, "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "hi"},
             "finish_reason": "stop"}],
    }  # fmt: skip


def test_a_message_that_came_is_sent_back_as_it_came(emulator: Emulator) -> None:
    document = {"role": "assistant", "content": None, "refusal": None, "tool_calls": [
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}, "new": None}
    ]}  # fmt: skip
    message: Any = models.ResponseMessage.from_dict(document)
    answer: Any = {"role": "tool", "tool_call_id": "1", "content": "x"}
    with Dial(base_url=emulator.url("dial"), api_key="alice") as dial:
        dial.chat.completions.create(deployment_name="echo", messages=[message, answer])
    assert emulator.requests[-1].json()["messages"] == [document, answer]


def test_application_data() -> None:
    found = AppData.parse("bucket/appdata/a/b")
    assert (found.user_bucket, found.app_name, found.raw) == ("bucket", "a/b", "bucket/appdata/a/b")
    for wrong in ("", "bucket", "bucket/appdata/", "/appdata/a"):
        with pytest.raises(ValueError, match="appdata"):
            AppData.parse(wrong)


def test_every_error_of_the_tree_has_its_class_here() -> None:
    tree = [one for one in vars(errors).values() if inspect.isclass(one)]
    for kind in tree:
        if not issubclass(kind, errors.PolychatError) or kind is errors.PolychatError:
            continue
        made = kind("m", platform="dial", attempts=2, request_id="r", remedy="do this")
        dressed: Any = _exception.dress(made)
        assert isinstance(dressed, kind)
        assert isinstance(dressed, _exception.DialException)
        again = pickle.loads(pickle.dumps(dressed))
        assert str(again) == str(dressed) == str(made)
        assert (again.attempts, again.request_id) == (2, "r")
        assert isinstance(again.status_code, int)
        for name in ("type", "param", "code", "display_message"):
            getattr(again, name)
