# Copied by scripts/generate.py from scripts/runtime/dump.py; edit it there.
"""Models as dicts and JSON under the names of their attributes, as users of pydantic write it.

`polychat_rest.model.Model.to_dict` gives the document of the wire; this gives what the
attributes say.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Self

from . import codec
from .shapes import is_array, is_object

NO_NAMES: Mapping[str, str] = {}
Document = dict[str, Any]
"""A JSON object. `Dumping` has a method that is called `dict`."""


class Dumping:
    """The methods that pydantic's models have and that users of older clients call."""

    __slots__ = ()

    @property
    def model_fields_set(self) -> set[str]:
        """The attributes that `to_dict` writes, and what the spec does not name: a field that is
        None is among them where it came as null, or where it may be null and is required."""
        return {*_given(self), *_others(self)}

    def model_dump(
        self,
        *,
        mode: str = "python",
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
        by_alias: bool = False,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> Document:
        """The attributes, and what the spec does not name, as a dict; models within as dicts too.

        ``by_alias`` uses the names of the wire. What did not come is None here:
        ``exclude_unset`` leaves out what is not in `model_fields_set`, ``exclude_none`` and
        ``exclude_defaults`` leave out all that is None. ``include`` and ``exclude`` name
        attributes of this object.
        """
        if mode not in ("python", "json"):
            raise ValueError(f"mode={mode!r}: give 'python' or 'json'")
        dumped = _Dump(by_alias, exclude_unset, exclude_none or exclude_defaults)
        found: Document = dumped.value(self)
        if include is None and exclude is None:
            return found
        names: Mapping[str, str] = wire_names(type(self)) if by_alias else NO_NAMES
        left_out = {names.get(name, name) for name in exclude or ()}
        taken = None if include is None else {names.get(name, name) for name in include}
        return {
            name: value
            for name, value in found.items()
            if name not in left_out and (taken is None or name in taken)
        }

    def model_dump_json(self, *, indent: int | None = None, **options: Any) -> str:
        """`model_dump` as JSON."""
        given: Document = {**options, "mode": "json"}
        text = codec.encode(self.model_dump(**given))
        return (codec.format(text, indent=indent) if indent else text).decode()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some attributes changed."""
        made = copy.deepcopy(self) if deep else copy.copy(self)
        for name, value in (update or {}).items():
            setattr(made, name, value)
        return made

    @classmethod
    def model_validate(cls, obj: Any) -> Self:
        """The model of an object whose keys are attributes' names or those of the wire. Raises
        TypeError for what is no mapping."""
        if not is_object(obj):
            raise TypeError(f"{cls.__name__}: a {type(obj).__name__} is no JSON object")
        reader: Any = cls
        made: Self = _settled(reader.from_dict(obj))
        return made

    @classmethod
    def parse_obj(cls, obj: Any) -> Self:
        """The same as `model_validate`."""
        return cls.model_validate(obj)

    @classmethod
    def model_validate_json(cls, data: str | bytes) -> Self:
        """`model_validate` of a JSON text. Raises `msgspec.DecodeError`."""
        return cls.model_validate(codec.decode(data))

    def json(self, *, indent: int | None = None, **options: Any) -> str:
        """The same as `model_dump_json`."""
        return self.model_dump_json(indent=indent, **options)

    def copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The same as `model_copy`."""
        return self.model_copy(update=update, deep=deep)

    dict = model_dump


def _others(model: Any) -> Document:
    others: Document = model.additional_properties
    return others


def _given(model: Any) -> list[str]:
    """The names of the fields that `to_dict` writes, in their order."""
    nulls = null_names(model)
    return [
        name
        for name, wire in wire_names(model.__class__).items()
        if wire in nulls or getattr(model, name) is not None
    ]


class _Dump:
    """How a value is dumped, however deep."""

    __slots__ = ("by_alias", "none", "unset")

    def __init__(self, by_alias: bool, without_unset: bool, without_none: bool) -> None:
        self.by_alias = by_alias
        self.unset = not without_unset
        self.none = not without_none

    def value(self, value: Any) -> Any:
        if isinstance(value, Dumping):
            names = wire_names(type(value))
            found: Document = {}
            for name in names if self.unset else _given(value):
                held = getattr(value, name)
                if held is not None or self.none:
                    found[names[name] if self.by_alias else name] = self.value(held)
            for key, item in _others(value).items():
                if item is not None or self.none:
                    found[key] = self.value(item)
            return found
        if is_object(value):
            return {key: self.value(item) for key, item in value.items()}
        if is_array(value):
            return [self.value(item) for item in value]
        return value


class _Wire(str):
    """The name under which a field was looked up."""

    __slots__ = ()


class _Lookups(dict[str, Any]):
    """Answers every look-up with the name that was looked up."""

    __slots__ = ()

    def get(self, name: str, default: Any = None) -> Any:
        return _Wire(name)


def _settled(value: Any) -> Any:
    """A value whose models, however deep, were given attributes' names for those of the wire."""
    if isinstance(value, Dumping):
        cls: Any = type(value)
        model: Any = value
        names = wire_names(cls)
        if any(names.get(key, key) != key for key in model.additional_properties):
            document: Document = model.to_dict()
            model = cls.from_dict({names.get(key, key): document[key] for key in document})
        for name in names:
            setattr(model, name, _settled(getattr(model, name)))
        return model
    if is_array(value):
        return [_settled(item) for item in value]
    return value


_names: dict[type[Any], Mapping[str, str]] = {}


def wire_names(model: type[Any]) -> Mapping[str, str]:
    """A model's attributes and their names on the wire, learnt from how it reads a document."""
    known = _names.get(model)
    if known is not None:
        return known
    probe = model.from_owned(_Lookups())
    found: dict[str, str] = {}
    for attribute in model.__attrs_attrs__:
        held = getattr(probe, attribute.name)
        if isinstance(held, _Wire):
            found[attribute.alias] = str(held)
    _names[model] = found
    return found


@cache
def known_names(model: Any) -> frozenset[str]:
    """The names on the wire of a model's fields."""
    return frozenset(wire_names(model).values())


@cache
def _required_nulls(model: Any) -> frozenset[str]:
    """The fields that a caller's object writes as null, learnt from one that has no values."""
    blank = model.from_owned({})
    blank._came = None  # noqa: SLF001
    document: Document = blank.to_dict()
    return frozenset(document)


def null_names(model: Any) -> Collection[str]:
    """The names on the wire of the fields that are written as null while they are None."""
    cls: Any = model.__class__
    required = _required_nulls(cls)
    came: Document | None = model._came  # noqa: SLF001
    if came is None:
        return required
    known = known_names(cls)
    return [k for k, value in came.items() if k in required or (value is None and k in known)]
