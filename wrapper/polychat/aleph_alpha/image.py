"""Pictures in prompts. Pillow is only needed to look into one: `Image.to_image`, `dimensions`."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

from polychat.errors import ConfigurationError

from ._extras import needed
from ._name import PLATFORM
from ._wire import Sendable, many
from .utils import fetch, read

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image as PillowImage

__all__ = ["ControlTokenOverlap", "Cropping", "Image", "ImageControl"]


class ControlTokenOverlap(Enum):
    """What a control does to a token that it covers in part: `Partial` scales its factor by the
    share that is covered, `Complete` applies all of it."""

    Partial = "partial"
    Complete = "complete"

    def to_json(self) -> str:
        """The wire's name."""
        return self.value


@dataclass(frozen=True)
class Cropping:
    """A square of a picture, in pixels."""

    upper_left_x: int
    upper_left_y: int
    size: int


@dataclass(frozen=True)
class ImageControl(Sendable):
    """How much a rectangle of a picture counts; its sides are shares (0 to 1) of the picture's."""

    left: float
    top: float
    width: float
    height: float
    factor: float
    token_overlap: ControlTokenOverlap | None = None

    def to_json(self) -> dict[str, Any]:
        """The JSON object, with the sides in ``rect``."""
        sides = {name: getattr(self, name) for name in _SIDES}
        document: dict[str, Any] = {"rect": sides, "factor": self.factor}
        if self.token_overlap is not None:
            document["token_overlap"] = self.token_overlap.value
        return document

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> ImageControl:
        """The reverse of `to_json`."""
        overlap = json.get("token_overlap")
        return cls(
            **{name: json["rect"][name] for name in _SIDES},
            factor=json["factor"],
            token_overlap=None if overlap is None else ControlTokenOverlap(overlap),
        )


_SIDES = ("left", "top", "width", "height")


@dataclass(frozen=True)
class Image(Sendable):
    """A picture as base64, the part of it that counts, and controls."""

    base_64: str
    cropping: Cropping | None = None
    controls: Sequence[ImageControl] = field(default_factory=list[ImageControl])

    @classmethod
    def from_image_source(
        cls, image_source: str | Path | bytes, controls: Sequence[ImageControl] | None = None
    ) -> Self:
        """From a path, a URL or the file's bytes. Raises TypeError for anything else."""
        if isinstance(image_source, bytes):
            return cls.from_bytes(image_source, controls=controls)
        if isinstance(image_source, str) and "://" in image_source:
            return cls.from_url(image_source, controls)
        if isinstance(image_source, (str, PathLike)):  # pyright: ignore[reportUnnecessaryIsInstance]
            return cls.from_file(image_source, controls)
        raise TypeError(f"an image is a Path, str or bytes, not a {type(image_source).__name__}")

    @classmethod
    def from_bytes(
        cls,
        bytes: bytes,  # its name in aleph-alpha-client
        cropping: Cropping | None = None,
        controls: Sequence[ImageControl] | None = None,
    ) -> Self:
        """From the bytes of a picture file."""
        return cls(base64.b64encode(bytes).decode(), cropping, controls or [])

    @classmethod
    def from_url(cls, url: str, controls: Sequence[ImageControl] | None = None) -> Self:
        """From a URL, fetched at once and without any token. Raises as `utils.fetch`."""
        return cls.from_bytes(fetch(url), None, controls)

    @classmethod
    def from_url_with_cropping(
        cls,
        url: str,
        upper_left_x: int,
        upper_left_y: int,
        crop_size: int,
        controls: Sequence[ImageControl] | None = None,
    ) -> Self:
        """`from_url`, of which only a square of `crop_size` pixels counts."""
        cropping = Cropping(upper_left_x, upper_left_y, crop_size)
        return cls.from_bytes(fetch(url), cropping, controls)

    @classmethod
    def from_file(cls, path: str | Path, controls: Sequence[ImageControl] | None = None) -> Self:
        """From a picture file. Raises OSError."""
        return cls.from_bytes(read(path), None, controls)

    @classmethod
    def from_file_with_cropping(
        cls,
        path: str | Path,
        upper_left_x: int,
        upper_left_y: int,
        crop_size: int,
        controls: Sequence[ImageControl] | None = None,
    ) -> Self:
        """`from_file`, of which only a square of `crop_size` pixels counts."""
        cropping = Cropping(upper_left_x, upper_left_y, crop_size)
        return cls.from_bytes(read(path), cropping, controls)

    def to_json(self) -> dict[str, Any]:
        """The JSON object of an ``image`` item."""
        document: dict[str, Any] = {"type": "image", "data": self.base_64}
        if self.cropping is not None:
            document["x"] = self.cropping.upper_left_x
            document["y"] = self.cropping.upper_left_y
            document["size"] = self.cropping.size
        document["controls"] = [control.to_json() for control in self.controls]
        return document

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Self:
        """The reverse of `to_json`, cropping and controls too."""
        cropped = json.get("size") is not None
        cropping = Cropping(json.get("x", 0), json.get("y", 0), json["size"]) if cropped else None
        controls = many(ImageControl.from_json)(json.get("controls") or [])
        return cls(json["data"], cropping, controls)

    def to_image(self) -> PillowImage:
        """The picture, with Pillow. Raises `ConfigurationError` where that is not installed."""
        from io import BytesIO

        return needed("PIL.Image", "pillow").open(BytesIO(base64.b64decode(self.base_64)))  # type: ignore[no-any-return]

    def dimensions(self) -> tuple[int, int]:
        """Width and height in pixels, before any cropping."""
        image = self.to_image()
        return image.width, image.height

    def data_uri(self) -> str:
        """As chats take it. Raises `ConfigurationError` for a picture with cropping or controls,
        which chats do not have."""
        if self.cropping is not None or self.controls:
            raise ConfigurationError(
                "a picture in a chat can have neither cropping nor controls",
                platform=PLATFORM,
                remedy="Crop it with Pillow first, or use complete()",
            )
        return f"data:{_media_type(self.base_64)};base64,{self.base_64}"


# The first bytes of picture files, as base64 writes them.
_MAGIC = {"iVBOR": "png", "/9j/": "jpeg", "R0lGOD": "gif", "UklGR": "webp", "Qk": "bmp"}


def _media_type(base_64: str) -> str:
    for start, kind in _MAGIC.items():
        if base_64.startswith(start):
            return f"image/{kind}"
    return "application/octet-stream"
