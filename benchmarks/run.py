"""Measures polychat against bare httpx and today's clients, and prints the ratios.

``python benchmarks/run.py [--quick] [--only NAME ...] [--json FILE]``. README.md says how to
read the table. Exits with 1 where a measurement failed; a missed limit is reported, not raised:
timings are no tests.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # started as a script: `benchmarks` is a package beside wrapper/
    sys.path[0] = str(ROOT)

from benchmarks import adapters, processes, report  # noqa: E402
from benchmarks.cases import CASES, imports  # noqa: E402
from benchmarks.measure import Case, Metrics  # noqa: E402

FEW_ROUNDS = 3


def main() -> int:
    """Runs the cases that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="less of everything")
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"of {', '.join(CASES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results here too")
    parser.add_argument("--ours", action="store_true", help="leave other people's clients out")
    given = parser.parse_args()
    unknown = set(given.only or ()) - CASES.keys()
    if unknown:
        parser.error(f"no case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")

    client_core, server_core = processes.cores()
    lines: list[report.Line] = []
    failures: list[str] = []
    with processes.server(server_core) as url:
        for name in given.only or CASES:
            runner = _Runner(url, client_core, given.quick, given.ours)
            case = CASES[name]
            rounds = runner.rounds(case)
            found = [line for c in case.checks if (line := report.answer(case, c, rounds))]
            print(report.table(case, found), flush=True)
            for failure in runner.failures:
                print(f"  FAILED {failure}", flush=True)
            lines += found
            failures += runner.failures
    if given.json:
        written = report.document(lines, failures, given.quick)
        given.json.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    missed = [line for line in lines if line.verdict == "MISSED"]
    kept = [line for line in lines if line.verdict == "ok"]
    print(f"\n{len(kept)} limits kept, {len(missed)} missed, {len(failures)} measurements failed")
    for line in missed:
        judged = line.ours if line.ratio is None else line.ratio
        what = f"{line.case}: {line.subject} {line.metric}"
        print(f"  MISSED {what} {judged:.3g}, limit {line.limit:g}")
    return 1 if failures else 0


class _Runner:
    """Runs the rounds of one case. A subject that failed once is left out of later rounds."""

    def __init__(self, url: str, core: int | None, quick: bool, ours: bool) -> None:
        self.failures: list[str] = []
        self._url = url
        self._core = core
        self._quick = quick
        self._ours = ours
        self._failed: set[str] = set()

    def rounds(self, case: Case) -> list[dict[str, Metrics]]:
        """In each round every subject once, the baselines first. Subjects that are there for
        comparison only are left out of the rounds after `FEW_ROUNDS`."""
        subjects = [subject for subject in case.subjects() if self._wanted(case, subject)]
        limited = case.limited()
        rounds: list[dict[str, Metrics]] = []
        for number in range(min(case.rounds, FEW_ROUNDS) if self._quick else case.rounds):
            found: dict[str, Metrics] = {}
            for subject in subjects:
                if subject in self._failed or (number >= FEW_ROUNDS and subject not in limited):
                    continue
                metrics = self._measure(case, subject)
                if metrics is not None:
                    found[subject] = metrics
            rounds.append(found)
        return rounds

    def _wanted(self, case: Case, subject: str) -> bool:
        """Other people's clients where they are installed; what a limit needs in any case, so
        that its absence is a failure."""
        if subject in case.limited():
            return True
        if self._ours:
            return False
        if case.measure is imports.run:
            return adapters.installed(imports.package_of(subject))
        return adapters.installed(subject)

    def _measure(self, case: Case, subject: str) -> Metrics | None:
        try:
            return processes.measure(case.name, subject, self._url, self._core, self._quick)
        except processes.Failed as error:
            self._failed.add(subject)
            self.failures.append(f"{case.name} {subject}: {error}")
            return None


if __name__ == "__main__":
    raise SystemExit(main())
