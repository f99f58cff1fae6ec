"""Traces: what a span tells, that it ends, and that it harms no call."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from polychat import errors
from polychat.azure import _observe, _spans
from polychat.azure.models import SystemMessage, UserMessage
from polychat.azure.tracing import AIInferenceInstrumentor
from polychat.emulator import Emulator

from .conftest import Both, answer

HI = [SystemMessage("Be brief."), UserMessage("hi there")]


class Spans:
    """The spans that have ended."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def __call__(self) -> list[Any]:
        return list(self._exporter.get_finished_spans())

    def only(self) -> Any:
        (span,) = self()
        return span


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spans]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    monkeypatch.delenv("AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED", raising=False)
    AIInferenceInstrumentor().instrument()
    yield Spans(exporter)
    AIInferenceInstrumentor().uninstrument()
    provider.shutdown()


def events(span: Any) -> list[tuple[str, Any]]:
    return [(e.name, json.loads(e.attributes["gen_ai.event.content"])) for e in span.events]


def raised(span: Any) -> list[str]:
    return [e.attributes["exception.type"] for e in span.events if e.name == "exception"]


def test_on_and_off(spans: Spans, monkeypatch: pytest.MonkeyPatch, both: Both) -> None:
    instrumentor = AIInferenceInstrumentor()
    assert instrumentor.is_instrumented()
    assert not instrumentor.is_content_recording_enabled()
    instrumentor.instrument(enable_content_recording=True)
    assert instrumentor.is_content_recording_enabled()
    monkeypatch.setenv("AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED", "True")
    instrumentor.instrument()
    assert instrumentor.is_content_recording_enabled()
    instrumentor.uninstrument()
    instrumentor.uninstrument()
    assert not instrumentor.is_instrumented()
    assert not instrumentor.is_content_recording_enabled()
    both("complete", messages=HI)
    assert spans() == []


def test_a_plain_call(spans: Spans, both: Both, emulator: Emulator) -> None:
    both.on({"temperature": 0.5, "model": "from-the-client"}, "complete", messages=HI, max_tokens=9)
    span = spans.only()
    assert span.name == "chat from-the-client"
    assert span.kind is trace.SpanKind.CLIENT
    assert dict(span.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "az.ai.inference",
        "gen_ai.request.model": "from-the-client",
        "gen_ai.request.max_tokens": 9,
        "gen_ai.request.temperature": 0.5,
        "server.address": "127.0.0.1",
        "server.port": emulator.port,
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.model": "from-the-client",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 4,
        "gen_ai.usage.output_tokens": 2,
    }
    assert events(span) == [("gen_ai.choice", {"finish_reason": "stop", "index": 0})]
    trace_id = format(span.context.trace_id, "032x")
    assert trace_id in emulator.requests[-1].headers["traceparent"]


def test_contents_are_told_when_asked_for(spans: Spans, both: Both) -> None:
    AIInferenceInstrumentor().instrument(enable_content_recording=True)
    both("complete", {"messages": [m.as_dict() for m in HI]})
    told = events(spans.only())
    assert told[:2] == [
        ("gen_ai.system.message", {"role": "system", "content": "Be brief."}),
        ("gen_ai.user.message", {"role": "user", "content": "hi there"}),
    ]
    assert told[2][1] == {"message": {"content": "hi there"}, "finish_reason": "stop", "index": 0}
    times = [event.timestamp for event in spans.only().events]
    assert times == sorted(set(times))


def test_a_stream_with_usage_and_two_choices(spans: Spans, both: Both) -> None:
    AIInferenceInstrumentor().instrument(enable_content_recording=True)
    both("complete", messages=HI, stream=True, n=2, stream_options={"include_usage": True})
    span = spans.only()
    assert span.attributes["gen_ai.usage.output_tokens"] == 4
    assert span.attributes["gen_ai.response.finish_reasons"] == ("stop", "stop")
    assert [content for name, content in events(span) if name == "gen_ai.choice"] == [
        {"message": {"content": "hi there"}, "finish_reason": "stop", "index": i} for i in (0, 1)
    ]


@pytest.mark.parametrize("stream", [True, False])
def test_tool_calls(spans: Spans, both: Both, stream: bool) -> None:
    city = {"type": "object", "properties": {"city": {"type": "string"}}}
    tool = {"type": "function", "function": {"name": "weather", "parameters": city}}
    both("complete", messages=HI, stream=stream, tools=[tool])
    ((_, hidden),) = events(spans.only())
    assert hidden["message"]["tool_calls"] == [{"id": "call_1", "type": "function"}]
    AIInferenceInstrumentor().instrument(enable_content_recording=True)
    both("complete", messages=HI, stream=stream, tools=[tool])
    (call,) = events(spans()[1])[-1][1]["message"]["tool_calls"]
    assert call["function"] == {"name": "weather", "arguments": '{"city": "hi there"}'}


@pytest.mark.parametrize(
    ("model", "stream", "kind"),
    [
        ("missing", False, "AzureNotFoundError"),
        ("missing", True, "AzureNotFoundError"),
        ("fault:error-event=1", True, "AzureStreamEventError"),
        ("fault:cut=1", True, "AzureStreamTruncatedError"),
        ("fault:truncate=1", True, "AzureStreamTruncatedError"),
    ],
)
def test_what_fails(spans: Spans, both: Both, model: str, stream: bool, kind: str) -> None:
    with pytest.raises(Exception, match=r"azure:"):
        both("complete", messages=HI, model=model, stream=stream)
    span = spans.only()
    assert span.status.status_code is trace.StatusCode.ERROR
    assert span.attributes["error.type"] == f"polychat.azure.exceptions.{kind}"
    assert raised(span) == [f"polychat.azure.exceptions.{kind}"]


def test_streams_that_are_left_end_their_spans(spans: Spans, emulator: Emulator) -> None:
    from polychat.azure import AzureKeyCredential, ChatCompletionsClient, aio

    with ChatCompletionsClient(emulator.url("azure"), AzureKeyCredential("k")) as client:
        for _ in client.complete(messages=HI, stream=True):
            break
        stream = client.complete(messages=HI, stream=True)
        next(stream)
        del stream
        gc.collect()
    assert len(spans()) == 2

    async def main() -> None:
        async with (
            aio.ChatCompletionsClient(emulator.url("azure"), AzureKeyCredential("k")) as client,
            await client.complete(messages=HI, stream=True) as stream,
        ):
            await anext(stream)

    asyncio.run(main())
    assert len(spans()) == 3


def test_embeddings_have_spans_too(spans: Spans, both: Both) -> None:
    both.on({"name": "EmbeddingsClient", "model": "e"}, "embed", input=["a b"])
    span = spans.only()
    assert span.name == "embeddings e"
    assert span.attributes["gen_ai.operation.name"] == "embeddings"
    assert span.attributes["gen_ai.usage.input_tokens"] == 2


@pytest.mark.parametrize(
    "odd",
    [
        {"choices": [None, 3]},
        {"choices": [{"finish_reason": "brand_new"}]},
        {"choices": [{"message": "text"}], "usage": 5},
        {"id": {"not": "text"}, "choices": [{"index": 0}]},
    ],
)
def test_odd_answers_reach_the_caller(spans: Spans, both: Both, odd: dict[str, Any]) -> None:
    document = {"id": "1", "model": "m", "choices": [], **odd}
    result = both.handled(lambda _: httpx.Response(200, json=document), "complete", messages=HI)
    assert result.as_dict() == document
    assert spans.only()


@pytest.mark.parametrize("nothing", [{"choices": None}, {"choices": []}, {"weather": "fine"}])
def test_a_call_without_an_answer_has_a_span_with_its_error(
    spans: Spans, both: Both, nothing: dict[str, Any]
) -> None:
    with pytest.raises(errors.ResponseParseError):
        both.handled(lambda _: httpx.Response(200, json=nothing), "complete", messages=HI)
    assert not spans.only().status.is_ok


@pytest.mark.parametrize("broken", ["_event", "begin", "saw", "_finish", "left"])
def test_a_broken_tracer_harms_no_call(
    spans: Spans, both: Both, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the tracer is broken")

    whole = getattr(_spans.Observed, broken)
    wrapped = hasattr(whole, "__wrapped__")
    monkeypatch.setattr(_spans.Observed, broken, _spans.harmless(fail) if wrapped else fail)
    AIInferenceInstrumentor().instrument(enable_content_recording=True)
    assert both.handled(lambda _: answer("fine"), "complete", messages=HI).choices[0].index == 0
    updates = both("complete", messages=HI, stream=True)
    assert len(updates) == 4
    assert len(spans()) == (0 if broken == "begin" else 2)


def test_nothing_is_replaced() -> None:
    from polychat.azure import ChatCompletionsClient

    before = ChatCompletionsClient.complete
    AIInferenceInstrumentor().instrument()
    assert ChatCompletionsClient.complete is before
    AIInferenceInstrumentor().uninstrument()
    assert _observe.active is None
