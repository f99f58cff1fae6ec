"""One measurement in a process of its own: ``python -m benchmarks.client CASE SUBJECT URL``."""

from __future__ import annotations

import argparse
import json

from benchmarks.cases import CASES
from benchmarks.measure import Context, pin


def main() -> None:
    """Measures, and prints the metrics as JSON on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("subject")
    parser.add_argument("url")
    parser.add_argument("--cpu", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--profile", help="write cProfile's statistics to this file")
    given = parser.parse_args()
    pin(given.cpu)
    case, context = CASES[given.case], Context(given.url, given.quick)
    if given.profile:
        import cProfile

        with cProfile.Profile() as profile:
            metrics = case.measure(given.subject, context)
        profile.dump_stats(given.profile)
    else:
        metrics = case.measure(given.subject, context)
    print(json.dumps(metrics))


if __name__ == "__main__":
    main()
