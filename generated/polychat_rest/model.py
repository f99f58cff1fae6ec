# Copied by scripts/generate.py from scripts/runtime/model.py; edit it there.
"""What every generated model is built on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from .dump import Dumping, known_names, null_names, wire_names
from .shapes import is_array, is_object

__all__ = ["Model"]


class Model(Dumping):
    """A JSON object with named fields; what the spec does not name is kept beside them.

    `from_dict` is lenient: an absent field reads as None, a value of another shape than the
    spec's stays as it came. `to_dict` gives the same document back: a field that came as null
    reads as None too, is in `model_fields_set`, and is null again, unless it was set since.
    Unknown fields are in `additional_properties` and answer to ``model["name"]`` and, when no
    field has that name, to ``model.name``. Known ones answer to their names on the wire too.
    """

    __slots__ = ("__response__", "_came", "_others")

    _came: dict[str, Any] | None
    """The document that the model was read from; None where a caller made it. It tells a null
    from what is absent, and holds what the spec does not name until that is asked for."""
    _others: dict[str, Any]
    __response__: Any

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What came under names that the spec does not know; it may be changed."""
        return self._others

    @additional_properties.setter
    def additional_properties(self, value: dict[str, Any]) -> None:
        self._others = value

    @classmethod
    def from_owned(cls, data: dict[str, Any]) -> Self:
        """Like `from_dict`, but `data` and what it holds become the model's own: the quick way."""
        raise NotImplementedError

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """The model of a decoded JSON object, which is left as it is."""
        return cls.from_owned({key: own(value) for key, value in src_dict.items()})

    def to_dict(self) -> dict[str, Any]:
        """The JSON object. A field that is None is left out, unless it came as null, or is one
        that may be null and is required. Unknown fields are kept."""
        raise NotImplementedError

    def _with_rest(self, data: dict[str, Any]) -> dict[str, Any]:
        """`data`, the fields that are not None, with the nulls that came and the unknown fields."""
        came = self._came
        if came is not None and None in came.values():
            for name in null_names(self):
                data.setdefault(name, None)
        if self._others:
            data.update(plain(self._others))
        return data

    # Written once here: attrs would compile both for each class, a third of what a class costs
    # at import.

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _names(type(self)))

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __repr__(self) -> str:
        given = [(name, getattr(self, name)) for name in _names(type(self))]
        shown = [f"{name}={value!r}" for name, value in given if value not in (None, {})]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __getstate__(self) -> dict[str, Any]:
        """The fields, without values that came and were replaced since."""
        attributes: list[Any] = list(getattr(type(self), "__attrs_attrs__", ()))
        state = {one.name: getattr(self, one.name) for one in attributes}
        if self._came is not None:
            state["_came"] = {key: None if self._came[key] is None else True for key in self._came}
        return {**state, "_others": dict(self._others)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    @property
    def additional_keys(self) -> list[str]:
        """The names of the fields that the spec does not know."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties

    def __iter__(self) -> Iterator[str]:
        return iter(self.additional_properties)

    if not TYPE_CHECKING:  # a typo in a known field's name stays visible to type checkers

        def __getattr__(self, name: str) -> Any:
            # Two slots are filled when they are asked for: most readers never do.
            if name == "_came":
                return None
            if name == "_others":
                known = known_names(type(self))
                came = self._came or {}
                self._others = {key: value for key, value in came.items() if key not in known}
                return self._others
            if not name.startswith("_"):
                if name in self._others:
                    return self._others[name]
                for known, wire in wire_names(type(self)).items():
                    if wire == name != known:
                        return getattr(self, known)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _names(model: type[Model]) -> list[str]:
    """The names that users know a model's fields by."""
    attributes: list[Any] = list(getattr(model, "__attrs_attrs__", ()))
    return [*(one.alias for one in attributes if one.init), "additional_properties"]


def own(value: Any) -> Any:
    """A copy of a JSON value whose dicts and lists are new."""
    if is_object(value):
        return {key: own(item) for key, item in value.items()}
    if is_array(value):
        return [own(item) for item in value]
    return value


def plain(value: Any) -> Any:
    """The JSON value of models, and of dicts and lists with models in them."""
    if isinstance(value, Model):
        return value.to_dict()
    if is_object(value):
        return {key: plain(item) for key, item in value.items()}
    if is_array(value):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def read_datetime(value: Any) -> Any:
    """ISO 8601 text as `datetime`; numbers as UTC, in seconds or, past the year 5138, in
    milliseconds; anything else as it came."""
    if isinstance(value, str):
        from dateutil.parser import isoparse  # here, because few answers hold dates

        try:
            return isoparse(value)
        except ValueError:
            return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) > 1e11 else value
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, OSError, ValueError):
            return value
    return value
