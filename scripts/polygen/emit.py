"""From the generator's properties to Python: types, and the code that reads a decoded value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from openapi_python_client.parser.properties import (
    AnyProperty,
    LiteralEnumProperty,
    ModelProperty,
)
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from .text import literal

_PLAIN: dict[type[Any], str] = {
    AnyProperty: "Any",
    BooleanProperty: "bool",
    DateProperty: "str",
    DateTimeProperty: "str",
    FileProperty: "File",
    FloatProperty: "float",
    IntProperty: "int",
    NoneProperty: "None",
    StringProperty: "str",
    UuidProperty: "str",
}


def union(types: Iterable[str]) -> str:
    """``A | B | None`` without repetitions; None last, Any alone."""
    found = list(dict.fromkeys(types))
    if "Any" in found:
        return "Any"
    return " | ".join([t for t in found if t != "None"] + (["None"] if "None" in found else []))


def variants(prop: Any) -> list[Any]:
    """The properties that a value may be of: those of a union, or the one itself."""
    return list(prop.inner_properties) if isinstance(prop, UnionProperty) else [prop]


@dataclass
class Module:
    """What the code of one generated module needs: classes, enum aliases, and parse functions."""

    classes: dict[str, str] = field(default_factory=dict[str, str])
    """Class name to module name, in ``models``."""
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    functions: list[str] = field(default_factory=list[str])
    """Parse functions; they need no import before they are called."""
    tables: list[str] = field(default_factory=list[str])
    """Dispatch tables of the functions; they come after the imports."""
    file: bool = False
    """Whether `File` is used."""


class Emitter:
    """Writes types and parsers for one platform's properties.

    `models` are the generated classes by name; `named` the class names of component schemas. An
    object schema without properties that is no component is a mapping, not a class.
    """

    def __init__(self, models: dict[str, ModelProperty], named: set[str]) -> None:
        self.models = models
        self.named = named

    def is_map(self, prop: Any) -> bool:
        return isinstance(prop, ModelProperty) and str(prop.class_info.name) not in self.named

    def map_value(self, prop: Any) -> Any:
        """The property of a mapping's values, or None for anything."""
        model: Any = self.models.get(str(prop.class_info.name), prop)
        return model.additional_properties

    def has_models(self, prop: Any) -> bool:
        """Whether a value may be or hold a model, so that it has to be parsed."""
        if isinstance(prop, ListProperty):
            return self.has_models(prop.inner_property)
        if isinstance(prop, UnionProperty):
            return any(map(self.has_models, prop.inner_properties))
        if self.is_map(prop):
            value = self.map_value(prop)
            return value is not None and self.has_models(value)
        return isinstance(prop, ModelProperty)

    def answer_type(self, prop: Any, module: Module) -> str:
        """The type of a value that was read. Enums are open: a service may have new values."""
        types: list[str] = []
        for inner in variants(prop):
            types.append(self._one_type(inner, module))
            if isinstance(inner, ConstProperty):
                types.append(type(inner.value.raw_value).__name__)
            elif isinstance(inner, LiteralEnumProperty):
                types.append(inner.value_type.__name__)
        return union(types)

    def _one_type(self, prop: Any, module: Module) -> str:
        if isinstance(prop, ListProperty):
            return f"list[{self.answer_type(prop.inner_property, module)}]"
        if isinstance(prop, ConstProperty):
            return f"Literal[{literal(prop.value.raw_value)}]"
        if isinstance(prop, LiteralEnumProperty):
            return self._enum(prop, module)
        if self.is_map(prop):
            value = self.map_value(prop)
            return f"dict[str, {'Any' if value is None else self.answer_type(value, module)}]"
        if isinstance(prop, ModelProperty):
            name = str(prop.class_info.name)
            module.classes[name] = str(prop.class_info.module_name)
            return name
        name = _PLAIN[type(prop)]
        module.file |= name == "File"
        return name

    def _enum(self, prop: LiteralEnumProperty, module: Module) -> str:
        name = str(prop.class_info.name)
        if name not in self.named:
            return enum_literal(prop)
        module.aliases[name] = str(prop.class_info.module_name)
        return name

    def parser(self, prop: Any, module: Module, name: str) -> str | None:
        """A callable that parses a decoded value, or None where the value stays as it is."""
        if not self.has_models(prop):
            return None
        if isinstance(prop, ModelProperty) and not self.is_map(prop):
            self.answer_type(prop, module)
            return f"{prop.class_info.name}.from_owned"
        if isinstance(prop, ListProperty) and not isinstance(prop.inner_property, UnionProperty):
            item = self.parser(prop.inner_property, module, name)
            if item is not None and item.endswith(".from_owned"):
                return f"many({item})"
        return self._function(prop, module, name)

    def read(self, prop: Any, module: Module, name: str) -> list[str] | None:
        """Statements that turn the local `value` into what `prop` says; None: it stays.

        A value of another shape is left as it came.
        """
        if not self.has_models(prop):
            return None
        parsed = [inner for inner in variants(prop) if self.has_models(inner)]
        if len(parsed) == 1 and not isinstance(parsed[0], ModelProperty):
            if isinstance(parsed[0], ListProperty):
                return self._read_list(parsed[0], module, name)
        elif len(parsed) == 1 and not self.is_map(parsed[0]):
            self.answer_type(parsed[0], module)
            cls = str(parsed[0].class_info.name)
            return ["if type(value) is dict:", f"    value = {cls}.from_owned(value)"]
        return [f"value = {self._function(prop, module, name)}(value)"]

    def _read_list(self, prop: ListProperty, module: Module, name: str) -> list[str]:
        """In place, because the list is the model's own: a comprehension is a call more."""
        item = prop.inner_property
        lines = ["if type(value) is list:", "    for index, item in enumerate(value):"]
        if isinstance(item, ModelProperty) and not self.is_map(item):
            self.answer_type(item, module)
            return [
                *lines,
                "        if type(item) is dict:",
                f"            value[index] = {item.class_info.name}.from_owned(item)",
            ]
        function = self._function(item, module, f"{name}_item")
        return [*lines, f"        value[index] = {function}(item)"]

    def _function(self, prop: Any, module: Module, name: str) -> str:
        """Adds a function that parses a value of several shapes, and gives its name."""
        function = f"_parse_{name}"
        while any(made.startswith(f"def {function}(") for made in module.functions):
            function += "_"
        lines = [f"def {function}(value: Any) -> Any:"]
        parsed = variants(prop)
        models = [p for p in parsed if isinstance(p, ModelProperty) and not self.is_map(p)]
        maps = [p for p in parsed if self.is_map(p) and self.has_models(p)]
        lists = [p for p in parsed if isinstance(p, ListProperty) and self.has_models(p)]
        if models or maps:
            lines += ["    if type(value) is dict:"]
            lines += [f"        {line}" for line in self._choose(models, module, name)]
            for mapping in maps[:1]:
                value = self._function(self.map_value(mapping), module, f"{name}_value")
                lines += [
                    "        for key, item in value.items():",
                    f"            value[key] = {value}(item)",
                ]
        if lists:
            several = lists[0] if len(lists) == 1 else _joined_list(lists)
            lines += [f"    {line}" for line in self._read_list(several, module, name)]
        lines += ["    return value"]
        module.functions.append("\n".join(lines))
        return function

    def _choose(self, models: list[Any], module: Module, name: str) -> list[str]:
        """Statements that return the model of the variant that `value` is of."""
        for model in models:
            self.answer_type(model, module)
        names = [str(model.class_info.name) for model in models]
        if not names:
            return []
        if len(names) == 1:
            return [f"return {names[0]}.from_owned(value)"]
        tag = self._common_tag(names)
        if tag is not None:
            table = f"_{name.upper()}"
            rows = [
                f"    {literal(value)}: {cls}.from_owned,"
                for cls in names
                for value in self._tags(cls)[tag]
            ]
            module.tables.append(
                "\n".join([f"{table}: dict[str, Callable[[dict[str, Any]], Any]] = {{", *rows, "}"])
            )
            return [
                f"tag = value.get({literal(tag)})",
                f"parse = {table}.get(tag) if type(tag) is str else None",
                "return value if parse is None else parse(value)",
            ]
        # Those that ask for nothing would take all, so they come last.
        lines: list[str] = []
        for cls in sorted(names, key=lambda cls: not self.models[cls].required_properties):
            tests = [f"{literal(key)} in value" for key in self._required(cls)]
            tests += [
                f"value.get({literal(key)}) in {_tuple(tags)}"
                for key, tags in self._tags(cls).items()
            ]
            lines += [f"if {' and '.join(tests)}:"] if tests else ["if True:"]
            lines += [f"    return {cls}.from_owned(value)"]
            if not tests:
                lines[-2:] = [f"return {cls}.from_owned(value)"]
                break
        return lines

    def _required(self, cls: str) -> list[str]:
        tags = self._tags(cls)
        names = [p.name.get_untrusted_value() for p in self.models[cls].required_properties or ()]
        return [name for name in names if name not in tags]

    def _tags(self, cls: str) -> dict[str, list[Any]]:
        """The required properties that allow only certain strings, and these."""
        found: dict[str, list[Any]] = {}
        for prop in self.models[cls].required_properties or ():
            if isinstance(prop, ConstProperty):
                found[prop.name.get_untrusted_value()] = [prop.value.raw_value]
            elif isinstance(prop, LiteralEnumProperty):
                found[prop.name.get_untrusted_value()] = sorted(prop.values)
        return found

    def _common_tag(self, names: list[str]) -> str | None:
        """The property that tells variants apart: required in all, with strings of their own."""
        for tag in self._tags(names[0]):
            values = [value for cls in names for value in self._tags(cls).get(tag, [None])]
            if all(isinstance(value, str) for value in values) and len(set(values)) == len(values):
                return tag
        return None


def enum_literal(prop: LiteralEnumProperty) -> str:
    """``Literal[...]`` with the values of an enum, sorted."""
    values = sorted(prop.values)
    return f"Literal[{', '.join(map(literal, values))}]"


def _tuple(values: list[Any]) -> str:
    return f"({', '.join(map(literal, values))},)"


def _joined_list(lists: list[Any]) -> ListProperty:
    """One list whose items are of any of the lists' items."""
    inner: list[Any] = [item for each in lists for item in variants(each.inner_property)]
    first = lists[0]
    joined = UnionProperty(
        name=first.name,
        required=True,
        default=None,
        python_name=first.python_name,
        description=None,
        example=None,
        inner_properties=inner,
    )
    return ListProperty(
        name=first.name,
        required=True,
        default=None,
        python_name=first.python_name,
        description=None,
        example=None,
        inner_property=joined,
    )


def model_properties(model: ModelProperty) -> Iterator[Any]:
    """A model's properties, required ones first."""
    yield from model.required_properties or ()
    yield from model.optional_properties or ()
