"""What is measured: one module a group of cases, each with its limits and their subjects."""

from __future__ import annotations

from benchmarks.cases import (
    aleph_alpha,
    azure,
    calls,
    decode,
    files,
    imports,
    lists,
    start,
    streams,
)
from benchmarks.measure import Case

CASES: dict[str, Case] = {
    case.name: case
    for module in (streams, calls, lists, start, decode, imports, files, azure, aleph_alpha)
    for case in module.CASES
}
"""By name, in the order of the report."""
