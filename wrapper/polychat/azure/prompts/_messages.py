"""From a template and values to messages. Values are never read as anything but values.

In the text that is cut into messages and images, a mark stands for each value; the values take
their places when the cutting is done.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

from ._mustache import escape, parse, render

ROLES = ("assistant", "developer", "function", "system", "tool", "user")
_MARK = re.compile("\0([0-9]+)\0")
_ROLE = re.compile(
    r"^[^\S\n]*#?[^\S\n]*(" + "|".join(ROLES) + "|\0[0-9]+\0" + r")[^\S\n]*:[^\S\n]*(?:\n|\Z)",
    re.IGNORECASE | re.MULTILINE,
)
_IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\"]*?)(?:\s*\"[^\"]*\")?\)")
_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


def messages(template: str, data: Any, *, html: bool, folder: Path | None) -> list[dict[str, Any]]:
    """The messages of a template.

    A line such as ``user:`` in the template begins a message, and so does ``{{role}}:`` where
    that value is a role. With `html`, values are escaped for HTML unless the template says
    otherwise. Images by a path are read from `folder`, unless it is None.

    Raises ValueError for a template that is not sound and `FileNotFoundError` for an image.
    """
    values: list[str] = []

    def write(value: str, raw: bool) -> str:
        values.append(escape(value) if html and not raw else value)
        return f"\0{len(values) - 1}\0"

    def filled(text: str) -> str:
        return _MARK.sub(lambda mark: values[int(mark[1])], text)

    text = render(parse(template.replace("\0", "")), data, write)
    found: list[dict[str, Any]] = []
    for role, content in _cut(text, filled):
        items = _items(content, filled, folder)
        if items:
            found.append({"role": role, "content": items})
    return found


def _cut(text: str, filled: Any) -> list[tuple[str, str]]:
    """Roles and the texts below them; what comes before the first is the system's."""
    pieces: list[tuple[str, str]] = []
    role, place = "system", 0
    for line in _ROLE.finditer(text):
        name = filled(line[1]).strip().lower()
        if name not in ROLES:
            continue
        pieces.append((role, text[place : line.start()]))
        role, place = name, line.end()
    pieces.append((role, text[place:]))
    return pieces


def _items(content: str, filled: Any, folder: Path | None) -> str | list[dict[str, Any]]:
    """The content of a message: text, or text and images in their order."""
    images = list(_IMAGE.finditer(content))
    if not images:
        return str(filled(content).strip())
    items: list[dict[str, Any]] = []
    place = 0
    for image in images:
        _add_text(items, filled(content[place : image.start()]))
        words = filled(image[1]).split(" ")
        items.append({"type": "image_url", "image_url": {"url": _url(words[0].strip(), folder)}})
        place = image.end()
    _add_text(items, filled(content[place:]))
    return items


def _add_text(items: list[dict[str, Any]], text: str) -> None:
    if text.strip():
        items.append({"type": "text", "text": text.strip()})


def _url(image: str, folder: Path | None) -> str:
    """An image's URL; a file's content as one."""
    if folder is None or image.startswith(("http", "data")):
        return image
    path = folder / image
    kind = _TYPES.get(path.suffix.lower())
    if kind is None:
        raise ValueError(f"{image}: images of prompts are .png, .jpg or .jpeg files")
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
