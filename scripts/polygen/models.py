"""What the model template prints: one record a class, one a field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.none import NoneProperty

from .emit import Emitter, Module, model_properties, variants
from .schemas import Schema, part
from .text import docstring, literal, paragraphs, raw

LOOKS = 4
"""After so many fields a reader asks whether anything is left to read."""


@dataclass
class Field:
    """One field of a model. `slot` holds what came, `name` is what users say."""

    name: str
    wire: str
    annotation: str
    default: str | None
    read: list[str] | None
    nested: bool
    date: bool
    doc: str

    @property
    def parser(self) -> str | None:
        """The function that `read` only calls, if it does no more than that."""
        if self.read and len(self.read) == 1:
            return self.read[0].removeprefix("value = ").removesuffix("(value)")
        return None

    @property
    def lazy(self) -> str | None:
        """The class of an optional object, which is made when it is first read: most that come
        never are."""
        if self.default != "None" or self.read is None or self.read[0] != "if type(value) is dict:":
            return None
        return self.read[1].strip().removeprefix("value = ").removesuffix(".from_owned(value)")

    @property
    def slot(self) -> str:
        return f"_{self.name}" if self.date or self.lazy else self.name

    @property
    def held(self) -> str:
        """The annotation of the slot, and its default."""
        kind = "datetime | str | None" if self.date else self.annotation
        if self.slot == self.name:
            return kind if self.default is None else f"{kind} = {self.default}"
        default = "" if self.default is None else f"default={self.default}, "
        return f"{kind} = _field({default}alias={literal(self.name)})"


@dataclass
class Class:
    """One generated model class and the module that it stands in."""

    name: str
    module_name: str
    doc: str
    fields: list[Field]
    values: list[str] | None
    """Statements that parse `value`, one of the unknown fields; None where they stay."""
    value_type: str
    module: Module

    def steps(self) -> list[tuple[Field, str]]:
        """The fields as they are read, some with a statement for where nothing is left to read:
        most objects have few of their fields, and looking each up is what costs."""
        made: list[tuple[Field, str]] = []
        for at, field in enumerate(self.fields, 1):
            rest = [f"self.{other.slot}" for other in self.fields[at:]]
            stop = at % LOOKS == 0 and len(rest) >= LOOKS
            made.append((field, " = ".join([*rest, "self._others", "None"]) if stop else ""))
        return made


def model_class(model: ModelProperty, emitter: Emitter, schema: Schema) -> Class:
    """The record of `model`, whose normalised schema is `schema`."""
    module = Module()
    described = part(schema, "properties")
    fields = [
        _field(prop, emitter, module, part(described, raw(prop.name)))
        for prop in model_properties(model)
    ]
    fields.sort(key=lambda field: field.default is not None)
    rest = model.additional_properties
    values = emitter.read(rest, module, "additional") if rest is not None else None
    value_type = emitter.answer_type(rest, module) if rest is not None else "Any"
    name = str(model.class_info.name)
    module.classes.pop(name, None)
    attributes = [
        paragraphs(field.doc, 84, f"    {field.name}: ", "        ")
        for field in fields
        if field.doc
    ]
    parts = [paragraphs(model.description)]
    if attributes:
        parts.append("\n".join(["Attributes:", *attributes]))
    return Class(
        name=name,
        module_name=str(model.class_info.module_name),
        doc=docstring(parts),
        fields=fields,
        values=values,
        value_type=value_type,
        module=module,
    )


def _field(prop: Any, emitter: Emitter, module: Module, schema: Schema) -> Field:
    name = str(prop.python_name)
    default: str | None = None if prop.required else "None"
    annotation = emitter.answer_type(prop, module)
    if isinstance(prop, ConstProperty) and prop.required:
        default = literal(prop.value.raw_value)
        annotation = f"Literal[{default}]"
    elif not prop.required and annotation != "Any" and not annotation.endswith("| None"):
        annotation += " | None"
    others = [inner for inner in variants(prop) if not isinstance(inner, NoneProperty)]
    return Field(
        name=name,
        wire=literal(prop.name),
        annotation=annotation,
        default=default,
        read=emitter.read(prop, module, name),
        nested=emitter.has_models(prop),
        date=bool(others) and all(isinstance(inner, DateTimeProperty) for inner in others),
        doc=str(schema.get("description") or ""),
    )
