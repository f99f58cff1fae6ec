"""A generated tree: formatted, and compared with or put in the place of what is there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

RUFF = "0.17.5"
"""The formatter's version; another one may lay out lines otherwise."""

RUNTIME = Path(__file__).resolve().parents[1] / "runtime"
RUNTIME_NOTE = "# Copied by scripts/generate.py from scripts/runtime/{}; edit it there.\n"


class ToolError(RuntimeError):
    """A tool that generation needs is missing or is of another version."""


def tidy(folder: Path) -> list[str]:
    """Drops unused imports, sorts and formats; gives what ruff cannot read, one line each."""
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        raise ToolError(f"no ruff beside {sys.executable}: install ruff=={RUFF}")
    version = _run(ruff, "--version").stdout.split()[-1]
    if version != RUFF:
        raise ToolError(f"ruff is {version}: install ruff=={RUFF}")
    common = ["--isolated", "--no-cache", "--quiet", "--line-length=100", "--target-version=py311"]
    rules = ["--select=F401,I,PIE790,TC005", "--fix-only"]
    checked = _run(ruff, "check", *common, *rules, str(folder))
    formatted = _run(ruff, "format", *common, str(folder))
    if checked.returncode or formatted.returncode:
        lines = (checked.stderr + formatted.stderr).replace(str(folder), "").splitlines()
        return [f"generated code is no Python: {line}" for line in lines if line.strip()]
    return []


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


def copy_runtime(folder: Path, source: Path = RUNTIME) -> None:
    """Puts the hand-written runtime modules into `folder`, each with a note of where it is from."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.py")):
        text = RUNTIME_NOTE.format(path.name) + path.read_text(encoding="utf-8")
        (folder / path.name).write_text(text, encoding="utf-8")
    (folder / "py.typed").write_text("", encoding="utf-8")


def read(folder: Path) -> dict[str, bytes]:
    """The files below `folder` by relative path; what Python and tools cache is left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not re.search(r"__pycache__|\.pyc$|/\.", path.as_posix()[1:])
    }


def _chosen(files: dict[str, bytes], platforms: Sequence[str]) -> dict[str, bytes]:
    """The shared files and those of the platforms; with none given, all."""
    return {
        path: content
        for path, content in files.items()
        if not platforms or "/" not in path or path.partition("/")[0] in platforms
    }


def compare(expected: Path, actual: Path, platforms: Sequence[str] = ()) -> list[str]:
    """What is edited, stray or missing in `actual`: one line a file, with the remedy."""
    new, old = read(expected), _chosen(read(actual), platforms)
    name = "generated/" + actual.name
    findings: list[str] = []
    for path in sorted(new.keys() | old.keys()):
        if path not in old:
            findings.append(f"{name}/{path}: missing; run scripts/generate.py")
        elif path not in new:
            findings.append(f"{name}/{path}: stray, no spec gives it; delete it")
        elif new[path] != old[path]:
            findings.append(
                f"{name}/{path}: differs from what the specs give; change the spec, the template"
                " or the runtime, and run scripts/generate.py"
            )
    return findings


def replace(expected: Path, actual: Path, platforms: Sequence[str] = ()) -> None:
    """Makes `actual` the same as `expected`; files that are the same already stay untouched."""
    new, old = read(expected), _chosen(read(actual), platforms)
    for path in old.keys() - new.keys():
        (actual / path).unlink()
    for path, content in new.items():
        if old.get(path) != content:
            (actual / path).parent.mkdir(parents=True, exist_ok=True)
            (actual / path).write_bytes(content)
    for folder in sorted(actual.rglob("*"), reverse=True):
        if folder.is_dir() and folder.name != "__pycache__" and not read(folder):
            _remove_empty(folder)


def _remove_empty(folder: Path) -> None:
    for path in folder.rglob("__pycache__/*.pyc"):
        path.unlink()
    for path in sorted([*folder.rglob("*"), folder], reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
