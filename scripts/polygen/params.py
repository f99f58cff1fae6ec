"""Request bodies as typed dicts: what a caller may write where a model is wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any

from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.union import UnionProperty

from .emit import Emitter, Module, enum_literal, model_properties, union
from .schemas import Schema, part
from .text import docstring, literal, paragraphs, raw


@dataclass
class Key:
    """One key of a typed dict; `type` has ``Required[...]`` around it where that holds."""

    name: str
    type: str

    @property
    def plain(self) -> bool:
        """Whether a class body can have the key: no keyword, and no name that is mangled."""
        return self.name.isidentifier() and not iskeyword(self.name) and self.name[:2] != "__"


@dataclass
class Param:
    """One typed dict."""

    name: str
    doc: str
    keys: list[Key]
    base: str = "TypedDict"
    closed: bool = field(init=False)

    def __post_init__(self) -> None:
        self.closed = all(key.plain for key in self.keys)


class ParamWriter:
    """Collects the typed dicts that request bodies reach, in the order they are reached."""

    def __init__(self, emitter: Emitter, schemas: dict[str, Schema]) -> None:
        self._emitter = emitter
        self._schemas = schemas
        self._queue: list[str] = []
        self._bodies: set[str] = set()
        self.file = False

    def is_map(self, prop: Any) -> bool:
        """Whether an object is a mapping, and has no class."""
        return self._emitter.is_map(prop)

    def names_in(self, kind: str) -> list[str]:
        """The typed dicts that a type of `type_of` speaks of."""
        return [f"{name}Param" for name in self._queue if re.search(rf"\b{name}Param\b", kind)]

    def body(self, prop: Any) -> str:
        """The type of a request body; its own keys may also be None, which leaves them out."""
        if isinstance(prop, ModelProperty) and not self._emitter.is_map(prop):
            self._bodies.add(str(prop.class_info.name))
        return self.type_of(prop)

    def type_of(self, prop: Any) -> str:
        """The type of a value in a request."""
        if isinstance(prop, UnionProperty):
            return union(map(self.type_of, prop.inner_properties))
        if isinstance(prop, ListProperty):
            return f"Sequence[{self.type_of(prop.inner_property)}]"
        if isinstance(prop, ConstProperty):
            return f"Literal[{literal(prop.value.raw_value)}]"
        if isinstance(prop, LiteralEnumProperty):
            return enum_literal(prop)
        if self._emitter.is_map(prop):
            value = self._emitter.map_value(prop)
            return f"Mapping[str, {'Any' if value is None else self.type_of(value)}]"
        if isinstance(prop, ModelProperty):
            name = str(prop.class_info.name)
            if name not in self._queue:
                self._queue.append(name)
            return f"{name}Param"
        if isinstance(prop, DateTimeProperty):
            return "datetime | str"
        module = Module()
        found = self._emitter.answer_type(prop, module)
        self.file |= module.file
        return found

    def params(self) -> list[Param]:
        """The typed dicts of all bodies, and of what these hold."""
        made: list[Param] = []
        for name in self._queue:  # grows while it is walked
            made += self._split(self._param(name))
        return sorted(made, key=lambda param: param.name)

    def _split(self, param: Param) -> list[Param]:
        """A body that may ask for a stream in two: signatures that tell ``stream=True`` from
        ``stream=False`` unpack the one without that key."""
        stream = [key for key in param.keys if key.name == "stream"]
        if not stream or param.name.removesuffix("Param") not in self._bodies or not param.closed:
            return [param]
        base = Param(
            param.name.removesuffix("Param") + "Base",
            param.doc,
            [key for key in param.keys if key.name != "stream"],
        )
        return [base, Param(param.name, param.doc, stream, base.name)]

    def _param(self, name: str) -> Param:
        model = self._emitter.models[name]
        described = part(self._schemas[name], "properties")
        keys: list[Key] = []
        docs: list[str] = []
        for prop in model_properties(model):
            wire = raw(prop.name)
            kind = self.type_of(prop)
            if prop.required:
                kind = f"Required[{kind}]"
            elif name in self._bodies:
                kind = union([kind, "None"])
            keys.append(Key(wire, kind))
            text = str(part(described, wire).get("description") or "")
            if text and wire.isprintable():
                docs.append(paragraphs(f"{wire}: {text}", 84, "    ", "        "))
        parts = [paragraphs(model.description)]
        if docs:
            parts.append("\n".join(["Keys:", *docs]))
        return Param(f"{name}Param", docstring(parts), keys)
