"""Models as dicts and JSON under the names of their attributes, as users of pydantic write it.

`polychat_rest.model.Model.to_dict` gives the document of the wire; this gives what the
attributes say.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from typing import Any, Self

from . import codec
from .shapes import is_array, is_object

NO_NAMES: Mapping[str, str] = {}
Document = dict[str, Any]
"""A JSON object. `Dumping` has a method that is called `dict`."""


class Dumping:
    """The methods that pydantic's models have and that users of older clients call."""

    __slots__ = ()

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

        ``by_alias`` uses the names of the wire. What did not come is None here, so
        ``exclude_unset``, ``exclude_defaults`` and ``exclude_none`` leave out the same.
        ``include`` and ``exclude`` name attributes of this object.
        """
        if mode not in ("python", "json"):
            raise ValueError(f"mode={mode!r}: give 'python' or 'json'")
        without = exclude_unset or exclude_defaults or exclude_none
        found: Document = _dump(self, by_alias, without)
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


def _dump(value: Any, by_alias: bool, without_none: bool) -> Any:
    if isinstance(value, Dumping):
        names = wire_names(type(value))
        found: Document = {}
        for name, wire in names.items():
            held = getattr(value, name)
            if held is not None or not without_none:
                found[wire if by_alias else name] = _dump(held, by_alias, without_none)
        model: Any = value
        for key, item in model.additional_properties.items():
            if item is not None or not without_none:
                found[key] = _dump(item, by_alias, without_none)
        return found
    if is_object(value):
        return {key: _dump(item, by_alias, without_none) for key, item in value.items()}
    if is_array(value):
        return [_dump(item, by_alias, without_none) for item in value]
    return value


class _Wire(str):
    """The name under which a field was looked up."""

    __slots__ = ()


class _Lookups(dict[str, Any]):
    """Answers every look-up with the name that was looked up."""

    __slots__ = ()

    def pop(self, name: str, default: Any = None) -> Any:
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
    # Not empty: of an empty document the rest of the fields is not looked up.
    probe = model.from_owned(_Lookups(rest=None))
    found: dict[str, str] = {}
    for attribute in model.__attrs_attrs__:
        held = getattr(probe, attribute.name)
        if isinstance(held, _Wire):
            found[attribute.alias] = str(held)
    _names[model] = found
    return found
