"""Servers from npm. They need Node.js 20 or later."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import pytest

from polychat.emulator import Emulator

HERE = Path(__file__).parent


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_open(port: int, process: subprocess.Popen[str]) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        assert process.poll() is None, "the server ended before it listened"
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")


@contextmanager
def running(command: list[str], *, stdout: int) -> Generator[subprocess.Popen[str]]:
    """A server, ended with all its children: the wheel's ``node`` starts the real one."""
    with subprocess.Popen(command, stdout=stdout, text=True, start_new_session=True) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the packages that package-lock.json beside this file lists."""
    folder = tmp_path_factory.mktemp("npm")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    ran = subprocess.run(
        command, check=False, cwd=folder, timeout=600, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
    return folder / "node_modules"


@pytest.fixture(scope="session")
def aimock_url(npm: Path) -> Iterator[str]:
    """The base URL of aimock, which is to say what aimock.mjs decides."""
    script = Path(__file__).with_name("aimock.mjs")
    command = ["node", str(script), str(npm / "@copilotkit" / "aimock")]
    with running(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip() + "/v1"


@pytest.fixture(scope="session")
def prism_url(npm: Path, aimlapi_emulator: Emulator) -> Iterator[str]:
    """The base URL of Prism in front of the emulator: it tells in a header what does not fit."""
    spec = resources.files("polychat_rest.aimlapi").joinpath("openapi.json")
    port = free_port()
    upstream = aimlapi_emulator.url("aimlapi").removesuffix("/v1")
    command = [str(npm / ".bin" / "prism"), "proxy", str(spec), upstream, "--port", str(port),
               "--verboseLevel", "warn"]  # fmt: skip
    with running(command, stdout=subprocess.DEVNULL) as process:
        wait_until_open(port, process)
        yield f"http://127.0.0.1:{port}/v1"
