"""A misspelt keyword is refused by every method of every client, before anything is sent."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from polychat import aleph_alpha, azure
from polychat._core.keywords import body_fields, parameters
from polychat._core.options import OPTION_NAMES, Options
from polychat.errors import ConfigurationError, UnknownKeywordError

from .clients import HELLO, PLATFORMS, TABLE, URL, Silent, made, method_of, use
from .operations import operations


@pytest.mark.parametrize(("client", "path", "name"), TABLE, ids=lambda value: str(value))
def test_no_method_takes_a_misspelt_keyword(
    client: str, path: str, name: str, tmp_path: Any
) -> None:
    transport = Silent()
    method, given = method_of(made(client, transport), path, name, tmp_path)
    with pytest.raises(UnknownKeywordError, match=r"\(did you mean 'timeout'\?\)") as caught:
        use(method(**given, timeot=1))
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ConfigurationError)
    assert caught.value.platform == client.removeprefix("async ").partition(".")[0]
    name = name.replace("walk", "iter")  # what it returns says it
    assert f"{name}() got an unexpected keyword argument 'timeot'" in caught.value.message
    assert transport.asked == []


def test_both_colours_have_the_same_methods() -> None:
    plain = {(c, path, name) for c, path, name in TABLE if "async" not in c}
    other = {(c.removeprefix("async "), path, name) for c, path, name in TABLE if "async" in c}
    assert plain == other
    assert {c.partition(".")[0] for c, _, _ in plain} == set(PLATFORMS)
    assert ("dial", ".files", "upload_folder") in plain
    assert ("aimlapi", ".batches", "results") in plain


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_is_allowed_is_what_the_spec_has(platform: str) -> None:
    seen = 0
    for module, operation in operations(platform):
        wanted = {
            p["name"].lower().replace("-", "_")
            for p in operation.get("parameters", [])
            if p["in"] in ("query", "header")
        }
        allowed = {name.rstrip("_") for name in parameters(module.build_request)}
        assert allowed == wanted, module.__name__
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None or "$ref" not in content["schema"]:
            continue
        seen += 1
        name = content["schema"]["$ref"].rpartition("/")[2]
        schema = operation["components"]["schemas"][name]
        fields = body_fields(module.build_request)
        assert fields == schema.get("properties", {}).keys(), module.__name__
    assert seen


def refused(call: Callable[..., Any], *args: Any, **given: Any) -> str:
    """The text of the refusal."""
    with pytest.raises(UnknownKeywordError) as caught:
        use(call(*args, **given))
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("colour", ["", "async "])
def test_the_nearest_name_and_the_remedy_are_told(colour: str) -> None:
    silent = Silent()
    one, two = made(f"{colour}dial", silent), made(f"{colour}aimlapi", silent)
    chat = one.chat.completions.create
    assert refused(chat, deployment_name="d", messages=HELLO, temprature=1) == (
        "dial: create() got an unexpected keyword argument 'temprature' (did you mean"
        " 'temperature'?). Pass extra_body={'temprature': ...} for a field that the spec does not"
        " know yet"
    )
    for call, given, near in [
        (chat, {"deployment_name": "d", "mesages": HELLO}, "messages"),
        (chat, {"deployment_name": "d", "messages": HELLO, "streem": True}, "stream"),
        (one.embeddings.create, {"deployment_name": "d", "input": "x", "dimension": 1},
         "dimensions"),
        (one.publications.create, {"targetFoldr": "f"}, "targetFolder"),
        (one.deployments.list_names, {"type": ["model"]}, "types"),
        (one.files.list, {"url": "files/b/", "limti": 1}, "limit"),
        (one.files.iter, {"url": "files/b/", "recursiv": True}, "recursive"),
        (one.files.upload_folder, {"folder": ".", "url": "files/b/", "concurency": 1},
         "concurrency"),
        (two.chat.completions.create, {"model": "m", "mesages": HELLO}, "messages"),
        (two.chat.completions.create, {"modle": "m", "messages": HELLO}, "model"),
        (two.messages.create, {"model": "m", "messages": HELLO, "max_token": 1}, "max_tokens"),
        (two.responses.create, {"model": "m", "inputs": "x"}, "input"),
        (two.images.generate, {"model": "m", "prompt": "x", "sise": "1"}, "size"),
        (two.audio.speech.create, {"model": "m", "txt": "x"}, "text"),
        (two.video.create_and_wait, {"model": "m", "pol_interval": 1}, "poll_interval"),
        (two.video.wait, {"generation_id": "g", "wait_timout": 1}, "wait_timeout"),
        (two.models.list, {"capability": "x"}, "capabilities"),
        (two.usage.logs, {"offst": 1}, "offset"),
        (two.batches.results, {"batch_id": "b", "max_retry": 1}, "max_retries"),
        (two.with_options, {"max_retrys": 1}, "max_retries"),
    ]:  # fmt: skip
        assert f"(did you mean '{near}'?)" in refused(call, **given), (call, given)
    assert "did you mean" not in refused(chat, deployment_name="d", messages=HELLO, zzz=1)
    assert silent.asked == []


def test_azure_and_aleph_alpha_tell_the_nearest_name_in_their_own_words() -> None:
    silent = Silent()
    chat = made("azure.ChatCompletionsClient", silent)
    text = refused(chat.complete, messages=HELLO, temprature=1)
    assert "complete() got an unexpected keyword argument 'temprature' (did you mean" in text
    assert "Pass model_extras={'temprature': ...}" in text
    assert "'retry_total'?" in refused(chat.complete, messages=HELLO, retry_totl=1)
    assert "'stream'?" in refused(chat.send_request, azure.HttpRequest("GET", "/x"), streem=True)
    assert "'route'?" in refused(azure.ChatCompletionsClient, URL, None, rout="models")
    assert "'content'?" in refused(azure.models.UserMessage, contents="x")
    text = refused(aleph_alpha.ChatRequest, [], "m", temprature=1)
    assert "ChatRequest.__init__() got an unexpected keyword argument 'temprature'" in text
    assert "'temperature'?). Pass the call extra_body=" in text
    assert "'top_n'?" in refused(aleph_alpha.RerankRequest, "q", ["d"], topn=1)
    assert silent.asked == []


def test_a_request_class_of_a_users_own_takes_what_its_constructor_takes() -> None:
    class Mine(aleph_alpha.RerankRequest):
        def __init__(self, *, about: str, **more: Any) -> None:
            super().__init__(about, ["d"], **more)

    class Strict(aleph_alpha.RerankRequest):
        def __init__(self, *, about: str) -> None:
            super().__init__(about, ["d"])

    assert Mine(about="q", top_n=1).to_json() == {"query": "q", "documents": ["d"], "top_n": 1}
    assert Strict(about="q").query == "q"
    assert "'about'?" in refused(Strict, abut="q")


def test_options_know_their_names() -> None:
    assert "'deadline'?" in refused(Options().with_, {"deadlin": 1})
    assert "extra_headers" in OPTION_NAMES


@pytest.mark.parametrize("colour", ["", "async "])
def test_extra_body_sends_what_the_spec_does_not_know(colour: str) -> None:
    bodies: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        message = {"role": "assistant", "content": "x"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return httpx.Response(200, json={"id": "1", "model": "m", "choices": [choice]})

    client = made(f"{colour}aimlapi", httpx.MockTransport(answer))
    create = client.chat.completions.create
    use(create(model="m", messages=HELLO, extra_body={"temprature": 1}))
    assert bodies == [{"model": "m", "messages": HELLO, "temprature": 1}]
