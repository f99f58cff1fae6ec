"""Prompty files: YAML about a prompt between two lines of dashes, then its template."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import attrs

from polychat.errors import ConfigurationError
from polychat_rest.shapes import is_array, is_object

_FRONT = re.compile(r"^\s*(?:---|\+\+\+)(.*?)(?:---|\+\+\+)\s*(.+)$", re.DOTALL | re.MULTILINE)
_SECRET = re.compile("key|secret|password|token", re.IGNORECASE)


@attrs.define
class PropertySettings:
    """An input or output of a prompt."""

    type: str
    default: Any = None
    description: str = ""


@attrs.define
class ModelSettings:
    """The model that a prompt is for."""

    api: str = ""
    configuration: dict[str, Any] = attrs.field(factory=dict[str, Any], repr=False)
    parameters: dict[str, Any] = attrs.field(factory=dict[str, Any])
    response: dict[str, Any] = attrs.field(factory=dict[str, Any])


@attrs.define
class TemplateSettings:
    """How the template is written."""

    type: str = "mustache"
    parser: str = ""


@attrs.define
class Prompty:
    """What a prompty file says."""

    name: str = ""
    description: str = ""
    authors: list[str] = attrs.field(factory=list[str])
    tags: list[str] = attrs.field(factory=list[str])
    version: str = ""
    base: str = ""
    basePrompty: Prompty | None = None  # noqa: N815  # as azure-ai-inference names it
    model: ModelSettings = attrs.field(factory=ModelSettings)
    sample: dict[str, Any] = attrs.field(factory=dict[str, Any])
    inputs: dict[str, PropertySettings] = attrs.field(factory=dict[str, PropertySettings])
    outputs: dict[str, PropertySettings] = attrs.field(factory=dict[str, PropertySettings])
    template: TemplateSettings = attrs.field(factory=TemplateSettings)
    file: Path | str = ""
    content: str = ""

    def to_safe_dict(self) -> dict[str, Any]:
        """The file's settings, with what its names tell to be secret masked."""
        safe: dict[str, Any] = {
            "model": attrs.asdict(self.model),
            "template": attrs.asdict(self.template),
        }
        safe["model"]["configuration"] = {
            name: "********" if _SECRET.search(name) else value
            for name, value in self.model.configuration.items()
        }
        for name, properties in (("inputs", self.inputs), ("outputs", self.outputs)):
            if properties:
                safe[name] = {key: attrs.asdict(value) for key, value in properties.items()}
        if self.file:
            safe["file"] = Path(self.file).as_posix()
        return safe

    @classmethod
    def load(cls, path: Path, configuration: str = "default") -> Self:
        """The prompt in a file, with the settings of ``prompty.json`` beside it and of the file
        that its ``base`` names. Raises `FileNotFoundError`, ImportError without PyYAML, and
        ValueError for a file that is not sound."""
        front, body = _read(path)
        folder = path.parent
        said: dict[str, Any] = _normal(front, folder)
        shared: dict[str, Any] = _normal(_global(folder, configuration), folder)
        model: dict[str, Any] = said.pop("model", None) or {}
        model["configuration"] = {**shared, **(model.get("configuration") or {})}
        template = said.pop("template", "mustache")
        try:
            prompty = cls(
                model=ModelSettings(**model),
                template=(
                    TemplateSettings(**template)
                    if is_object(template)
                    else TemplateSettings(template, "prompty")
                ),
                inputs=_properties(said.pop("inputs", None)),
                outputs=_properties(said.pop("outputs", None)),
                content=body,
                file=path,
                **said,
            )
        except TypeError as error:
            raise ValueError(f"{path.name}: {error}") from error
        if prompty.template.type != "mustache":
            raise ConfigurationError(
                f"{path.name}: templates of type {prompty.template.type!r} are not known",
                platform="azure",
                remedy="Write the template in mustache",
            )
        if prompty.base:
            prompty._inherit(cls.load(folder / prompty.base, configuration))
        return prompty

    def _inherit(self, base: Prompty) -> None:
        """Takes from `base` what this prompt leaves open."""
        for name in ("name", "description", "version"):
            setattr(self, name, getattr(self, name) or getattr(base, name))
        self.authors = list(dict.fromkeys([*base.authors, *self.authors]))
        self.tags = list(dict.fromkeys([*base.tags, *self.tags]))
        self.model.api = self.model.api or base.model.api
        for name in ("configuration", "parameters", "response"):
            merged = {**getattr(base.model, name), **getattr(self.model, name)}
            setattr(self.model, name, merged)
        self.sample = {**base.sample, **self.sample}
        self.basePrompty = base


def _properties(said: Any) -> dict[str, PropertySettings]:
    given: Mapping[str, Any] = said or {}
    return {name: PropertySettings(**value) for name, value in given.items()}


def _read(path: Path) -> tuple[dict[str, Any], str]:
    try:
        import yaml
    except ImportError as error:
        raise ImportError(
            "prompty files need PyYAML. Install it with: pip install 'polychat[prompts]'"
        ) from error
    text = path.read_text("utf-8")
    found = _FRONT.search(text)
    front: Any = yaml.safe_load(found[1]) if found else {}
    if not is_object(front):
        raise ValueError(f"{path.name}: what is between the dashes is no mapping")
    return dict(front), found[2] if found else text


def _global(folder: Path, configuration: str) -> Any:
    path = folder / "prompty.json"
    if not path.exists():
        return {}
    sections = json.loads(path.read_text("utf-8"))
    if configuration not in sections:
        raise ValueError(f'Item "{configuration}" not found in "{path}"')
    return sections[configuration]


def _normal(value: Any, folder: Path) -> Any:
    """A setting with ``${env:NAME:default}`` and ``${file:name.json}`` replaced."""
    if isinstance(value, str):
        text = value.strip()
        if not (text.startswith("${") and text.endswith("}")):
            return text
        kind, _, rest = text[2:-1].partition(":")
        if kind == "env" and rest:
            return _environment(rest)
        if kind == "file" and rest:
            path = folder / rest
            if not path.exists():
                raise FileNotFoundError(f"File {rest} not found")
            return _normal(json.loads(path.read_text("utf-8")), folder)
        raise ValueError(f"Invalid attribute format ({text})")
    if is_array(value):
        return [_normal(item, folder) for item in value]
    if is_object(value):
        return {key: _normal(item, folder) for key, item in value.items()}
    return value


def _environment(text: str) -> str:
    name, _, default = text.partition(":")
    if name in os.environ:
        return os.environ[name]
    if default:
        return default
    raise ValueError(f"Variable {name} not found in environment")
