"""What this package's types are built on: frozen dataclasses that are sent or were received.

What is sent has `Sendable.to_json`. What was received is read from the generated model of the
same answer, which stays reachable: a field that the dataclass does not name is still there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from enum import Enum
from functools import cache
from importlib import import_module
from inspect import CO_VARKEYWORDS
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, cast

from polychat.errors import ConfigurationError, UnknownKeywordError
from polychat_rest.model import Model
from polychat_rest.shapes import is_array, is_object

from ._name import PLATFORM

E = TypeVar("E", bound=Enum)
Convert = Callable[[Any], Any]
_PLAIN = (str, int, float, bool, type(None))


def wire(value: Any) -> Any:
    """The JSON value of this package's types, of enums, and of lists and mappings of them."""
    if type(value) in _PLAIN:
        return value
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, Enum):
        return value.value
    if is_object(value):
        return {name: wire(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [wire(item) for item in cast("list[Any]", value)]
    return value


def names_of(cls: type) -> tuple[str, ...]:
    """The names of a dataclass's fields, in order."""
    names = _NAMES.get(cls)
    if names is None:
        names = _NAMES[cls] = tuple(field.name for field in fields(cast("Any", cls)))
    return names


_NAMES: dict[type, tuple[str, ...]] = {}


def generated(name: str) -> type[Model]:
    """A generated model of this platform."""
    models = import_module("polychat_rest.aleph_alpha.models")
    return cast("type[Model]", getattr(models, name))


def many(convert: Convert) -> Convert:
    """A conversion of the models and objects in a list; other items stay as they came."""

    def convert_all(value: Any) -> Any:
        return [convert(item) for item in value] if is_array(value) else value

    return convert_all


class OpenEnum(str, Enum):
    """An enum that keeps the values which it does not know: as members without a name."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member

    @classmethod
    def of(cls, value: Any) -> Any:
        """The member of a text; anything else stays as it came."""
        return cls(value) if isinstance(value, str) else value


@cache
def _keywords_of(init: Callable[..., Any]) -> frozenset[str] | None:
    """The keywords that a dataclass's or a subclass's ``__init__`` takes; None: any."""
    code = init.__code__
    if code.co_flags & CO_VARKEYWORDS:
        return None
    return frozenset(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])


def _unknown(cls: type, known: Iterable[str], given: Iterable[str]) -> UnknownKeywordError:
    from polychat._core.keywords import unknown_keyword

    return unknown_keyword(
        next(name for name in given if name not in known),
        known,
        remedy="Pass the call extra_body={...} for fields that the spec does not know yet",
        method=f"{cls.__name__}.__init__",
        platform=PLATFORM,
    )


class Sendable:
    """A dataclass that is sent. What is None is left out."""

    _parts: ClassVar[Mapping[str, Convert]] = {}
    """How nested fields are read from JSON."""

    if not TYPE_CHECKING:  # checkers know the dataclass's own signature

        def __new__(cls, *args: Any, **given: Any) -> Self:
            """Raises `UnknownKeywordError`, a TypeError, with the name of the nearest field."""
            known = _keywords_of(cls.__init__)
            if known is not None and not known.issuperset(given):
                raise _unknown(cls, known, given)
            return object.__new__(cls)

    def to_json(self) -> dict[str, Any]:
        """The JSON object."""
        given = ((name, getattr(self, name)) for name in names_of(type(self)))
        return {name: wire(value) for name, value in given if value is not None}

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Self:
        """The reverse of `to_json`. Raises `ConfigurationError` for fields that are not this
        type's, and TypeError where one is missing."""
        unknown = json.keys() - set(names_of(cls))
        if unknown:
            raise ConfigurationError(
                f"{cls.__name__} has no field {', '.join(sorted(unknown))}", platform=PLATFORM
            )
        parts = cls._parts
        return cls(
            **{name: parts[name](value) if name in parts else value for name, value in json.items()}
        )


class Answer:
    """A dataclass that was received.

    An absent field reads as None. Fields that the dataclass does not name answer to their own
    name too: ``response.system_fingerprint``, or what a newer server sends.
    """

    _parts: ClassVar[Mapping[str, Convert]] = {}
    """How nested fields are made from generated models."""
    _model: ClassVar[str]
    """The generated model that this is read from."""
    _raw: Model | None = None

    @classmethod
    def of(cls, raw: Any) -> Self:
        """From the generated model; anything else stays as it came."""
        if not isinstance(raw, Model):
            return cls.from_json(raw) if is_object(raw) else cast("Self", raw)
        self = object.__new__(cls)
        state, parts = self.__dict__, cls._parts
        for name in names_of(cls):
            value = getattr(raw, name, None)
            state[name] = parts[name](value) if name in parts and value is not None else value
        state["_raw"] = raw
        return self

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Self:
        """From the JSON object of an answer."""
        return cls.of(generated(cls._model).from_dict(json))

    @property
    def raw(self) -> Model | None:
        """The generated model that this was read from; None for what a user made."""
        return self._raw

    @property
    def __response__(self) -> Any:
        """For `polychat.response_of`."""
        return getattr(self._raw, "__response__", None)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and self._raw is not None:
            return getattr(self._raw, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def to_json(self) -> dict[str, Any]:
        """The JSON object: all fields of this type, and what else came."""
        return self._with_rest({name: wire(getattr(self, name)) for name in names_of(type(self))})

    def _with_rest(self, document: dict[str, Any]) -> dict[str, Any]:
        if self._raw is not None:
            for name, value in self._raw.to_dict().items():
                document.setdefault(name, value)
        return document


A = TypeVar("A", bound=Answer)


def kept(copy: A, source: Answer) -> A:
    """`copy`, with what came beside the fields of the `source` that it was made from: unknown
    fields, and how it was answered."""
    if source.raw is not None:
        copy.__dict__["_raw"] = source.raw
    return copy


def changed(answer: A, **changes: Any) -> A:
    """A copy with other values of some fields, and with all else that came."""
    return kept(cast("A", replace(cast("Any", answer), **changes)), answer)
