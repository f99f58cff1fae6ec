"""Where the files of a folder of the storage go on this machine. Pure."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from ._exception import InvalidDialURLError, InvalidRequestError
from .helpers.storage_resource import DialStorageResource

Pair = tuple[Path, str]
"""A path of this machine, and the encoded URL that belongs to it."""
OnClash = Literal["error", "rename"]
"""What to do with names that an object store can hold together and a disk cannot."""
FOLDS_CASE = sys.platform in ("win32", "darwin")
"""Whether disks of this machine usually take ``A`` and ``a`` for one name."""


def targets(
    root: Path, folder: DialStorageResource, urls: Iterable[Any], on_clash: OnClash
) -> list[Pair]:
    """Where each file below `folder` goes below `root`; one that is listed twice goes there once.

    Raises `InvalidDialURLError` for a name that would lead out of `root`, and
    `InvalidRequestError` for two that cannot both be written, unless they are to be renamed.
    """
    if on_clash not in ("error", "rename"):
        raise InvalidRequestError(f"on_clash={on_clash!r} is neither 'error' nor 'rename'")
    found: dict[tuple[str, ...], str] = {}
    for url in urls:
        names = local_path(root, folder, url).relative_to(root).parts
        found.setdefault(names, url)
    taken = {_key(names[:end]): url for names, url in found.items() for end in range(1, len(names))}
    used = {*taken, *map(_key, found)}
    pairs: list[Pair] = []
    for names, url in found.items():
        other = taken.get(_key(names))
        if other is not None and on_clash == "error":
            raise InvalidRequestError(
                f"{url!r} and {other!r} cannot both be written below {str(root)!r}",
                remedy="Pass on_clash='rename' to write one of them under another name",
            )
        written = names if other is None else _free(names, used)
        taken[_key(written)] = url
        used.add(_key(written))
        pairs.append((root.joinpath(*written), url))
    return pairs


def local_path(root: Path, folder: DialStorageResource, item_url: Any) -> Path:
    """Where a file of the storage goes below `root`. Raises `InvalidDialURLError` for a name
    that would lead out of it."""
    prefix = [unquote(part) for part in folder.api_path.rstrip("/").split("/")]
    names = [unquote(part) for part in item_url.split("/")] if isinstance(item_url, str) else []
    below = names[len(prefix) :]
    outside = names[: len(prefix)] != prefix or not below
    if outside or any(_leads_out(name) for name in below):
        raise InvalidDialURLError(f"{item_url!r} cannot be written below {str(root)!r}")
    return root.joinpath(*below)


def _leads_out(name: str) -> bool:
    separators = {"/", os.sep, os.altsep, "\0"} - {None}
    return name in ("", ".", "..") or any(mark in name for mark in separators if mark)


def _key(names: tuple[str, ...]) -> tuple[str, ...]:
    """What a disk takes for the same path."""
    return tuple(name.casefold() for name in names) if FOLDS_CASE else names


def _free(names: tuple[str, ...], taken: set[tuple[str, ...]]) -> tuple[str, ...]:
    """``name (1).txt``, or the first such name that is free."""
    *above, name = names
    stem, suffix = os.path.splitext(name)  # noqa: PTH122
    number = 1
    while _key((*above, f"{stem} ({number}){suffix}")) in taken:
        number += 1
    return (*above, f"{stem} ({number}){suffix}")
