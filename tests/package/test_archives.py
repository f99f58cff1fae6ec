"""What is in the wheel and the sdist."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

ROOT = Path(__file__).parents[2]

PACKAGES = {"polychat", "polychat_rest"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_wheel_installs_two_packages_and_no_other(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


def test_both_packages_are_marked_as_typed(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)


def test_the_wheel_has_each_source_file_and_nothing_compiled(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    sources = {
        path.relative_to(root).as_posix()
        for root, package in (("wrapper", "polychat"), ("generated", "polychat_rest"))
        for root in [ROOT / root]
        for path in (root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == sources


def test_the_wheel_requires_the_base_dependencies_only(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (path,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = message_from_bytes(archive.read(path))
    required = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    names = {line.split(">")[0].split("<")[0].strip() for line in required}
    assert names == {"attrs", "httpx", "msgspec", "python-dateutil", "sniffio"}
    assert metadata["License-Expression"] == "Apache-2.0"


def test_the_extra_all_holds_every_extra() -> None:
    extras = set(PROJECT["optional-dependencies"]) - {"all"}
    (everything,) = PROJECT["optional-dependencies"]["all"]
    assert set(everything.removeprefix("polychat[").removesuffix("]").split(",")) == extras


def test_the_sdist_can_regenerate_and_test_what_it_holds(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    folders = {name.split("/")[1] for name in names if name.count("/") > 1}
    assert {"generated", "scripts", "specs", "tests", "wrapper"} <= folders


def test_the_metadata_passes_the_index_check(dist: Path) -> None:
    files = sorted(dist.iterdir())
    command = [sys.executable, "-m", "twine", "check", "--strict", *files]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("PASSED") == len(files) == 2
