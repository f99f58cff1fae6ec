"""Where several things are asked for, the answer holds one for each, in their order, or is an
error: by facades, by `.rest` and by the plain low-level client, in both colours."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import struct
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polychat import errors
from polychat.aimlapi import AimlApi, AsyncAimlApi
from polychat.aleph_alpha import (
    AsyncClient,
    BatchSemanticEmbeddingRequest,
    Client,
    EmbeddingV2Request,
    Prompt,
    RerankRequest,
    SemanticRepresentation,
)
from polychat.azure import AzureKeyCredential, EmbeddingsClient, ImageEmbeddingsClient
from polychat.azure.aio import EmbeddingsClient as AsyncEmbeddingsClient
from polychat.azure.aio import ImageEmbeddingsClient as AsyncImageEmbeddingsClient
from polychat.dial import AsyncDial, Dial
from polychat_rest.aimlapi.models import EmbeddingsRequest
from polychat_rest.batches import AnswerMismatch, check_ranked, count_of, in_order
from polychat_rest.client import Client as PlainClient
from polychat_rest.errors import UnreadableAnswer

URL = "http://service.test"
TEXTS = ["a", "b", "c"]
OpenAI = tuple[int | None, ...]


class Held(NamedTuple):
    """An operation with two lists: how it is called, and what answers it."""

    endpoint: str
    body: Any
    make: Callable[[bool, Any], Any]
    call: Callable[[Any], Any]
    field: str
    items: list[Any]
    path: tuple[str, ...] = ()


def vectors() -> list[Any]:
    return [{"object": "embedding", "index": i, "embedding": [float(i)]} for i in range(3)]


def dial(asynchronous: bool, transport: Any) -> Any:
    cls: Any = AsyncDial if asynchronous else Dial
    return cls(base_url=URL, api_key="k", transport=transport, max_retries=0)


def aimlapi(asynchronous: bool, transport: Any) -> Any:
    cls: Any = AsyncAimlApi if asynchronous else AimlApi
    return cls(base_url=URL, api_key="k", transport=transport, max_retries=0)


def aleph_alpha(asynchronous: bool, transport: Any) -> Any:
    cls: Any = AsyncClient if asynchronous else Client
    return cls("t", URL, transport=transport, total_retries=0)


def azure(asynchronous: bool, transport: Any, *, images: bool = False) -> Any:
    cls: Any = AsyncEmbeddingsClient if asynchronous else EmbeddingsClient
    if images:
        cls = AsyncImageEmbeddingsClient if asynchronous else ImageEmbeddingsClient
    return cls(f"{URL.replace('http', 'https')}/models", AzureKeyCredential("k"),
               transport=transport)  # fmt: skip


PROMPTS = BatchSemanticEmbeddingRequest(
    [Prompt.from_text(text) for text in TEXTS], SemanticRepresentation.Symmetric
)
IMAGES: Any = [{"image": f"data:,{text}"} for text in TEXTS]
INPUTS: Any = [{"type": "string", "value": text} for text in TEXTS]
CHATS: Any = [{"messages": [{"role": "user", "content": text}]} for text in TEXTS]
OPERATIONS = {
    "dial-embeddings": Held(
        "dial.api.embeddings.send_embeddings_request", {"input": TEXTS}, dial,
        lambda c: c.embeddings.create(deployment_name="d", input=TEXTS), "data", vectors(), ("d",)),
    "dial-tokenize": Held(
        "dial.api.deployments.tokenize", {"inputs": INPUTS}, dial,
        lambda c: c.deployments.tokenize("d", INPUTS), "outputs",
        [{"status": "success", "token_count": i} for i in range(3)], ("d",)),
    "dial-truncate": Held(
        "dial.api.deployments.truncate_prompt", {"inputs": CHATS}, dial,
        lambda c: c.deployments.truncate_prompt("d", CHATS), "outputs",
        [{"status": "success", "discarded_messages": [i]} for i in range(3)], ("d",)),
    "aimlapi-embeddings": Held(
        "aimlapi.api.embeddings.create_embeddings", {"model": "m", "input": TEXTS}, aimlapi,
        lambda c: c.embeddings.create(model="m", input=TEXTS), "data", vectors()),
    "azure-embeddings": Held(
        "azure.api.embeddings.get_embeddings", {"input": TEXTS}, azure,
        lambda c: c.embed(input=TEXTS), "data", vectors()),
    "azure-embeddings-body": Held(
        "azure.api.embeddings.get_embeddings", {"input": TEXTS}, azure,
        lambda c: c.embed({"input": TEXTS}), "data", vectors()),
    "azure-images": Held(
        "azure.api.embeddings.get_image_embeddings", {"input": IMAGES},
        lambda asynchronous, transport: azure(asynchronous, transport, images=True),
        lambda c: c.embed(input=IMAGES), "data", vectors()),
    "aleph-embeddings": Held(
        "aleph_alpha.api.tasks.embeddings", {"model": "m", "input": TEXTS}, aleph_alpha,
        lambda c: c.embeddings(EmbeddingV2Request(TEXTS), "m"), "data", vectors()),
    "aleph-batch": Held(
        "aleph_alpha.api.tasks.batch_semantic_embed", PROMPTS.to_json(), aleph_alpha,
        lambda c: c.batch_semantic_embed(PROMPTS, "m"), "embeddings", [[0.0], [1.0], [2.0]]),
    "aleph-rerank": Held(
        "aleph_alpha.api.tasks.rerank", {"query": "q", "documents": TEXTS}, aleph_alpha,
        lambda c: c.rerank(RerankRequest("q", TEXTS), "m"), "results",
        [{"index": i, "relevance_score": 1.0} for i in (2, 0, 1)]),
}  # fmt: skip
NUMBERED = [name for name, held in OPERATIONS.items() if held.field == "data"]
IDS = {"x-request-id": "r-1", "x-inference-id": "r-1"}
WAYS = ["facade", "facade-async", "rest", "rest-async", "plain", "plain-async"]


def read(held: Held, way: str, document: Any) -> Any:
    """The answer `document` to a request for three, as a way of reading gives it."""
    asynchronous = way.endswith("async")
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=document, headers=IDS))
    endpoint = import_module(f"polychat_rest.{held.endpoint}")
    function = endpoint.asyncio if asynchronous else endpoint.sync
    if way.startswith("facade"):
        client = held.make(asynchronous, transport)
        result = held.call(client)
    elif way.startswith("rest"):
        client = held.make(asynchronous, transport).rest
        result = function(*held.path, client=client, body=held.body)
    else:
        client = PlainClient(URL, httpx_args={"transport": transport})
        result = function(*held.path, client=client, body=held.body)

    async def wait() -> Any:
        return await result

    return asyncio.run(wait()) if inspect.isawaitable(result) else result


def answer(held: Held, items: Any) -> dict[str, Any]:
    return {"id": "1", "object": "list", "model": "m", "model_version": "1", held.field: items}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_answer_that_is_right_stays_as_it_came(name: str, way: str) -> None:
    held = OPERATIONS[name]
    found = getattr(read(held, way, answer(held, held.items)), held.field)
    for item, sent in zip(found, held.items, strict=True):
        for field in ("index", "embedding", "token_count", "discarded_messages", "relevance_score"):
            if isinstance(sent, dict) and field in sent:
                assert getattr(item, field) == sent[field]
        assert isinstance(sent, dict) or item == sent


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wrong", [
    lambda items: items[:-1], lambda items: [], lambda items: None, lambda items: {},
    lambda items: [*items, items[0]], lambda items: [items[0], None, items[2]],
], ids=["hole", "empty", "null", "object", "more", "null-in-it"])  # fmt: skip
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_batch_that_is_not_whole_is_an_error(name: str, wrong: Any, way: str) -> None:
    held = OPERATIONS[name]
    refused(held, way, wrong(held.items))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("indexes", [(0, 0, 1), (0, 1, 3), (1, 2, 3), (0, -1, 2), (0, "1", 2)])
@pytest.mark.parametrize("name", [*NUMBERED, "aleph-rerank"])
def test_a_batch_that_is_numbered_wrong_is_an_error(name: str, indexes: OpenAI, way: str) -> None:
    held = OPERATIONS[name]
    items = [{**item, "index": index} for item, index in zip(held.items, indexes, strict=True)]
    refused(held, way, items)


def refused(held: Held, way: str, items: Any) -> None:
    if way.startswith("plain"):
        with pytest.raises(UnreadableAnswer) as plain:
            read(held, way, answer(held, items))
        assert isinstance(plain.value.__cause__, ValueError)
        return
    with pytest.raises(errors.ResponseParseError) as caught:
        read(held, way, answer(held, items))
    error = caught.value
    assert held.endpoint.startswith(error.platform or "-")
    assert (error.status, error.request_id, error.attempts) == (200, "r-1", 1)
    assert error.body is not None
    assert held.field in error.body


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NUMBERED)
def test_a_batch_in_another_order_is_put_in_order(name: str, way: str) -> None:
    held = OPERATIONS[name]
    first, second, third = held.items
    found = read(held, way, answer(held, [third, first, second])).data
    assert [(item.index, item.embedding) for item in found] == [(0, [0.0]), (1, [1.0]), (2, [2.0])]


@pytest.mark.parametrize("name", NUMBERED)
def test_items_without_numbers_stay_in_their_order(name: str) -> None:
    held = OPERATIONS[name]
    bare = [{"embedding": [float(i)]} for i in (2, 0, 1)]
    found = read(held, "facade", answer(held, bare)).data
    assert [item.embedding for item in found] == [[2.0], [0.0], [1.0]]


@pytest.mark.parametrize(("given", "count"), [
    ("text", 1), (["a"], 1), (["a", "b"], 2), ([1, 2, 3], 1), ([[1, 2], [3]], 2), ([[1, 2]], 1),
    (("a", "b"), 2), ({"a", "b"}, 2), ([], 0), (None, None), (iter("ab"), None), ([{}], 1),
])  # fmt: skip
def test_what_is_asked_for_is_counted(given: Any, count: int | None) -> None:
    assert count_of(given) == count


@pytest.mark.parametrize(("given", "count"), [("a", 1), ([5, 6, 7], 1), ([[5], [6, 7]], 2)])
def test_token_ids_are_one_text(given: Any, count: int) -> None:
    held = OPERATIONS["aleph-embeddings"]._replace(
        call=lambda c: c.embeddings(EmbeddingV2Request(given), "m")
    )
    document = answer(held, held.items[:count])
    assert len(read(held, "facade", document).data) == count
    with pytest.raises(errors.ResponseParseError, match=f"asked for {count} embeddings, got 3"):
        read(held, "facade", answer(held, held.items))


def test_custom_inputs_of_dial_are_answered_after_the_others() -> None:
    """https://docs.dialx.ai: `input` first, then `custom_input`; a list in it is a mixture."""

    def asking(*custom: Any) -> Held:
        held = OPERATIONS["dial-embeddings"]
        return held._replace(call=lambda c: c.embeddings.create(
            deployment_name="d", input="a", custom_input=list(custom)))  # fmt: skip

    held = asking("b", {"type": "image/png", "data": "aGk="})
    assert len(read(held, "facade", answer(held, held.items)).data) == 3
    with pytest.raises(errors.ResponseParseError, match="asked for 3 embeddings, got 2"):
        read(held, "facade", answer(held, held.items[:2]))
    mixed = asking(["b", "c"])
    assert len(read(mixed, "facade", answer(held, held.items)).data) == 3
    with pytest.raises(errors.ResponseParseError, match="index 0 of the embeddings came twice"):
        read(mixed, "facade", answer(held, [held.items[0]] * 2))


@pytest.mark.parametrize(("best", "indexes"), [
    (2, (1, 0)), (7, (2, 1, 0)), (None, (0, 2, 1)), (0, (0, 1, 2)), (1, (2,)), (2, (None, None)),
])  # fmt: skip
def test_the_best_of_the_documents(best: int | None, indexes: OpenAI) -> None:
    held = OPERATIONS["aleph-rerank"]
    held = held._replace(call=lambda c: c.rerank(RerankRequest("q", TEXTS, top_n=best), "m"))
    items = [{"index": index, "relevance_score": 1.0} for index in indexes]
    found = read(held, "facade", answer(held, items)).results
    assert [item.index for item in found] == list(indexes), "the order is the rank"
    with pytest.raises(errors.ResponseParseError, match=f"asked for {len(indexes)} results, got"):
        read(held, "facade", answer(held, [*items, {"index": 1}]))


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("short", [0, 100, 200])
def test_each_request_of_a_split_batch_is_held(short: int, asynchronous: bool) -> None:
    request = BatchSemanticEmbeddingRequest(
        [Prompt.from_text(str(i)) for i in range(250)], SemanticRepresentation.Symmetric
    )

    def serve(hole: int | None) -> Callable[[httpx.Request], httpx.Response]:
        def respond(sent: httpx.Request) -> httpx.Response:
            numbers = [float(prompt[0]["data"]) for prompt in json.loads(sent.content)["prompts"]]
            vectors = [[number] for number in numbers]
            if numbers[0] == hole:
                del vectors[3]
            return httpx.Response(200, json={"embeddings": vectors, "num_tokens_prompt_total": 1})

        return respond

    def ask(hole: int | None) -> Any:
        client = aleph_alpha(asynchronous, httpx.MockTransport(serve(hole)))
        if not asynchronous:
            return client.batch_semantic_embed(request, "m")
        return asyncio.run(client.batch_semantic_embed(request, "m", num_concurrent_requests=3))

    assert ask(None).embeddings == [[float(i)] for i in range(250)]
    size = 50 if short == 200 else 100
    with pytest.raises(errors.ResponseParseError, match=f"asked for {size} .* got {size - 1}"):
        ask(short)


def test_base64_is_as_good_as_numbers() -> None:
    held = OPERATIONS["azure-embeddings"]
    packed = [
        {"index": i, "embedding": base64.b64encode(struct.pack("<f", i)).decode()}
        for i in (2, 1, 0)
    ]
    found = read(held, "facade", answer(held, packed)).data
    assert [item.vector for item in found] == [[0.0], [1.0], [2.0]]


@pytest.mark.parametrize("way", WAYS[2:])
def test_a_body_that_is_a_model_is_counted(way: str) -> None:
    held = OPERATIONS["aimlapi-embeddings"]
    held = held._replace(body=EmbeddingsRequest(model="m", input=TEXTS))
    assert len(read(held, way, answer(held, held.items)).data) == 3
    refused(held, way, held.items[:2])


@pytest.mark.parametrize("way", ["plain", "plain-async"])
def test_a_documented_error_of_the_plain_client_is_no_batch(way: str) -> None:
    endpoint = import_module("polychat_rest.aimlapi.api.embeddings.create_embeddings")
    transport = httpx.MockTransport(lambda _: httpx.Response(400, json={"message": "no"}))
    client = PlainClient(URL, httpx_args={"transport": transport})
    body = {"model": "m", "input": TEXTS}
    if way == "plain":
        found = endpoint.sync(client=client, body=body)
    else:
        found = asyncio.run(endpoint.asyncio(client=client, body=body))
    assert found.message == "no"


# --- the pure part ---


def numbered(indexes: Any) -> list[Any]:
    return [{"index": index, "place": place} for place, index in enumerate(indexes)]


@given(st.permutations(range(8)) | st.lists(st.integers(-1, 8) | st.none(), max_size=8))
def test_in_order_gives_each_its_own_or_raises(indexes: list[int | None]) -> None:
    items = numbered(indexes)
    known = [place if index is None else index for place, index in enumerate(indexes)]
    complete = sorted(known) == list(range(len(known)))
    try:
        found = in_order(items, len(items), "things")
    except AnswerMismatch:
        assert not complete
        return
    assert complete
    assert [known[item["place"]] for item in found] == list(range(len(items)))
    assert (found is items) == (known == sorted(known))


@given(st.lists(st.none() | st.integers(0, 3), max_size=5), st.integers(0, 5))
def test_another_number_always_raises(indexes: list[int | None], asked: int) -> None:
    if len(indexes) == asked:
        asked += 1
    with pytest.raises(AnswerMismatch, match=f"asked for {asked} things, got {len(indexes)}"):
        in_order(numbered(indexes), asked, "things")


@given(
    st.lists(st.integers(-1, 5), max_size=5),
    st.integers(0, 5),
    st.none() | st.integers(-1, 6),
)
def test_a_ranking_names_each_document_once(
    indexes: list[int], asked: int, best: int | None
) -> None:
    due = asked if best is None or best < 1 else min(best, asked)
    right = len(indexes) == due == len(set(indexes)) and all(0 <= i < asked for i in indexes)
    try:
        check_ranked(numbered(indexes), asked, best, "things")
    except AnswerMismatch:
        assert not right
    else:
        assert right
