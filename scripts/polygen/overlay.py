"""Our corrections of a published spec, applied strictly: one that no longer fits is an error."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from .schemas import is_array, is_object

VERBS = ("set", "add", "merge", "remove")


class OverlayError(ValueError):
    """An entry that does not apply. `str` names the entry, its target and the remedy."""


def apply(
    published: dict[str, Any], entries: Sequence[dict[str, Any]], *, without: int | None = None
) -> dict[str, Any]:
    """The corrected spec; `published` stays as it is.

    With `without`, the entry of that index is left out, and with it the later ones that built on
    it (entry checks need that). Raises `OverlayError`.
    """
    spec = copy.deepcopy(published)
    for index, entry in enumerate(entries):
        if index == without:
            continue
        try:
            for pointer in pointers(entry):
                _apply(spec, pointer, entry)
        except OverlayError as error:
            if without is None or index < without:
                where = f"overlay entry {index + 1} ({pointers(entry)[0]})"
                raise OverlayError(f"{where}: {error}") from None
    return spec


def pointers(entry: dict[str, Any]) -> list[str]:
    """The JSON pointers that an entry is for."""
    at = entry.get("at")
    return list(at) if is_array(at) else [str(at)]


def _apply(spec: dict[str, Any], pointer: str, entry: dict[str, Any]) -> None:
    verbs = [verb for verb in VERBS if verb in entry]
    if len(verbs) != 1:
        raise OverlayError(f"has {verbs or 'no verb'}: give exactly one of {', '.join(VERBS)}")
    if not str(entry.get("why") or "").strip():
        raise OverlayError("has no reason: say in `why` what is wrong without it")
    value = copy.deepcopy(entry[verbs[0]])
    if verbs[0] == "set":
        _set(spec, pointer, value)
    else:
        _ACTIONS[verbs[0]](resolve(spec, pointer), value)


def resolve(spec: Any, pointer: str) -> Any:
    """The value at a JSON pointer, with or without a leading ``#``. Raises `OverlayError`."""
    value = spec
    for token in _tokens(pointer):
        try:
            value = value[int(token)] if is_array(value) else value[token]
        except (KeyError, IndexError, ValueError, TypeError):
            raise OverlayError(
                f"nothing at {token!r} of {pointer}: was the spec corrected? drop the entry"
            ) from None
    return value


def _tokens(pointer: str) -> list[str]:
    path = pointer.removeprefix("#").removeprefix("/")
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")] if path else []


def _set(spec: dict[str, Any], pointer: str, value: Any) -> None:
    *parents, last = _tokens(pointer)
    if resolve(spec, pointer) == value:
        raise OverlayError("sets what is there already: drop the entry")
    holder: Any = spec
    for token in parents:
        holder = holder[int(token)] if is_array(holder) else holder[token]
    holder[int(last) if is_array(holder) else last] = value


def _add(target: Any, value: Any) -> None:
    if is_array(target):
        items = value if is_array(value) else [value]
        if present := [item for item in items if item in target]:
            raise OverlayError(f"adds items that are there already: {present}")
        target.extend(items)
        return
    if not is_object(target) or not is_object(value):
        raise OverlayError("adds to what is no object or list")
    if present := [key for key in value if key in target]:
        raise OverlayError(f"adds keys that are there already: {', '.join(map(str, present))}")
    target.update(value)


def _merge(target: Any, value: Any) -> None:
    if not is_object(target) or not is_object(value):
        raise OverlayError("merges into what is no object")
    if not _merge_into(target, value):
        raise OverlayError("merges what is there already: drop the entry")


def _merge_into(target: dict[str, Any], value: dict[str, Any]) -> bool:
    changed = False
    for key, new in value.items():
        old = target.get(key)
        if is_object(old) and is_object(new):
            changed |= _merge_into(old, new)
        elif key not in target or old != new:
            target[key] = new
            changed = True
    return changed


def _remove(target: Any, keys: Any) -> None:
    for key in keys if is_array(keys) else [keys]:
        if key not in target:
            raise OverlayError(f"removes {key!r}, which is not there: drop the entry")
        if is_array(target):
            target.remove(key)
        else:
            del target[key]


_ACTIONS: dict[str, Callable[[Any, Any], None]] = {"add": _add, "merge": _merge, "remove": _remove}
