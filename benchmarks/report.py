"""From the metrics of all rounds to lines, a table and a JSON document."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any

from benchmarks.measure import Case, Check, Metrics

PACKAGES = (
    "polychat", "httpx", "httpx2", "httpcore", "h11", "httpx-aiohttp", "aiohttp", "sniffio",
    "msgspec", "attrs", "openai", "aidial-client", "azure-ai-inference", "aleph-alpha-client",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One check, answered. `ratio` is the median of the rounds' ratios (or differences)."""

    case: str
    subject: str
    metric: str
    unit: str
    ours: float
    baseline_name: str
    baseline: float | None
    relation: str
    ratio: float | None
    low: float | None
    high: float | None
    limit: float | None
    verdict: str


def answer(case: Case, check: Check, rounds: Sequence[Mapping[str, Metrics]]) -> Line | None:
    """The line for `check`, or None where a subject of it was not measured."""
    needed = [check.subject] + ([check.against] if check.against else [])
    complete = [found for found in rounds if all(name in found for name in needed)]
    if not complete:
        return None
    ours = [found[check.subject][check.metric] for found in complete]
    base = [found[check.against][check.metric] for found in complete] if check.against else []
    if check.relation == "difference":
        compared = [a - b for a, b in zip(ours, base, strict=True)]
    else:
        compared = [a / b for a, b in zip(ours, base, strict=True)] if base else []
    judged = median(compared) if compared else median(ours)
    verdict = ""
    if check.limit is not None:
        kept = judged >= check.limit if check.at_least else judged <= check.limit
        verdict = "ok" if kept else "MISSED"
    return Line(
        case=case.name,
        subject=check.subject,
        metric=check.metric,
        unit=check.unit,
        ours=median(ours),
        baseline_name=check.against or "",
        baseline=median(base) if base else None,
        relation=check.relation,
        ratio=median(compared) if compared else None,
        low=min(compared) if compared else None,
        high=max(compared) if compared else None,
        limit=check.limit,
        verdict=verdict,
    )


def table(case: Case, lines: Sequence[Line]) -> str:
    """The lines of a case under its title, for people."""
    at_least = {(c.subject, c.metric, c.against or "") for c in case.checks if c.at_least}
    text = [f"\n{case.title}  [{case.name}]"]
    text.append(
        f"  {'':22}{'metric':12}{'measured':>12} {'':17}{'baseline':>12}{'ratio':>9}{'limit':>9}"
    )
    for line in lines:
        sign = ">=" if (line.subject, line.metric, line.baseline_name) in at_least else "<="
        limit = "" if line.limit is None else f"{sign} {line.limit:g}"
        base = "" if line.baseline is None else f"{line.baseline:.2f}"
        ratio = "" if line.ratio is None else f"{line.ratio:.3g}"
        if line.relation == "difference" and line.ratio is not None:
            ratio = f"{line.ratio:+.3g}"
        name = f"{line.baseline_name}" if base else ""
        text.append(
            f"  {line.subject:22}{line.metric:12}{line.ours:12.2f} {line.unit:16}"
            f" {base:>12}{ratio:>9}{limit:>9} {line.verdict:7}{name and 'of ' + name}".rstrip()
        )
    return "\n".join(text)


def document(lines: Sequence[Line], failures: Sequence[str], quick: bool) -> dict[str, Any]:
    """Everything, with the date and the versions that it holds for."""
    versions: dict[str, str] = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
        "versions": versions,
        "lines": [asdict(line) for line in lines],
        "failures": list(failures),
    }
