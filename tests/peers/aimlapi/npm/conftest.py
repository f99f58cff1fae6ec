"""Servers from npm. They need Node.js 20 or later."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from polychat.emulator import Emulator

PACKAGES = ["@copilotkit/aimock@1.43.0", "@stoplight/prism-cli@5.14.2"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        assert process.poll() is None, "the server ended before it listened"
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")


@pytest.fixture(scope="session")
def npm() -> Path:
    """A folder with the npm packages. NPM_TOOLS names one where they are installed already."""
    given = os.environ.get("NPM_TOOLS")
    folder = Path(given) if given else Path(tempfile.mkdtemp())
    if not given:
        command = ["npm", "install", "--silent", "--no-save", "--prefix", str(folder), *PACKAGES]
        subprocess.run(command, check=True, timeout=600)
    return folder / "node_modules"


@pytest.fixture(scope="session")
def aimock_url(npm: Path) -> Iterator[str]:
    """The base URL of aimock, which is to say what aimock.mjs decides."""
    script = Path(__file__).with_name("aimock.mjs")
    command = ["node", str(script), str(npm / "@copilotkit" / "aimock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip() + "/v1"
        process.terminate()


@pytest.fixture(scope="session")
def prism_url(npm: Path, aimlapi_emulator: Emulator) -> Iterator[str]:
    """The base URL of Prism in front of the emulator: it tells in a header what does not fit."""
    spec = resources.files("polychat_rest.aimlapi").joinpath("openapi.json")
    port = free_port()
    upstream = aimlapi_emulator.url("aimlapi").removesuffix("/v1")
    command = [str(npm / ".bin" / "prism"), "proxy", str(spec), upstream, "--port", str(port),
               "--verboseLevel", "warn"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        wait_until_open(port, process)
        yield f"http://127.0.0.1:{port}/v1"
        process.terminate()
