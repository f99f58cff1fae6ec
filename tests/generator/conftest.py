"""Specs compiled in a temporary folder, once a session, and imported."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from polygen.pipeline import generate
from polygen.specs import Platform
from tests.generator.zoo import LISTED, ZOO

ROOT = Path(__file__).resolve().parents[2]


class Package:
    """A generated tree that can be imported; `module("models.cat")` is below its platform."""

    def __init__(self, folder: Path, platform: str, findings: list[str]) -> None:
        self.folder = folder
        self.platform = platform
        self.findings = findings

    def runtime(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self.folder.name}.{name}")

    def module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self.folder.name}.{self.platform}.{name}")

    def model(self, name: str) -> Any:
        return getattr(self.module("models"), name)

    def source(self, path: str) -> str:
        return (self.folder / self.platform / path).read_text(encoding="utf-8")


def compile_spec(
    folder: Path, spec: dict[str, Any], *, aliases: frozenset[str] = frozenset(), **config: Any
) -> Package:
    platform = Platform("zoo", spec, [], config, aliases)
    return Package(folder, "zoo", generate([platform], folder))


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """The spec of zoo.py, which has each thing that openapi-python-client gets wrong."""
    base = tmp_path_factory.mktemp("zoo")
    sys.path.insert(0, str(base))
    package = compile_spec(base / "zoo_rest", ZOO, aliases=LISTED)
    assert package.findings == []
    yield package
    sys.path.remove(str(base))
