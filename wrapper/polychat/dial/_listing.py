"""What the lists of models, applications and toolsets give."""

from __future__ import annotations

from typing import Any, NamedTuple

from polychat._core.info import ResultList, result_list
from polychat_rest.shapes import is_array, is_object


class _Empty(NamedTuple):
    """Fields that are always there in aidial-client's types: absent, they read as empty."""

    own: tuple[tuple[str, type[Any]], ...]
    """Of the entry itself."""
    part: str
    """The part of the entry that has such a field too, and its name."""
    field: str


_EMPTY = {
    "Deployment": _Empty((("defaults", dict),), "features", "reasoning_efforts"),
    "Application": _Empty((("defaults", dict),), "features", "reasoning_efforts"),
    "Toolset": _Empty(
        (("description_keywords", list), ("allowed_tools", list)), "features", "reasoning_efforts"
    ),
    "Model": _Empty((), "capabilities", "scale_types"),
}


def entry(item: Any) -> Any:
    """An entry whose collections are there."""
    empty = _EMPTY.get(type(item).__name__)
    if empty is None:
        return item
    for name, kind in empty.own:
        if getattr(item, name) is None:
            setattr(item, name, kind())
    # A part that nobody has looked at yet is still as it came; lists are long.
    part: Any = getattr(item, f"_{empty.part}", None)
    if is_object(part):
        held: Any = part
        if held.get(empty.field) is None:
            held[empty.field] = []
        return item
    read: Any = getattr(item, empty.part)
    if read is not None and getattr(read, empty.field, read) is None:
        setattr(read, empty.field, [])
    return item


def entries(listing: Any) -> ResultList[Any]:
    """The entries of a list; one of an odd shape stays as it came."""
    found: Any = listing.data
    return result_list(map(entry, found if is_array(found) else ()), listing)
