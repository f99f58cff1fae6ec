"""The content of chat messages as it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from polychat.errors import ConfigurationError
from polychat_rest.shapes import is_object

from ._name import PLATFORM

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from .image import Image

    ImageLike: TypeAlias = PillowImage | Image
else:
    ImageLike = Any  # for get_type_hints and pydantic, without importing either


def content_to_json(content: Any) -> str | list[dict[str, Any]]:
    """A message's content: text stays text, lists become parts. No content is sent as no text,
    for the service wants one. Raises `ConfigurationError`."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, (list, tuple)):
        return [_part(item) for item in content]  # pyright: ignore[reportUnknownVariableType]
    raise _wrong(content)


def _part(item: Any) -> dict[str, Any]:
    if isinstance(item, str):
        return {"type": "text", "text": item}
    if hasattr(item, "data_uri"):
        return {"type": "image_url", "image_url": {"url": item.data_uri()}}
    if hasattr(item, "save") and hasattr(item, "mode"):  # Pillow's, without importing it
        return {"type": "image_url", "image_url": {"url": _png(item)}}
    if is_object(item):
        return dict(item)
    raise _wrong(item)


def _png(image: PillowImage) -> str:
    import base64
    from io import BytesIO

    file = BytesIO()
    image.save(file, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _wrong(value: Any) -> ConfigurationError:
    return ConfigurationError(
        f"a {type(value).__name__} cannot be content of a message",
        platform=PLATFORM,
        remedy="Pass text, or a list of texts and images",
    )
