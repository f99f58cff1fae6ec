"""The spans of azure-ai-inference and ours, of the same calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from azure.ai.inference.tracing import AIInferenceInstrumentor as OldInstrumentor
from azure.core.settings import settings
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from polychat.azure.tracing import AIInferenceInstrumentor
from polychat.emulator import Emulator

from .calls import Case, also, hi, tools
from .libraries import run

CASES = {
    "plain": Case("plain", also(model="m", temperature=0.5, top_p=0.5, max_tokens=5)),
    "stream": Case("stream", also(model="m", stream=True)),
    "tools": Case("tools", lambda m: {**hi(m), "model": "m", "tools": tools(m)}),
    "streamed tools": Case(
        "streamed tools", lambda m: {**hi(m), "model": "m", "stream": True, "tools": tools(m)}
    ),
    "refused": Case("refused", also(model="missing")),
    "no model": Case("no model", hi),
}
DIFFERENCES: dict[str, tuple[set[str], str]] = {
    "refused": ({"error.type"}, "the class that was raised"),
    "no model": ({"gen_ai.request.model"}, "there was none, so none is told"),
}
exporter = InMemorySpanExporter()


@pytest.fixture(scope="module", autouse=True)
def _provider() -> Iterator[None]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    settings.tracing_implementation = "opentelemetry"
    yield
    settings.tracing_implementation = None


def observed(library: str, case: Case, emulator: Emulator) -> Any:
    """The span of the call, from the library's own instrumentation."""
    exporter.clear()
    instrumentor: Any = (
        OldInstrumentor if library.startswith("old") else AIInferenceInstrumentor
    )()
    instrumentor.instrument(enable_content_recording=True)
    try:
        run(library, case, emulator)
    finally:
        instrumentor.uninstrument()
    return next(s for s in exporter.get_finished_spans() if "gen_ai.system" in s.attributes)


def events(span: Any) -> list[tuple[str, Any]]:
    return [
        (e.name, json.loads(e.attributes["gen_ai.event.content"]) if "." in e.name else None)
        for e in span.events
    ]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("colour", ["", " aio"])
@pytest.mark.parametrize("name", CASES)
def test_spans(name: str, colour: str, emulator: Emulator) -> None:
    theirs = observed("old" + colour, CASES[name], emulator)
    ours = observed("new" + colour, CASES[name], emulator)
    assert ours.name == theirs.name
    assert ours.kind is theirs.kind
    assert ours.status.status_code is theirs.status.status_code
    keys = {*ours.attributes, *theirs.attributes}
    different = {key for key in keys if ours.attributes.get(key) != theirs.attributes.get(key)}
    assert different == DIFFERENCES.get(name, (set(), ""))[0], (ours.attributes, theirs.attributes)
    assert events(ours) == events(theirs)
