"""Spans of chat and embeddings calls; see `polychat.azure.tracing`."""

from __future__ import annotations

import functools
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from opentelemetry import context, propagate, trace
from opentelemetry.trace import Span, SpanKind, StatusCode

from polychat._core.version import __version__
from polychat_rest.body import JsonBody
from polychat_rest.shapes import is_array, is_object

from ._calls import Call, Target
from .models._base import Model, as_plain

log = logging.getLogger("polychat.azure")
SYSTEM = "az.ai.inference"
_NAMES = {
    "getChatCompletions": "chat",
    "getEmbeddings": "embeddings",
    "getImageEmbeddings": "embeddings",
    "getImageGenerations": "image_generation",
}
_REQUEST = ("max_tokens", "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed")
_GAP = 1000
"""Nanoseconds between two events of a span: what shows them may sort them by microseconds."""

F = TypeVar("F", bound=Callable[..., Any])


def harmless(function: F) -> F:
    """A function whose exceptions end in the log."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception:  # a trace is never worth a call
            log.debug("tracing failed", exc_info=True)
            return None

    return cast("F", wrapped)


class Tracer:
    """Begins a span for every call."""

    def __init__(self, *, contents: bool) -> None:
        self.contents = contents
        self._tracer = trace.get_tracer("polychat.azure", __version__)

    def begin(self, target: Target, call: Call) -> Observed:
        """The observation of a call, whose span is the current one until it is left."""
        observed = Observed(contents=self.contents)
        observed.begin(self._tracer, target, call)
        return observed


class Observed:
    """One call and its span."""

    def __init__(self, *, contents: bool) -> None:
        self._contents = contents
        self._span: Span | None = None
        self._token: Any = None
        self._chat = False
        self._time = 0
        self._choices: dict[int, dict[str, Any]] = {}
        self._last: Any = None
        self._failed = False

    @harmless
    def begin(self, tracer: trace.Tracer, target: Target, call: Call) -> None:
        """Begins the span, and names it to the service in ``traceparent``."""
        name = _NAMES.get(call.request.operation.id)
        if name is None:
            return
        self._chat = name == "chat"
        body = call.request.body
        document: Mapping[str, Any] = body.value if isinstance(body, JsonBody) else {}
        model = document.get("model")
        self._span = tracer.start_span(
            f"{name} {model}" if model else name,
            kind=SpanKind.CLIENT,
            attributes=_given(_request_attributes(name, target, document)),
        )
        self._token = context.attach(trace.set_span_in_context(self._span))
        carrier: dict[str, str] = {}
        propagate.inject(carrier)
        call.request.headers = {**(call.request.headers or {}), **carrier}
        if self._chat and self._contents:
            for message in document.get("messages") or ():
                said = as_plain(dict(message))
                if said.get("role"):
                    self._event(f"gen_ai.{said['role']}.message", said)

    @harmless
    def left(self) -> None:
        token, self._token = self._token, None
        if token is not None:
            context.detach(token)

    @harmless
    def saw(self, result: Any) -> None:
        self._last = result
        choices: Any = result.get("choices") if self._chat else None
        for position, choice in enumerate(choices if is_array(choices) else ()):
            if not is_object(choice):
                continue
            index = choice.get("index")
            whole = self._choices.setdefault(position if index is None else index, {})
            if choice.get("finish_reason"):
                whole["finish_reason"] = str(choice["finish_reason"])
            message = choice.get("message")
            _add(whole, choice.get("delta") or message or {})
            if is_object(message):  # a whole answer tells of its content also where it has none
                whole["message"].setdefault("content", message.get("content"))

    @harmless
    def failed(self, error: BaseException) -> None:
        self._failed = True
        if self._span is None or isinstance(error, GeneratorExit):
            return
        kind = type(error)
        module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
        self._span.record_exception(error)
        self._span.set_status(StatusCode.ERROR, str(error))
        self._span.set_attribute("error.type", f"{module}{kind.__name__}")

    def ended(self) -> None:
        span, self._span = self._span, None
        if span is None:
            return
        try:
            self._finish(span)
        finally:
            harmless(span.end)()

    @harmless
    def _finish(self, span: Span) -> None:
        result = self._last
        self._span = span
        if result is not None:
            span.set_attributes(_given(_response_attributes(result, self._choices)))
        for index, choice in sorted(self._choices.items()):
            self._event("gen_ai.choice", self._shown(index, choice))
        self._span = None

    def _shown(self, index: int, choice: dict[str, Any]) -> dict[str, Any]:
        """A choice as its event tells it: without contents unless they are recorded."""
        reason = choice.get("finish_reason") or ("error" if self._failed else "none")
        message = choice.get("message", {})
        if not self._contents:
            calls = message.get("tool_calls")
            message = {}
            if calls:
                message["tool_calls"] = [
                    {key: value for key, value in call.items() if key != "function"}
                    for call in calls
                ]
        shown: dict[str, Any] = {"finish_reason": reason, "index": index}
        return {"message": message, **shown} if message else shown

    def _event(self, name: str, content: Any) -> None:
        assert self._span is not None
        self._time = max(time.time_ns(), self._time + _GAP)
        attributes = {"gen_ai.system": SYSTEM, "gen_ai.event.content": json.dumps(content)}
        self._span.add_event(name, attributes, self._time)


def _given(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}


def _request_attributes(name: str, target: Target, document: Mapping[str, Any]) -> dict[str, Any]:
    url = urlsplit(target.endpoint.base_url)
    asked = {f"gen_ai.request.{key}": document.get(key) for key in _REQUEST}
    return {
        "gen_ai.operation.name": name,
        "gen_ai.system": SYSTEM,
        "gen_ai.request.model": document.get("model"),
        **{key: value for key, value in asked.items() if isinstance(value, (int, float))},
        "server.address": url.hostname,
        "server.port": None if url.port == 443 else url.port,
    }


def _response_attributes(result: Any, choices: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    usage: Any = result.get("usage")
    usage = usage if is_object(usage) else {}
    reasons = [choice.get("finish_reason") or "none" for _, choice in sorted(choices.items())]
    return {
        "gen_ai.response.id": result.get("id"),
        "gen_ai.response.model": result.get("model"),
        "gen_ai.response.finish_reasons": reasons or None,
        "gen_ai.usage.input_tokens": usage.get("prompt_tokens"),
        "gen_ai.usage.output_tokens": usage.get("completion_tokens"),
    }


def _add(whole: dict[str, Any], message: Any) -> None:
    """Adds a message, or what an update brings of one, to a choice."""
    if not is_object(message):
        return
    said: dict[str, Any] = whole.setdefault("message", {})
    if isinstance(message.get("content"), str) and message["content"]:
        said["content"] = said.get("content", "") + message["content"]
    calls: Any = message.get("tool_calls")
    for call in calls if is_array(calls) else ():
        piece = call.as_dict() if isinstance(call, Model) else dict(call)
        known: list[dict[str, Any]] = said.setdefault("tool_calls", [])
        place = _place(known, piece)
        function: Mapping[str, Any] = piece.pop("function", None) or {}
        mine: dict[str, Any] = place.setdefault("function", {})
        if function.get("name"):
            mine["name"] = function["name"]
        mine["arguments"] = mine.get("arguments", "") + (function.get("arguments") or "")
        place.update({key: value for key, value in piece.items() if value is not None})
        place.setdefault("type", "function")


def _place(known: list[dict[str, Any]], piece: dict[str, Any]) -> dict[str, Any]:
    """The call that a piece belongs to: by its index, else by its id, else the last."""
    index = piece.pop("index", None)
    if isinstance(index, int):
        while len(known) <= index < 1000:
            known.append({})
        return known[index]
    if piece.get("id") or not known:
        same = next((call for call in known if call.get("id") == piece.get("id")), None)
        if same is not None:
            return same
        known.append({})
    return known[-1]
