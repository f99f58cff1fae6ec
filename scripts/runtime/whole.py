"""A stream that the service answers with one whole document, as the events it would have sent.

Small local servers do so, and gateways that do not stream. The shapes: chat completions as OpenAI
and all that speak its API send them, completions of PhariaInference, Messages and Responses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import codec
from .errors import UnreadableAnswer
from .protocol import Operation
from .shapes import is_array, is_document, is_object

Event = Mapping[str, Any]


def document_events(
    operation: Operation[Any], status: int, headers: Mapping[str, str], content: bytes
) -> bytes:
    """The event stream that a body stands for, which may be one itself under a wrong type.

    Raises as `Operation.read` for a document that is no answer, and `UnreadableAnswer` for one
    that cannot be taken apart.
    """
    if content.lstrip()[:1] not in (b"{", b"["):
        if b"data:" in content[:MARKS]:
            return content
        raise UnreadableAnswer(status, content, headers)
    operation.read(status, headers, content)
    events = _events(codec.read(content))
    if events is None:
        raise UnreadableAnswer(status, content, headers)
    texts = [b"data: " + codec.encode(event) for event in events]
    if operation.done is not None:
        texts.append(b"data: " + operation.done.encode())
    return b"\n\n".join([*texts, b""])


_LAST = frozenset({
    "completion_summary", "message_stop", "response.cancelled", "response.completed",
    "response.failed", "response.incomplete",
})  # fmt: skip
"""Events that end the streams that have no other mark of their end: completions of
PhariaInference, Messages and Responses."""


def is_last(event: Any) -> bool:
    """Whether an event is the last of a stream that no marker ends."""
    return is_object(event) and event.get("type") in _LAST


MARKS = 4096
"""Bytes within which an event stream has its first line of data."""


def _events(document: Any) -> list[Event] | None:
    if not is_object(document):
        return None
    if is_array(document.get("choices")):
        return list(_chat(document))
    if is_array(document.get("completions")):
        return list(_completion(document))
    if document.get("type") == "message" and is_array(document.get("content")):
        return list(_message(document))
    if is_array(document.get("output")):
        return list(_response(document))
    return None


def _objects(items: list[Any]) -> Iterator[tuple[int, Event]]:
    """The objects of a list under the index that they name, else under their place."""
    for place, item in enumerate(items):
        if is_object(item):
            index = item.get("index")
            yield (index if isinstance(index, int) else place), item


def _chat(document: Event) -> Iterator[Event]:
    """A chunk with what each choice says, one with how it ended, one with what it took."""
    common = {**document, "object": "chat.completion.chunk"}
    common.pop("usage", None)
    said: list[Event] = []
    ended: list[Event] = []
    for index, choice in _objects(document["choices"]):
        delta = dict(choice.get("message") or {})
        calls = delta.get("tool_calls")
        if is_array(calls):
            delta["tool_calls"] = [{**call, "index": at} for at, call in _objects(calls)]
        rest = {k: v for k, v in choice.items() if k not in ("message", "finish_reason", "index")}
        said.append({**rest, "index": index, "delta": delta, "finish_reason": None})
        reason = choice.get("finish_reason")
        ended.append({"index": index, "delta": {}, "finish_reason": reason})
    yield {**common, "choices": said}
    yield {**common, "choices": ended}
    if document.get("usage") is not None:
        yield {**common, "choices": [], "usage": document["usage"]}


def _completion(document: Event) -> Iterator[Event]:
    version = document.get("model_version")
    for index, completion in _objects(document["completions"]):
        reason = completion.get("finish_reason")
        rest = {key: value for key, value in completion.items() if key != "finish_reason"}
        yield {**rest, "type": "stream_chunk", "index": index}
        yield {
            "type": "stream_summary",
            "index": index,
            "model_version": version,
            "finish_reason": reason,
        }
    rest = {k: v for k, v in document.items() if k not in ("completions", "model_version")}
    yield {**rest, "type": "completion_summary"}


def _message(document: Event) -> Iterator[Event]:
    ended = ("stop_reason", "stop_sequence")
    begun: Event = {**document, "content": [], **dict.fromkeys(ended)}
    yield {"type": "message_start", "message": begun}
    for index, block in enumerate(document["content"]):
        begun, delta = _block(block)
        yield {"type": "content_block_start", "index": index, "content_block": begun}
        if delta is not None:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    delta = {name: document.get(name) for name in ended}
    yield {"type": "message_delta", "delta": delta, "usage": document.get("usage")}
    yield {"type": "message_stop"}


def _block(block: Any) -> tuple[Any, Event | None]:
    """A block as it begins, and what is then added to it; some come whole at their beginning."""
    kind = block.get("type") if is_object(block) else None
    if kind in ("text", "thinking"):
        return {**block, kind: ""}, {"type": f"{kind}_delta", kind: block.get(kind)}
    if kind == "tool_use":
        arguments = codec.encode(block.get("input")).decode()
        return {**block, "input": {}}, {"type": "input_json_delta", "partial_json": arguments}
    return block, None


def _response(document: Event) -> Iterator[Event]:
    number = 0

    def event(kind: str, **fields: Any) -> Event:
        nonlocal number
        number += 1
        return {"type": f"response.{kind}", "sequence_number": number - 1, **fields}

    yield event("created", response={**document, "status": "in_progress", "output": []})
    for at, item in enumerate(document["output"]):
        yield event("output_item.added", output_index=at, item=item)
        parts = item.get("content") if is_object(item) else None
        for place, part in enumerate(parts if is_array(parts) else ()):
            if is_object(part) and part.get("type") == "output_text":
                where = {
                    "item_id": item.get("id"), "output_index": at, "content_index": place,
                }  # fmt: skip
                yield event("output_text.delta", **where, delta=part.get("text"))
                yield event("output_text.done", **where, text=part.get("text"))
        yield event("output_item.done", output_index=at, item=item)
    status = document.get("status")
    ended = status if status in ("incomplete", "failed", "cancelled") else "completed"
    yield event(ended, response=document)


MOST_CHOICES = 10_000
"""As many are told apart: what numbers more of them is no service."""


_GOING_ON = (b'"index":', b'"index":0', b'"finish_reason"', b'"finish_reason":null')
"""What the JSON of an event has once that goes on with the choice 0 and has no other."""


class Choices:
    """The choices of a chat's stream, and whether each that was begun has its finish reason: some
    services send no end marker after it."""

    __slots__ = ("_finished",)

    def __init__(self) -> None:
        self._finished: dict[int | str, bool] = {}

    def saw(self, event: Any) -> None:
        """Notes which choices an event begins, and which it finishes."""
        choices = event.get("choices") if is_document(event) else None
        finished = self._finished
        for choice in choices if is_array(choices) else ():
            if not is_document(choice):
                continue
            index = choice.get("index")
            if type(index) is not int:
                index = str(index)
            if index not in finished:
                if len(finished) < MOST_CHOICES:
                    finished[index] = bool(choice.get("finish_reason"))
            elif choice.get("finish_reason"):
                finished[index] = True

    def go_on(self, events: Sequence[bytes]) -> bool:
        """Whether the bytes of events show that each only goes on with the choice 0, as nearly all
        do, so that there is nothing to note. These bytes cannot stand within a text, where quotes
        are escaped; what is written in another way is to be decoded."""
        if 0 not in self._finished:
            return False
        joined = b"".join(events)
        return all(joined.count(mark) == len(events) for mark in _GOING_ON)

    @property
    def begun(self) -> bool:
        """Whether there is any."""
        return bool(self._finished)

    @property
    def finished(self) -> bool:
        """Whether there is any, and all have their finish reason."""
        return self.begun and all(self._finished.values())
