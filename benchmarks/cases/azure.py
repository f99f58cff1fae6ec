"""polychat.azure beside azure-ai-inference, whose place it takes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import Any

from benchmarks.adapters import KEY, open_sync
from benchmarks.cases.calls import sync_calls
from benchmarks.cases.streams import sync_events
from benchmarks.measure import Case, Check, Context, Meter, Metrics, server_stats
from benchmarks.payloads import BLOCK, TOKEN

OURS, OLD = "polychat-azure", "azure-ai-inference"
VECTORS, DIMENSIONS = 256, 1_536
STREAMS = 15


def block_events(subject: str, context: Context) -> Metrics:
    """Streams whose events come `BLOCK` to an HTTP chunk."""
    events, streams = context.size(5_000, 2_000), context.size(4, 2)
    client = open_sync(subject, context.url)
    sum(len(text) for text in client.stream("bench-blocks-200"))
    received = 0
    with Meter() as meter:
        for _ in range(streams):
            for text in client.stream(f"bench-blocks-{events}"):
                received += len(text)
    client.close()
    if received != streams * (events - 1) * len(TOKEN):
        raise AssertionError(f"{received} characters came in {streams} streams of {events} events")
    return meter.per(streams * events)


def connections(subject: str, context: Context) -> Metrics:
    """Connections that `STREAMS` streams open."""
    before = server_stats(context.url)["connections"]
    client = open_sync(subject, context.url)
    for _ in range(STREAMS):
        for _ in client.stream("bench-stream-20"):
            pass
    opened = server_stats(context.url)["connections"] - before
    client.close()
    return {"opened": opened}


def embeddings(subject: str, context: Context) -> Metrics:
    """Parsing an answer of `VECTORS` vectors, and reading every number of one by its index.

    For azure-ai-inference, whose every read copies the vector, a hundredth of them are read.
    """
    content = _vectors()
    read = {"json": json.loads, OURS: _ours, OLD: _old}[subject]
    best: list[float] = []
    result: Any = None
    for _ in range(context.size(5, 2)):
        with Meter() as meter:
            result = read(content)
        best.append(meter.per(1)["cpu"])
    if subject == "json":
        return {"parse": min(best)}
    if len(result.data[VECTORS - 1].embedding) != DIMENSIONS:
        raise AssertionError("a vector is not whole")
    item = result.data[0]
    places = range(0, DIMENSIONS, 100 if subject == OLD else 1)
    with Meter() as meter:
        for place in places:
            item.embedding[place]
    return {"parse": min(best), "index": meter.per(len(places))["cpu"]}


def _vectors() -> bytes:
    numbers = random.Random(1)
    items = [
        {
            "object": "embedding",
            "index": index,
            "embedding": [numbers.uniform(-1, 1) for _ in range(DIMENSIONS)],
        }
        for index in range(VECTORS)
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    document = {"id": "1", "object": "list", "data": items, "model": "m", "usage": usage}
    return json.dumps(document).encode()


def _ours(content: bytes) -> Any:
    import httpx

    from polychat.azure import AzureKeyCredential, EmbeddingsClient

    answer = httpx.Response(200, content=content, headers={"content-type": "application/json"})
    transport = httpx.MockTransport(lambda _: answer)
    with EmbeddingsClient("http://x", AzureKeyCredential(KEY), transport=transport) as client:
        return client.embed(input=["x"] * VECTORS)  # an answer to fewer is refused


def _old(content: bytes) -> Any:
    from azure.ai.inference._model_base import _deserialize  # what its client calls
    from azure.ai.inference.models import EmbeddingsResult

    return _deserialize(EmbeddingsResult, json.loads(content))


_START = """
import time
from {module} import ChatCompletionsClient
from {module}.models import UserMessage
from {credentials} import AzureKeyCredential
client = ChatCompletionsClient(endpoint={url!r}, credential=AzureKeyCredential({key!r}))
answer = client.complete(messages=[UserMessage("hi")], model="bench-plain-0")
assert answer.choices[0].message.content
print(time.process_time())
"""


def start(subject: str, context: Context) -> Metrics:
    """CPU of a program that imports, makes a client and makes its first call, over that of one
    that does nothing."""
    old = subject == OLD
    code = _START.format(
        module="azure.ai.inference" if old else "polychat.azure",
        credentials="azure.core.credentials" if old else "polychat.azure",
        url=context.url,
        key=KEY,
    )
    runs = context.size(7, 3)
    empty = min(_run("import time; print(time.process_time())") for _ in range(runs))
    _run(code)  # so that what Python compiles is there
    return {"cpu": (min(_run(code) for _ in range(runs)) - empty) * 1e3}


def _run(code: str) -> float:
    command = [sys.executable, "-c", code]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


CASES = (
    Case(
        "azure-stream",
        "A streamed event of polychat.azure, against azure-ai-inference",
        sync_events,
        (Check(OURS, "cpu", "us/event", 1 / 5, OLD),),
    ),
    Case(
        "azure-blocks",
        f"The same with {BLOCK} events in each HTTP chunk",
        block_events,
        (Check(OURS, "cpu", "us/event", 1 / 12, OLD),),
    ),
    Case(
        "azure-call",
        "A plain call of polychat.azure, against azure-ai-inference",
        sync_calls,
        (Check(OURS, "cpu", "us/call", 1 / 2, OLD),),
    ),
    Case(
        "azure-embeddings",
        f"{VECTORS} embeddings of {DIMENSIONS} numbers; reading a number by its index",
        embeddings,
        (
            Check(OURS, "parse", "us", 1.2, "json"),
            Check(OURS, "index", "us/read", 1.0, relation="value"),
            Check(OLD, "parse", "us", None, "json"),
            Check(OLD, "index", "us/read", relation="value"),
        ),
        rounds=3,
    ),
    Case(
        "azure-start",
        "Importing, making a client and the first call, against azure-ai-inference",
        start,
        (Check(OURS, "cpu", "ms", 1.0, OLD),),
        rounds=5,
        long=True,
    ),
    Case(
        "azure-connections",
        f"Connections that {STREAMS} streams open",
        connections,
        (
            Check(OURS, "opened", "connections", 1.0, relation="value"),
            Check(OLD, "opened", "connections", relation="value"),
        ),
        rounds=1,
    ),
)
