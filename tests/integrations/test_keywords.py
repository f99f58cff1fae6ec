"""A misspelt keyword is refused by the frameworks' components too, and extra_body is sent."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from haystack import Pipeline

from polychat.errors import UnknownKeywordError
from polychat.integrations.haystack import (
    AIMLAPIChatGenerator,
    AIMLAPIDocumentEmbedder,
    AIMLAPITextEmbedder,
)
from polychat.integrations.langchain import (
    AimlapiEmbeddings,
    AimlapiImageModel,
    AimlapiLLM,
    AimlapiVideoModel,
    ChatAimlapi,
)

Model = Any
MODELS: list[Model] = [
    ChatAimlapi, AimlapiLLM, AimlapiImageModel, AimlapiVideoModel, AimlapiEmbeddings
]  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


class Sent:
    """The bodies that were sent; each answer is one that all models can read."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        transport = httpx.MockTransport(self.answer)
        self.clients: dict[str, Any] = {
            "http_client": httpx.Client(transport=transport),
            "http_async_client": httpx.AsyncClient(transport=transport),
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(json.loads(request.content or b"{}"))
        message = {"role": "assistant", "content": "x"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        if self.bodies[-1].get("stream"):
            chunk = {"id": "i", "model": "m", "choices": [{"index": 0, "delta": message}]}
            choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
            events = (
                f"data: {json.dumps(chunk)}\n\ndata: {json.dumps({**chunk, 'choices': [choice]})}"
            )
            return httpx.Response(
                200, text=f"{events}\n\ndata: [DONE]\n\n",
                headers={"content-type": "text/event-stream"},
            )  # fmt: skip
        data = [{"index": 0, "embedding": [1.0], "url": "http://x/1", "object": "embedding"}]
        return httpx.Response(200, json={
            "id": "i", "model": "m", "choices": [choice], "data": data, "status": "completed",
            "object": "list", "video": {"url": "http://x/1"}, "generation_id": "i",
        })  # fmt: skip


@pytest.fixture
def sent() -> Sent:
    return Sent()


def made(cls: Model, sent: Sent, **more: Any) -> Model:
    """A model of LangChain whose requests go nowhere."""
    return cls(model="m", api_key="k", base_url="http://x/v1", **sent.clients, **more)


def call(model: Model, method: str, **bound: Any) -> Any:
    """What a model says, by one of the ways of asking it."""
    if isinstance(model, AimlapiEmbeddings):
        result: Any = (model.aembed_query if method[0] == "a" else model.embed_query)("x")
    else:
        result = getattr(model.bind(**bound) if bound else model, method)("x")
    if inspect.isasyncgen(result):

        async def items() -> list[Any]:
            return [item async for item in result]

        return asyncio.run(items())
    if inspect.isawaitable(result):

        async def one() -> Any:
            return await result

        return asyncio.run(one())
    return list(result) if inspect.isgenerator(result) else result


@pytest.mark.parametrize("method", ["invoke", "ainvoke", "stream", "astream"])
@pytest.mark.parametrize("model", MODELS)
def test_langchain_refuses_what_the_spec_does_not_know(
    model: Model, method: str, sent: Sent
) -> None:
    ways: list[Callable[[], Any]] = [
        lambda: call(made(model, sent, model_kwargs={"timeot": 1}), method)
    ]
    if model is not AimlapiEmbeddings:
        ways.append(lambda: call(made(model, sent), method, timeot=1))
    for way in ways:
        with pytest.raises(UnknownKeywordError, match=r"'timeot' \(did you mean 'timeout'\?\)"):
            way()
    with pytest.raises(UnknownKeywordError, match=r"'modl' \(did you mean 'model'\?\)") as caught:
        model(modl="m", api_key="k")
    assert "extra_body" in str(caught.value)
    assert sent.bodies == []


@pytest.mark.parametrize("method", ["invoke", "ainvoke", "stream", "astream"])
@pytest.mark.parametrize("model", MODELS)
def test_langchain_sends_extra_body(model: Model, method: str, sent: Sent) -> None:
    extra = {"extra_body": {"timeot": 1}}
    call(made(model, sent, model_kwargs=extra), method)
    if model is not AimlapiEmbeddings:
        call(made(model, sent), method, **extra)
    asked = [body for body in sent.bodies if body]
    assert len(asked) == (1 if model is AimlapiEmbeddings else 2)
    assert all(body["timeot"] == 1 for body in asked)
    assert not any("extra_body" in body for body in asked)


def generator(sent: Sent, **given: Any) -> AIMLAPIChatGenerator:
    """A generator of Haystack whose requests go nowhere."""
    return AIMLAPIChatGenerator(
        model="m",
        api_base_url="http://x/v1",
        http_client_kwargs={"transport": httpx.MockTransport(sent.answer)},
        **given,
    )


WAYS: list[Callable[[AIMLAPIChatGenerator, Any], Any]] = [
    lambda made, given: made.run("x", generation_kwargs=given),
    lambda made, given: made.run("x", generation_kwargs=given, streaming_callback=str),
    lambda made, given: asyncio.run(made.run_async("x", generation_kwargs=given)),
]


@pytest.mark.parametrize("way", WAYS)
def test_haystack_refuses_what_the_spec_does_not_know(
    way: Any, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIMLAPI_API_KEY", "k")
    words = r"'temprature' \(did you mean 'temperature'\?\)"
    with pytest.raises(UnknownKeywordError, match=words) as caught:
        way(generator(sent), {"temprature": 1})
    assert "extra_body={'temprature': ...}" in str(caught.value)
    with pytest.raises(UnknownKeywordError, match=words):
        way(generator(sent, generation_kwargs={"temprature": 1}), None)
    assert sent.bodies == []
    way(generator(sent), {"extra_body": {"temprature": 1}})
    way(generator(sent, generation_kwargs={"extra_body": {"temprature": 2}}), None)
    assert [body["temprature"] for body in sent.bodies] == [1, 2]


def test_the_refusal_reaches_the_user_of_a_pipeline(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIMLAPI_API_KEY", "k")
    pipeline = Pipeline()
    pipeline.add_component("llm", generator(sent))
    with pytest.raises(Exception, match="did you mean 'temperature'") as caught:
        pipeline.run({"llm": {"messages": "x", "generation_kwargs": {"temprature": 1}}})
    assert isinstance(caught.value.__cause__ or caught.value, UnknownKeywordError)


@pytest.mark.parametrize(
    "component", [AIMLAPIChatGenerator, AIMLAPITextEmbedder, AIMLAPIDocumentEmbedder]
)
def test_a_constructor_of_haystack_takes_no_other_name(component: Any) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'modl'"):
        component(modl="m")
