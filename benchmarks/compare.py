"""Compares what polychat costs in this checkout with what it cost in an earlier commit.

``python benchmarks/compare.py BASE [--rounds N] [--only CASE ...] [--python INTERPRETER]``.
README.md says how to read the table. Exits with 1 where a metric is slower or a measurement failed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement
from math import exp, log
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # started as a script: `benchmarks` is a package beside wrapper/
    sys.path[0] = str(ROOT)

from benchmarks import processes  # noqa: E402
from benchmarks.cases import CASES  # noqa: E402
from benchmarks.measure import Case, Metrics  # noqa: E402

TOLERATED = 1.05
FEWEST = 6
"""Pairs below which no interval holds the ratio with a probability of 95 %."""
TIMES = (
    "added",
    "cpu",
    "few",
    "first",
    "index",
    "made",
    "many",
    "names",
    "package",
    "parse",
    "used",
)
"""The metrics that are times. The others are counts, memory, or wall time and what follows it."""


@dataclass(frozen=True)
class Ratio:
    """New over old, and the interval that holds it with a probability of at least 95 %."""

    middle: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """``slower`` where all of the interval is beyond `TOLERATED`, ``unsure`` where a part is,
        and ``faster`` where all of it is below 1."""
        if self.low > TOLERATED:
            return "slower"
        if self.high > TOLERATED:
            return "unsure"
        return "faster" if self.high < 1 else ""


def ratio(pairs: Sequence[tuple[float, float]]) -> Ratio | None:
    """What (old, new) pairs tell of new / old; None where there are fewer than `FEWEST`.

    This is the Hodges-Lehmann estimate over the logarithms, with the interval of Wilcoxon's
    signed-rank test. It supposes no distribution, and a round that was disturbed by other work on
    the machine moves it little. Pairs with a time that is not positive are left out: some times
    are differences.
    """
    logs = [log(new / old) for old, new in pairs if old > 0 and new > 0]
    if len(logs) < FEWEST:
        return None
    averages = sorted((a + b) / 2 for a, b in combinations_with_replacement(logs, 2))
    cut = outside(len(logs))
    return Ratio(exp(median(averages)), exp(averages[cut]), exp(averages[-1 - cut]))


def outside(pairs: int, level: float = 0.95) -> int:
    """How many of the sorted averages lie beyond either end of the interval.

    The signed-rank sum of pairs that do not differ is that of a random subset of 1 to ``pairs``.
    """
    ways = [1]  # by the sum: how many subsets have it
    for rank in range(1, pairs + 1):
        shorter, longer = ways + [0] * rank, [0] * rank + ways
        ways = [a + b for a, b in zip(shorter, longer, strict=True)]
    below = count = 0
    while 2 * (below + ways[count]) <= (1 - level) * 2**pairs:
        below += ways[count]
        count += 1
    return max(count - 1, 0)


def in_turn(
    rounds: int, old: Callable[[], Metrics], new: Callable[[], Metrics]
) -> list[tuple[Metrics, Metrics]]:
    """(old, new) of each round. Which comes first alternates, so that a machine that slows down
    or speeds up favours neither."""
    pairs: list[tuple[Metrics, Metrics]] = []
    for number in range(rounds):
        if number % 2:
            later = new()
            pairs.append((old(), later))
        else:
            earlier = old()
            pairs.append((earlier, new()))
    return pairs


def row(case: str, subject: str, metric: str, pairs: Sequence[tuple[float, float]]) -> str:
    """A line of the table, which ends with the verdict."""
    old, new = (median(times) for times in zip(*pairs, strict=True))
    found = ratio(pairs)
    figures = " too few pairs  unsure"
    if found:
        figures = f"{found.middle:6.3f}  {found.low:.3f} to {found.high:.3f}  {found.verdict}"
    return f"{case:18} {subject:30} {metric:8} {old:10.4g} {new:10.4g} {figures}".rstrip()


@contextmanager
def checkout(commit: str) -> Generator[Path, None, None]:
    """A temporary worktree of the commit, which is removed with the ``with``."""
    git = ["git", "-C", str(ROOT), "worktree"]
    with tempfile.TemporaryDirectory(prefix="polychat-base-") as folder:
        tree = Path(folder, "base")
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def compare(
    case: Case, subject: str, rounds: int, measure: Callable[[Case, str, Path], Metrics], base: Path
) -> list[str]:
    """The lines of a case and a subject: one for each time. Raises `processes.Failed`.

    The first run in each tree is not counted: it compiles, and shows whether the tree can.
    """
    old, new = partial(measure, case, subject, base), partial(measure, case, subject, ROOT)
    times = [metric for metric in new() if metric in TIMES]
    if not times:
        return []
    try:
        old()
    except processes.Failed as error:
        return [f"{case.name:18} {subject:30} not in BASE: {error}"]
    pairs = in_turn(rounds, old, new)
    return [
        row(case.name, subject, each, [(before[each], after[each]) for before, after in pairs])
        for each in times
    ]


def main() -> int:
    """Compares the cases that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("base", metavar="BASE", help="the commit to compare with")
    parser.add_argument("--rounds", type=int, default=15, help="pairs of runs (15)")
    parser.add_argument("--only", nargs="+", metavar="CASE", help=f"of {', '.join(CASES)}")
    parser.add_argument("--python", default=sys.executable, help="the interpreter of both sides")
    given = parser.parse_args()
    unknown = set(given.only or ()) - CASES.keys()
    if unknown:
        parser.error(f"no case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    if given.rounds < FEWEST:
        parser.error(f"--rounds: at least {FEWEST}, fewer tell nothing")

    client_core, server_core = processes.cores()
    slower = failed = 0
    with checkout(given.base) as base, processes.server(server_core) as url:

        def measure(case: Case, subject: str, tree: Path) -> Metrics:
            return processes.measure(
                case.name, subject, url, client_core, case.long, tree, given.python
            )

        print(f"{'case':18} {'subject':30} {'metric':8} {'old':>10} {'new':>10}  ratio  95 %")
        for case in (CASES[name] for name in given.only or CASES):
            for subject in (each for each in case.subjects() if "polychat" in each):
                try:
                    lines = compare(case, subject, given.rounds, measure, base)
                except processes.Failed as error:
                    lines = [f"{case.name:18} {subject:30} FAILED: {error}"]
                    failed += 1
                for line in lines:
                    print(line, flush=True)
                    slower += line.endswith(" slower")
    print(f"{slower} slower than {given.base} by more than {TOLERATED - 1:.0%}, {failed} failed")
    return 1 if slower or failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
