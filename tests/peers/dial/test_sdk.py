"""polychat.dial with a server of aidial-sdk, and aidial-sdk as the oracle of merged chunks."""

from __future__ import annotations

import asyncio
import copy
import importlib.util
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from aidial_sdk.utils.merge_chunks import cleanup_indices, merge
from aidial_sdk.utils.streaming import merge_chunks as sdk_merge_chunks

from polychat.dial import AsyncDial, Dial, DialException, merge_chunks
from polychat_rest.dial.models import ChatCompletionChunk
from tests.dial.driver import Driver

HI: list[Any] = [{"role": "user", "content": "one two three"}]


@pytest.fixture(scope="module")
def features() -> Iterator[tuple[str, Any]]:
    path = Path(__file__).with_name("features_app.py")
    spec = importlib.util.spec_from_file_location("features_app", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(module.build(), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", module
        server.should_exit = True
        thread.join()


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, features: tuple[str, Any]) -> Iterator[Any]:
    driver = Driver()
    arguments: Any = {"base_url": features[0], "api_key": "k", "max_retries": 0}
    one = Dial(**arguments) if request.param == "sync" else driver.wrap(AsyncDial(**arguments))
    yield one
    one.close()
    driver.close()


def test_rate(client: Any, features: tuple[str, Any]) -> None:
    client.deployments.rate("words", response_id="answer-1", rate=True)
    client.deployments.rate("words", response_id="answer-2", rate=False)
    assert features[1].RATED[-2:] == [("answer-1", True), ("answer-2", False)]


def test_tokenize(client: Any) -> None:
    request = {"type": "request", "value": {"messages": HI}}
    found = client.deployments.tokenize("words", ["a b", request])
    assert [(one.status, one.token_count) for one in found.outputs] == [
        ("success", 2),
        ("success", 3),
    ]


def test_truncate_prompt(client: Any) -> None:
    requests: list[Any] = [{"messages": HI * 3, "max_prompt_tokens": 1}, {"messages": HI}]
    found = client.deployments.truncate_prompt("words", requests)
    assert found.outputs[0].discarded_messages == [0, 1]
    assert found.outputs[1].error == "no limit"


def test_configuration(client: Any) -> None:
    schema = client.deployments.get_configuration_schema("words")
    assert schema == {"type": "object", "properties": {"depth": {"type": "integer"}}}


def test_embeddings(client: Any) -> None:
    found = client.embeddings.create(deployment_name="lengths", input=["a", "four"])
    assert [one.embedding for one in found.data] == [[1.0], [4.0]]
    assert (found.model, found.usage.prompt_tokens) == ("lengths", 2)


def test_what_is_not_there(client: Any) -> None:
    with pytest.raises(DialException) as caught:
        client.deployments.tokenize("lengths", ["a"])
    assert caught.value.status_code == 404


def test_chunks_merge_into_the_answer_that_the_server_gives_whole(client: Any) -> None:
    chunks = list(client.chat.completions.create(deployment_name="words", messages=HI, stream=True))
    whole = client.chat.completions.create(deployment_name="words", messages=HI)
    merged = merge_chunks(chunks)
    assert len(chunks) > 5
    assert merged.choices == whole.choices
    assert merged.choices[0].message.custom_content.stages[0].content == "first stage"
    assert merged.choices[0].message.custom_content.state == {"words": [1, 2], "text": "state"}
    assert merged.usage == whole.usage
    assert merged.statistics.discarded_messages == [0]
    assert merged.statistics == merge_chunks(chunks[-1:]).statistics


def oracle(chunks: list[Any]) -> Any:
    async def stream() -> Any:
        for chunk in copy.deepcopy(chunks):
            yield chunk

    return asyncio.run(sdk_merge_chunks(stream()))


def delta(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields}]}


def custom(**fields: Any) -> dict[str, Any]:
    return delta(custom_content=fields)


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_stages_and_attachments_merges_as_the_sdk_does(seed: int) -> None:
    pieces: list[list[dict[str, Any]]] = [
        [custom(stages=[{"index": n, "name": f"s{n}", "status": None}])]
        + [custom(stages=[{"index": n, "content": f"{n}{i} "}]) for i in range(3)]
        + [custom(stages=[{"index": n, "attachments": [{"index": 1 - i, "data": f"{n}{i}"}]}])
           for i in range(2)]
        + [custom(stages=[{"index": n, "status": "completed"}])]
        for n in range(3)
    ]  # fmt: skip
    pieces += [[custom(attachments=[{"index": n, "title": f"a{n}"}])] for n in (2, 0, 1)]
    pieces += [[delta(content=word) for word in ("a ", "b ", "c")]]
    pieces += [
        [
            delta(
                tool_calls=[
                    {"index": n, "id": f"t{n}", "type": "function", "function": {"name": "f"}}
                ]
            ),
            *(
                delta(tool_calls=[{"index": n, "function": {"arguments": text}}])
                for text in ('{"a":', "1}")
            ),
        ]
        for n in range(2)
    ]
    dice = random.Random(seed)
    chunks: list[Any] = [delta(role="assistant", content="")]
    while any(pieces):
        chunks.append(dice.choice([queue for queue in pieces if queue]).pop(0))
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    merged = merge_chunks(ChatCompletionChunk.from_dict(chunk) for chunk in chunks)
    expected = oracle(chunks)
    message = merged.choices[0].to_dict()["message"]
    assert message == _without_nulls(expected["choices"][0]["message"])
    assert merged.choices[0].finish_reason == "stop"
    by_hand = merge(*copy.deepcopy(chunks))
    assert message == _without_nulls(cleanup_indices(by_hand["choices"][0]["delta"]))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def test_what_cannot_be_merged() -> None:
    with pytest.raises(ValueError, match="no chunks"):
        merge_chunks([])
