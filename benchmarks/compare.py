"""Compares this checkout with another commit, case by case, in paired rounds.

``python benchmarks/compare.py COMMIT [--rounds 15] [--only NAME ...]``. The other commit is checked
out beside this one. In each round our side of a case runs once from each, in turn first; what is
printed is the ratio of this to the other with its 95 % interval. Exits with 1 where a case is more
than 5 % slower for sure.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path[0] = str(ROOT)

from benchmarks.cases import CASES  # noqa: E402
from benchmarks.measure import Case, Check, Metrics  # noqa: E402
from benchmarks.run import serving  # noqa: E402

ALLOWED = 1.05
_NO_TIME = ("memory", "index")
_T = {2: 4.30, 4: 2.78, 6: 2.45, 9: 2.26, 14: 2.14, 19: 2.09, 29: 2.05}
"""Student's t for 95 %, by degrees of freedom."""


def main() -> int:
    """Runs the cases that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("commit", help="what to compare with, such as HEAD~5")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", nargs="+", choices=list(CASES), metavar="NAME")
    given = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    client_core, server_core = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
    slower = False
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "other"
        _git("worktree", "add", "--detach", str(other), given.commit)
        try:
            with serving(server_core) as url:
                for name in given.only or CASES:
                    for check in _ours(CASES[name]):
                        pairs = _pairs(
                            (ROOT, other), CASES[name], check, url, client_core, given.rounds
                        )
                        slower |= _told(name, check, pairs)
        finally:
            _git("worktree", "remove", "--force", str(other))
    return int(slower)


def _ours(case: Case) -> list[Check]:
    """The lines of a case that time our own code."""
    seen: dict[tuple[str, str], Check] = {}
    for check in case.checks:
        timed = check.unit.partition("/")[0] in ("us", "ms", "MiB") and check.metric not in _NO_TIME
        if timed and "polychat" in check.subject:
            seen.setdefault((check.subject, check.metric), check)
    return list(seen.values())


def _pairs(
    roots: tuple[Path, Path], case: Case, check: Check, url: str, core: int | None, rounds: int
) -> list[float]:
    """In each round this checkout's figure by the other's; above 1 is slower."""
    ratios: list[float] = []
    for number in range(rounds):
        found: dict[Path, float] = {}
        for root in roots if number % 2 else roots[::-1]:
            metrics = _measured(root, case.name, check.subject, url, core)
            if metrics is None or check.metric not in metrics:
                return []
            found[root] = metrics[check.metric]
        new, old = (found[root] for root in roots)
        ratios.append(old / new if check.at_least else new / old)
    return ratios


def _measured(root: Path, case: str, subject: str, url: str, core: int | None) -> Metrics | None:
    command = [sys.executable, "-m", "benchmarks.client", case, subject, url, "--quick"]
    if core is not None:
        command += ["--cpu", str(core)]
    paths = [str(root), str(root / "wrapper"), str(root / "generated")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    ran = subprocess.run(
        command, capture_output=True, text=True, cwd=root, env=environment, check=False
    )
    if ran.returncode:
        return None
    metrics: Metrics = json.loads(ran.stdout.splitlines()[-1])
    return metrics


def interval(ratios: list[float]) -> tuple[float, float, float]:
    """The geometric mean of paired ratios, and the ends of its 95 % interval."""
    logs = [math.log(ratio) for ratio in ratios]
    mean = statistics.fmean(logs)
    degrees = len(logs) - 1
    t = _T[max(known for known in _T if known <= max(degrees, 2))]
    spread = t * statistics.stdev(logs) / math.sqrt(len(logs))
    return math.exp(mean), math.exp(mean - spread), math.exp(mean + spread)


def _told(name: str, check: Check, ratios: list[float]) -> bool:
    what = f"{name:20} {check.subject:28} {check.metric:8}"
    if not ratios:
        print(f"{what} not measured: one of the two has no such case", flush=True)
        return False
    middle, low, high = interval(ratios)
    verdict = "SLOWER" if low > ALLOWED else "ok" if high <= ALLOWED else "unsure"
    print(f"{what} {middle:6.3f}  ({low:.3f} to {high:.3f})  {verdict}", flush=True)
    return verdict == "SLOWER"


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True)


if __name__ == "__main__":
    raise SystemExit(main())
