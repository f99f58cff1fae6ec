"""A platform's three files under ``specs/``, loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


class _Loader(yaml.CSafeLoader):
    """Safe YAML with the words of YAML 1.2: ``on``, ``no`` and dates are text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _first in "tf":
    _Loader.yaml_implicit_resolvers.setdefault(_first, []).append(
        ("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"))
    )


@dataclass(frozen=True)
class Platform:
    """What a platform publishes, our corrections, and the generator's options."""

    name: str
    published: dict[str, Any]
    overlay: list[dict[str, Any]]
    config: dict[str, Any]
    listed_aliases: frozenset[str]


def load_yaml(text: str) -> Any:
    """A YAML document as plain Python values. Raises `yaml.YAMLError`."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader


def load_platform(folder: Path) -> Platform:
    """The platform whose files are in `folder`; overlay and config may be absent.

    Raises `FileNotFoundError` without an ``openapi.yaml``.
    """

    def read(name: str, default: Any) -> Any:
        path = folder / name
        return load_yaml(path.read_text(encoding="utf-8")) or default if path.exists() else default

    published = load_yaml((folder / "openapi.yaml").read_text(encoding="utf-8"))
    config = dict(read("config.yaml", {}))
    aliases = frozenset(config.pop("listed_aliases", None) or ())
    return Platform(folder.name, published, read("overlay.yaml", []), config, aliases)


def platforms(root: Path = ROOT) -> list[str]:
    """The names of the platforms that have a spec, sorted."""
    return sorted(path.parent.name for path in (root / "specs").glob("*/openapi.yaml"))
