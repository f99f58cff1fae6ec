"""From a chunk's bytes to the typed chunk, in one process and without a network."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import msgspec

from benchmarks.measure import Case, Check, Context, Meter, Metrics
from benchmarks.payloads import TOKEN, event_data


def decode(subject: str, context: Context) -> Metrics:
    """The best of several short runs: there is no network whose variation would matter."""
    data = event_data(1)
    read = _READERS[subject]()
    runs, repeats = context.size(20, 8), 5_000
    best: list[float] = []
    for _ in range(runs):
        gc.collect()
        with Meter() as meter:
            for _ in range(repeats):
                read(data)
        best.append(meter.per(repeats)["cpu"])
    return {"cpu": min(best)}


def _to_dict() -> Callable[[bytes], Any]:
    return msgspec.json.decode


def _to_chunk() -> Callable[[bytes], Any]:
    from polychat_rest.dial.models import ChatCompletionChunk

    def read(data: bytes) -> ChatCompletionChunk:
        return ChatCompletionChunk.from_owned(msgspec.json.decode(data))

    chunk = read(event_data(1))
    if chunk.choices[0].delta.content != TOKEN or "obfuscation" not in chunk.additional_properties:
        raise AssertionError(f"the chunk is not typed, or lost a field: {chunk!r}")
    return read


def _to_openai() -> Callable[[bytes], Any]:
    import json

    from openai._models import construct_type  # what its client calls for each event
    from openai.types.chat import ChatCompletionChunk

    def read(data: bytes) -> Any:
        return construct_type(type_=ChatCompletionChunk, value=json.loads(data))

    return read


_READERS = {"msgspec": _to_dict, "polychat_rest": _to_chunk, "openai": _to_openai}

CASES = (
    Case(
        "decode",
        "Bytes to a typed chunk, against msgspec.json.decode to a dict",
        decode,
        (
            Check("polychat_rest", "cpu", "us", 4.0, "msgspec"),
            Check("openai", "cpu", "us", None, "msgspec"),
        ),
    ),
)
