"""Compiles ``specs/`` into ``generated/polychat_rest``, and checks that the two agree.

python scripts/generate.py [--platform P ...]     write
python scripts/generate.py --check                derive anew and compare; exit 1 on findings
python scripts/generate.py --overlays             is anything worse without each entry?
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from polygen import overlay, tree, worse
from polygen.pipeline import generate
from polygen.specs import ROOT, load_platform, platforms


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Runs the command line; `root` is the repository. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--platform", action="append", metavar="P", help="only this; repeatable")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--overlays", action="store_true", help="check each overlay entry")
    options = parser.parse_args(arguments)
    known = platforms(root)
    chosen: list[str] = options.platform or known
    if unknown := set(chosen) - set(known):
        parser.error(f"no specs for {', '.join(sorted(unknown))}: there are {', '.join(known)}")
    try:
        findings = _overlays(root, chosen) if options.overlays else []
        if options.check or not options.overlays:
            findings += _generate(root, chosen, check=options.check)
    except tree.ToolError as error:
        findings = [str(error)]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def _overlays(root: Path, chosen: list[str]) -> list[str]:
    findings: list[str] = []
    for name in chosen:
        platform = load_platform(root / "specs" / name)
        try:
            overlay.apply(platform.published, platform.overlay)
        except overlay.OverlayError as error:
            findings.append(f"specs/{name}: {error}")
        else:
            findings += worse.check(platform)
    return findings


def _generate(root: Path, chosen: list[str], *, check: bool) -> list[str]:
    # All platforms: then folders that no spec stands for are stray, too.
    only = () if chosen == platforms(root) else chosen
    output = root / "generated" / "polychat_rest"
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "polychat_rest"
        findings = generate([load_platform(root / "specs" / name) for name in chosen], fresh)
        if check:
            findings += tree.compare(fresh, output, only)
        elif not findings:
            tree.replace(fresh, output, only)
    return findings


if __name__ == "__main__":
    sys.exit(main())
