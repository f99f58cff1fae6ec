"""Where uploads go: the memory, or a folder that is given.

In a folder every content is a file of its own with a number for a name, and `index.jsonl` says
which resource it is, one line a change. So no resource's name is ever a path of the machine, and
a folder can be used again by the next emulator. A content is written and read in pieces.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

PIECE = 1 << 18
"""Bytes that are read from a file and sent at once."""

_EPOCH = 1_767_225_600_000


@dataclass(frozen=True, slots=True)
class Item:
    """A stored resource. `key` is its path, decoded: ``files/<bucket>/<folders>/<name>``.
    Times are milliseconds, counted from 2026-01-01 by one a change."""

    key: str
    etag: str
    content_type: str
    length: int
    created: int
    updated: int
    number: int

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]


class Upload:
    """A content that is being written. `finish` gives its ETag and length."""

    def __init__(self, number: int, path: Path | None) -> None:
        self.number = number
        self.length: int = 0
        self.content: bytearray = bytearray()
        self._path = path
        self._file: BinaryIO | None = path.open("wb") if path else None
        self._hash = hashlib.sha1(usedforsecurity=False)

    def write(self, piece: bytes | memoryview) -> None:
        self._hash.update(piece)
        self.length += len(piece)
        if self._file is None:
            self.content += piece
        else:
            self._file.write(piece)

    def finish(self) -> str:
        if self._file is not None:
            self._file.close()
        return self._hash.hexdigest()[:32]

    def discard(self) -> None:
        if self._file is not None and self._path is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)


class Store:
    """Resources by key."""

    def __init__(self, folder: Path | None = None) -> None:
        self.items: dict[str, Item] = {}
        self._folder = folder
        self._memory: dict[int, bytes] = {}
        self._number = 0
        self._changes = 0
        if folder is not None:
            (folder / "content").mkdir(parents=True, exist_ok=True)
            self._load(folder / "index.jsonl")

    def begin(self) -> Upload:
        """A place for a new content; `commit` or `Upload.discard` ends it."""
        self._number += 1
        return Upload(self._number, self._path(self._number))

    def commit(self, upload: Upload, key: str, content_type: str) -> Item:
        """Puts a written content under `key`, in place of what is there."""
        etag = upload.finish()
        old = self.items.get(key)
        if self._folder is None:
            self._memory[upload.number] = bytes(upload.content)
            upload.content.clear()
        self._changes += 1
        now = _EPOCH + self._changes
        created = old.created if old else now
        item = Item(key, etag, content_type, upload.length, created, now, upload.number)
        self._log({"put": asdict(item)})
        self.items[key] = item
        if old:
            self._drop(old)
        return item

    def put(self, key: str, content: bytes, content_type: str) -> Item:
        upload = self.begin()
        upload.write(content)
        return self.commit(upload, key, content_type)

    def copy(self, source: Item, key: str) -> Item:
        upload = self.begin()
        for piece in self.read(source):
            upload.write(piece)
        return self.commit(upload, key, source.content_type)

    def delete(self, item: Item) -> None:
        self._log({"delete": item.key})
        del self.items[item.key]
        self._drop(item)

    def under(self, prefix: str) -> list[Item]:
        """The items whose keys begin with `prefix`, by key."""
        return sorted(
            (item for key, item in self.items.items() if key.startswith(prefix)),
            key=lambda item: item.key,
        )

    def read(self, item: Item) -> Iterator[bytes]:
        """The content in pieces. It is opened at once: what is replaced later is still read."""
        path = self._path(item.number)
        if path is None:
            return iter([self._memory[item.number]])
        return _pieces(path.open("rb"))

    def content(self, item: Item) -> bytes:
        return b"".join(self.read(item))

    def clear(self) -> None:
        for item in list(self.items.values()):
            self.delete(item)

    def _path(self, number: int) -> Path | None:
        return None if self._folder is None else self._folder / "content" / f"{number:08d}"

    def _drop(self, item: Item) -> None:
        self._memory.pop(item.number, None)
        path = self._path(item.number)
        if path is not None:
            path.unlink(missing_ok=True)

    def _log(self, change: dict[str, object]) -> None:
        if self._folder is not None:
            with (self._folder / "index.jsonl").open("a", encoding="utf-8") as index:
                index.write(json.dumps(change) + "\n")

    def _load(self, index: Path) -> None:
        if not index.exists():
            return
        for line in index.read_text(encoding="utf-8").splitlines():
            change = json.loads(line)
            if "put" in change:
                item = Item(**change["put"])
                self.items[item.key] = item
                self._number = max(self._number, item.number)
                self._changes = max(self._changes, item.updated - _EPOCH)
            else:
                self.items.pop(change["delete"], None)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
