"""The processes of a measurement: the server, and a client for each subject and round."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import Metrics

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 600
"""Seconds after which a measurement counts as hung."""


class Failed(Exception):
    """A measurement gave no metrics; the text is the last line that it wrote."""


def cores() -> tuple[int, int] | tuple[None, None]:
    """A core for the clients and one for the server; None where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) > 1:
        return usable[0], usable[1]
    print("one core only: client and server share it, and the ratios are less certain")
    return None, None


@contextmanager
def server(core: int | None) -> Generator[str, None, None]:
    """The URL of a server on a core, which ends with the ``with``."""
    command = [sys.executable, "-m", "benchmarks.server"]
    if core is not None:
        command += ["--cpu", str(core)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=_environment(ROOT),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()  # the server ends with its standard input
        process.wait(10)


def measure(
    case: str,
    subject: str,
    url: str,
    core: int | None,
    quick: bool,
    tree: Path = ROOT,
    python: str = sys.executable,
) -> Metrics:
    """What this checkout's case finds in a fresh process, with the polychat of ``tree``.

    Raises `Failed`.
    """
    command = [python, "-m", "benchmarks.client", case, subject, url]
    if core is not None:
        command += ["--cpu", str(core)]
    if quick:
        command.append("--quick")
    try:
        ran = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=_environment(tree),
            timeout=TIMEOUT,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"no result after {TIMEOUT} s") from None
    except subprocess.CalledProcessError as error:
        said = (error.stderr.strip() or "nothing").splitlines()
        raise Failed(said[-1][:200]) from None
    metrics: Metrics = json.loads(ran.stdout.splitlines()[-1])
    return metrics


def _environment(tree: Path) -> dict[str, str]:
    """For the children: the tree's packages are found before installed ones, and what Python
    compiles is kept, as in an installed program, whatever the environment says."""
    paths = [str(ROOT), str(tree / "wrapper"), str(tree / "generated")]
    inherited = os.environ.get("PYTHONPATH")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths + ([inherited] if inherited else [])),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment
