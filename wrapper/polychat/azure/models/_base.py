# A field is a part of its model.
# pyright: reportPrivateUsage=false
"""What every model is built on: a JSON document with fields.

A model keeps the decoded document as it came and looks fields up in it; the parts of it become
models when they are first asked for. Reading therefore costs what is read, unknown fields are
kept at every level, and a document that was read and written again is the same document.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Self, TypeVar, cast, dataclass_transform

_JSON = frozenset({dict, list, str, int, float, bool, type(None)})
"""What a decoded document consists of: a list that begins with none of these holds models."""
Reader = Callable[[Any], Any]
M = TypeVar("M", bound="Model")


class Field:
    """A field of a model: how its value is read, and how one that is set is written."""

    __slots__ = ("name", "read")

    def __init__(self, read: Reader | None = None) -> None:
        self.name = ""
        self.read = read

    def __set_name__(self, owner: type[Model], name: str) -> None:
        self.name = name

    def __get__(self, obj: Model | None, owner: type[Model]) -> Any:
        if obj is None:
            return self
        value = obj._data.get(self.name)  # noqa: SLF001
        return value if value is None or self.read is None else self.read(value)

    def __set__(self, obj: Model, value: Any) -> None:
        if value is None:
            obj._data.pop(self.name, None)  # noqa: SLF001
        else:
            obj._data[self.name] = self.written(value)  # noqa: SLF001

    def written(self, value: Any) -> Any:
        """A value as the document holds it."""
        return serialize(value)


class _Time(Field):
    """Seconds since 1970, read as a `datetime` in UTC."""

    def written(self, value: Any) -> Any:
        return int(value.timestamp()) if isinstance(value, datetime) else serialize(value)


class Part(Field):
    """A model within a model, or a list of them: made of the document's value when first read,
    and put in its place."""

    __slots__ = ("_model", "_wrap")

    def __init__(self, model: Callable[[], type[Model]]) -> None:
        super().__init__()
        self._model = model
        self._wrap: Callable[[Any], Model] | None = None

    def __get__(self, obj: Model | None, owner: type[Model]) -> Any:
        if obj is None:
            return self
        data = obj._data  # noqa: SLF001
        value: Any = data.get(self.name)
        kind = value.__class__
        if kind is list:
            if value and value[0].__class__ in _JSON:
                self.made(value)
        elif kind is dict:
            value = data[self.name] = (self._wrap or self._resolved())(value)
        return value

    def _resolved(self) -> Callable[[Any], Model]:
        self._wrap = wrapper(self._model())
        return self._wrap

    def made(self, value: Any) -> Any:
        """`value` with models in the place of objects; lists are changed in place."""
        wrap = self._wrap or self._resolved()
        dicts: Any = dict
        if type(value) is dicts:
            return wrap(value)
        for index, item in enumerate(value):
            if type(item) is dicts:
                value[index] = wrap(item)
        return value


def plain(*, default: Any = None) -> Any:
    """A field that is read as it is in the document."""
    del default  # for type checkers: the field may be left out
    return Field()


def member(enum: Callable[[], Any], *, default: Any = None) -> Any:
    """A field whose known values are members of an enum; others are read as they are."""
    del default
    return Field(lambda value: enum()._value2member_map_.get(value, value))


def moment(*, default: Any = None) -> Any:
    """A field that holds seconds since 1970."""
    del default
    return _Time(_read_time)


def part(model: Callable[[], type[Model]], *, default: Any = None) -> Any:
    """A field that holds a model or a list of models. `model` is called late, so that classes
    may be defined in any order."""
    del default
    return Part(model)


def _read_time(value: Any) -> Any:
    try:
        return datetime.fromtimestamp(value, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return value


@dataclass_transform(kw_only_default=True, field_specifiers=(plain, member, moment, part))
class Model(MutableMapping[str, Any]):
    """A JSON object, as a mapping and with its fields as attributes.

    Made from keywords (those that are None are left out) or from one mapping. A field that is
    absent reads as None. What no field is declared for answers to ``model["name"]`` and to
    ``model.name`` alike. Equal to any mapping with the same content.
    """

    __slots__ = ("_data",)  # the rest of an instance's dict is rarely needed, and then made

    _data: dict[str, Any]
    __response__: Any = None
    _fields: ClassVar[dict[str, Field]] = {}
    _tag: ClassVar[tuple[str, str] | None] = None
    """The field and value that tell this class from its siblings: the first in its documents."""
    _constant: ClassVar[tuple[str, str] | None] = None
    """A field that always has the same value: the last in documents made from keywords."""
    _kinds: ClassVar[dict[str, type[Model]] | None] = None
    """On a base class: its subclasses by the value of their tag."""

    def __init_subclass__(
        cls, *, tag: tuple[str, str] | None = None, constant: tuple[str, str] | None = None
    ) -> None:
        declared = {k: v for k, v in vars(cls).items() if isinstance(v, Field)}
        cls._fields = {**cls._fields, **declared}
        if tag is not None:
            cls._tag = tag
            if cls._kinds is not None:
                cls._kinds.setdefault(tag[1], cls)
        if constant is not None:
            cls._constant = constant

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        name, fields = type(self).__name__, self._fields
        if len(args) > 1:
            raise TypeError(
                f"{name}.__init__() takes 2 positional arguments but {len(args) + 1} were given"
            )
        data: dict[str, Any] = {}
        if args:
            given: Mapping[str, Any] = args[0]
            for key, value in given.items():
                field = fields.get(key)
                data[key] = serialize(value) if field is None else field.written(value)
        else:
            if self._tag is not None:
                if self._tag[0] in kwargs:
                    raise TypeError(
                        f"{name}.__init__() got multiple values for keyword argument"
                        f" '{self._tag[0]}'"
                    )
                data[self._tag[0]] = self._tag[1]
            for key, value in kwargs.items():
                if key not in fields:
                    raise _unknown(name, key, fields)
                if value is not None:
                    data[key] = fields[key].written(value)
        if self._constant is not None:
            data[self._constant[0]] = self._constant[1]
        self._data = data

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Self:
        """The model of a decoded document, which becomes its own. Raises TypeError for what is
        no object."""
        if type(data) is not dict:
            raise TypeError("not a JSON object")
        if cls._kinds is not None and cls._tag is None:
            kind = cast("type[Self]", cls._kinds.get(str(data.get(cls._by())), cls))
        else:
            kind = cls
        self = kind.__new__(kind)
        self._data = data
        return self

    @classmethod
    def _by(cls) -> str:
        """The field whose value picks the subclass."""
        return "type"

    def __getitem__(self, key: str) -> Any:
        value: Any = self._data[key]
        if type(value) is dict or type(value) is list:
            field = self._fields.get(key)
            if isinstance(field, Part):
                self._data[key] = field.made(value)
                return self._data[key]
        return value  # pyright: ignore[reportUnknownVariableType]

    def __setitem__(self, key: str, value: Any) -> None:
        self._data[key] = value

    def __delitem__(self, key: str) -> None:
        del self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._data:
            return self._data[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return False
        return self._data == type(self)(cast("Any", other))._data

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return str(self._data)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), dict(self._data))

    def copy(self) -> Self:
        """A model of the same class whose fields can be changed without changing this one's."""
        return _restore(type(self), dict(self._data))

    def as_dict(self, *, exclude_readonly: bool = False) -> dict[str, Any]:
        """The document as dicts and lists. No field is read-only, so ``exclude_readonly``
        changes nothing; it is there because callers pass it."""
        del exclude_readonly
        return {key: as_plain(value) for key, value in self._data.items()}


def _unknown(name: str, field: str, known: Iterable[str]) -> TypeError:
    """The error for a field that a model does not have."""
    from polychat._core.keywords import unknown_keyword

    remedy = f"Pass {name}({{...}}), a dict, for fields that the spec does not know yet"
    return unknown_keyword(field, known, remedy=remedy, method=f"{name}.__init__", platform="azure")


def wrapper(cls: type[M]) -> Callable[[dict[str, Any]], M]:
    """`Model._of` for objects that are known to be some, without what only tagged classes need:
    every update of a stream goes through it several times."""
    if cls._kinds is not None:
        return cls._of
    new = object.__new__

    def wrap(data: dict[str, Any]) -> M:
        model = new(cls)
        model._data = data  # noqa: SLF001
        return model

    return wrap


def _restore(cls: type[M], data: dict[str, Any]) -> M:
    model = cls.__new__(cls)
    model._data = data  # noqa: SLF001
    return model


def as_plain(value: Any) -> Any:
    """A value with dicts in the place of models, at every depth."""
    if isinstance(value, Model):
        return value.as_dict()
    if isinstance(value, dict):
        return {key: as_plain(item) for key, item in _items(value)}
    if isinstance(value, (list, tuple, set)):
        return _each(value, as_plain)
    return value


def serialize(value: Any) -> Any:
    """A value as JSON has it: enums by value, bytes as base64, dates as ISO 8601; models stay."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (str, int, float)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return _each(value, serialize)
    if isinstance(value, dict):
        return {key: serialize(item) for key, item in _items(value)}
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    items: Iterable[tuple[Any, Any]] = value.items()
    return items


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    return type(value)(change(item) for item in value)
