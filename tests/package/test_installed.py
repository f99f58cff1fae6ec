"""The installed wheel, with the sources out of reach."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def run(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the environment's Python in `folder`, isolated from this one's settings and paths."""
    command = [python, "-I", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_client_works_with_the_base_dependencies_alone(installed: Path, tmp_path: Path) -> None:
    shutil.copy(HERE / "smoke.py", tmp_path)
    result = run(installed, tmp_path, "smoke.py")
    assert result.returncode == 0, result.stderr
    said = json.loads(result.stdout)
    assert said["plain"] == "Hello, wheel"
    assert said["streamed"] == "Hello,| wheel"
    assert said["modules"]["polychat"] > 5
    assert said["modules"]["polychat_rest"] > 100


def test_the_environment_has_no_package_of_an_extra(installed: Path, tmp_path: Path) -> None:
    result = run(installed, tmp_path, "-m", "pip", "list", "--format=json")
    assert result.returncode == 0, result.stderr
    names = {package["name"].lower() for package in json.loads(result.stdout)}
    assert "httpx" in names
    assert not names & {"starlette", "uvicorn", "jsonschema", "aiohttp", "httpx-aiohttp"}
