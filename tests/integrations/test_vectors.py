"""Vectors are held against the texts that were sent, request by request, in both frameworks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from haystack import Document
from haystack.utils import Secret

from polychat import errors
from polychat.integrations.haystack import AIMLAPIDocumentEmbedder, AIMLAPITextEmbedder
from polychat.integrations.langchain import AimlapiEmbeddings

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
TEXTS = ["a", "bb", "ccc", "dddd", "eeeee"]
Items = Callable[[list[str]], Any]


def _vector(text: str) -> list[float]:
    return [float(len(text)), 1.0]


def _right(texts: list[str]) -> list[dict[str, Any]]:
    return [
        {"object": "embedding", "index": index, "embedding": _vector(text)}
        for index, text in enumerate(texts)
    ]


def _twice(texts: list[str]) -> Any:
    return [*_right(texts)[:-1], {**_right(texts)[-1], "index": 0}] if len(texts) > 1 else []


WRONG: dict[str, Items] = {
    "an index twice": _twice,
    "too few": lambda texts: _right(texts)[:-1],
    "too many": lambda texts: _right([*texts, "more"]),
    "a hole": lambda texts: [{**one, "index": one["index"] * 2 + 1} for one in _right(texts)],
    "one again": lambda texts: [*_right(texts), _right(texts)[0]],
    "no vector": lambda texts: [*_right(texts)[:-1], {"index": len(texts) - 1}],
    "an empty vector": lambda texts: [{**one, "embedding": []} for one in _right(texts)],
    "no item": lambda texts: [*_right(texts)[:-1], None],
    "numbers in words": lambda texts: [{**one, "index": "x"} for one in _right(texts)],
    "negative": lambda texts: [{**one, "index": -1} for one in _right(texts)],
    "nothing": lambda texts: [],
}
RIGHT: dict[str, Items] = {
    "in order": _right,
    "backwards": lambda texts: _right(texts)[::-1],
    "mixed": lambda texts: sorted(_right(texts), key=lambda one: one["index"] % 2),
    "without numbers": lambda texts: [{"embedding": _vector(text)} for text in texts],
}


class Service:
    """Answers with `items`, from the request numbered `first` on; before, as it should."""

    def __init__(self, items: Items, first: int = 0) -> None:
        self.items, self.first, self.asked = items, first, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        texts = json.loads(request.content)["input"]
        items = self.items if self.asked >= self.first else _right
        self.asked += 1
        return httpx.Response(200, json={"object": "list", "model": "m", "data": items(texts)})


def _haystack(cls: Any, service: Service, **options: Any) -> Any:
    transport = httpx.MockTransport(service)
    return cls(
        api_key=Secret.from_token("k"), http_client_kwargs={"transport": transport}, **options
    )


def _finish(embedder: Any, coroutine: Any) -> Any:
    async def main() -> Any:
        try:
            return await coroutine
        finally:
            await embedder.close_async()

    return asyncio.run(main())


def _documents(service: Service, texts: list[str], *, asynchronous: bool) -> Any:
    embedder = _haystack(AIMLAPIDocumentEmbedder, service, batch_size=2)
    documents = [Document(content=text) for text in texts]
    found = (
        _finish(embedder, embedder.run_async(documents))
        if asynchronous
        else embedder.run(documents)
    )
    return [one.embedding for one in found["documents"]]


def _text(service: Service, texts: list[str], *, asynchronous: bool) -> Any:
    embedder = _haystack(AIMLAPITextEmbedder, service)
    if asynchronous:
        return [_finish(embedder, embedder.run_async(text))["embedding"] for text in texts]
    return [embedder.run(text)["embedding"] for text in texts]


def _langchain(service: Service, texts: list[str], *, asynchronous: bool) -> Any:
    transport = httpx.MockTransport(service)
    model = AimlapiEmbeddings(
        api_key="k", base_url="http://x/v1", chunk_size=2,
        http_client=httpx.Client(transport=transport),
        http_async_client=httpx.AsyncClient(transport=transport),
    )  # fmt: skip
    if asynchronous:
        return asyncio.run(model.aembed_documents(texts))
    return model.embed_documents(texts)


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def asynchronous(request: pytest.FixtureRequest) -> bool:
    """Which of the two colours."""
    return bool(request.param)


@pytest.mark.parametrize("embed", [_documents, _text, _langchain])
@pytest.mark.parametrize("items", RIGHT)
def test_each_text_has_its_own_vector(embed: Any, items: str, asynchronous: bool) -> None:
    found = embed(Service(RIGHT[items]), TEXTS, asynchronous=asynchronous)
    assert found == [_vector(text) for text in TEXTS]


@pytest.mark.parametrize("embed", [_documents, _text, _langchain])
@pytest.mark.parametrize("items", WRONG)
def test_vectors_that_do_not_fit_are_an_error(embed: Any, items: str, asynchronous: bool) -> None:
    with pytest.raises(errors.ResponseParseError):
        embed(Service(WRONG[items]), TEXTS, asynchronous=asynchronous)


@pytest.mark.parametrize("embed", [_documents, _langchain])
def test_each_request_is_held_on_its_own(embed: Any, asynchronous: bool) -> None:
    """One vector too many in one answer does not make up for one that another lacks."""

    def uneven(texts: list[str]) -> Any:
        return _right(["x", *texts]) if len(texts) > 1 else []

    with pytest.raises(errors.ResponseParseError):
        embed(Service(uneven, first=1), TEXTS, asynchronous=asynchronous)
