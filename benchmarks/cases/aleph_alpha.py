"""polychat.aleph_alpha beside aleph-alpha-client, whose place it takes."""

from __future__ import annotations

import statistics
import sys

from benchmarks.cases.calls import sync_calls
from benchmarks.cases.imports import child_cpu
from benchmarks.cases.streams import async_events
from benchmarks.measure import Case, Check, Context, Metrics

OURS, OURS_AIOHTTP, OLD = (
    "polychat-aleph-alpha",
    "polychat-aleph-alpha-aiohttp",
    "aleph-alpha-client",
)
_PACKAGES = {OURS: "polychat.aleph_alpha", OLD: "aleph_alpha_client"}


def imports(subject: str, context: Context) -> Metrics:
    """CPU of an import, over that of an interpreter that does nothing: of the package, and of the
    names that a program which chats takes from it, which are loaded when they are asked for."""
    package = _PACKAGES[subject]
    programs = {
        "nothing": "pass",
        "package": f"import {package}",
        "names": f"from {package} import AsyncClient, Client; "
        f"from {package}.chat import ChatRequest, Message, Role",
    }
    spent: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(context.size(9, 5)):
        for name, program in programs.items():
            spent[name].append(child_cpu([sys.executable, "-c", program]))
    taken = {name: statistics.median(values) * 1e3 for name, values in spent.items()}
    return {name: taken[name] - taken["nothing"] for name in ("package", "names")}


CASES = (
    Case(
        "aleph-alpha-import",
        "Importing polychat.aleph_alpha, against aleph-alpha-client",
        imports,
        (
            Check(OURS, "package", "ms", 1 / 8, OLD),
            Check(OURS, "names", "ms", 1 / 8, OLD),
        ),
    ),
    Case(
        "aleph-alpha-call",
        "A plain sync call of polychat.aleph_alpha, against aleph-alpha-client",
        sync_calls,
        (Check(OURS, "cpu", "us/call", 0.75, OLD),),
    ),
    Case(
        "aleph-alpha-stream",
        "A streamed event of polychat.aleph_alpha over aiohttp, against aleph-alpha-client",
        async_events,
        (Check(OURS_AIOHTTP, "cpu", "us/event", 0.7, OLD),),
    ),
)
