"""What the model template prints: one record a class, one a field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openapi_python_client.parser.properties import AnyProperty, ModelProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.none import NoneProperty

from .emit import Emitter, Module, model_properties, variants
from .schemas import Schema, part
from .text import docstring, literal, paragraphs, raw


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
    null: bool
    """Whether None is written as null: the object needs the field, and it may be null."""
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
    module: Module


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
    inner = variants(prop)
    others = [one for one in inner if not isinstance(one, NoneProperty)]
    nullable = len(others) < len(inner) or any(isinstance(one, AnyProperty) for one in inner)
    return Field(
        name=name,
        wire=literal(prop.name),
        annotation=annotation,
        default=default,
        read=emitter.read(prop, module, name),
        nested=emitter.has_models(prop),
        date=bool(others) and all(isinstance(one, DateTimeProperty) for one in others),
        null=bool(prop.required) and nullable,
        doc=str(schema.get("description") or ""),
    )
