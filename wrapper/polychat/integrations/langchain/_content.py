"""Message content as AIMLAPI takes it: LangChain's standard blocks of both versions, OpenAI's parts
as they are, and Anthropic's pictures and documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polychat.errors import UnsupportedFeatureError
from polychat_rest.shapes import is_object

_AS_THEY_ARE = {"image_url", "input_audio", "video_url"}
_NO_CONTENT = {"tool_call", "tool_use", "invalid_tool_call", "tool_call_chunk", "reasoning",
               "thinking", "redacted_thinking", "function_call"}  # fmt: skip
"""Blocks of an answer that say again what the message has elsewhere, or that are not sent back."""

Part = dict[str, Any]


def parts_of(content: Any) -> list[Part]:
    """The parts of a message's content. Raises `UnsupportedFeatureError` for what AIMLAPI has no
    part for."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    parts: list[Part] = []
    for block in content:
        if isinstance(block, str):
            parts.append({"type": "text", "text": block})
        elif block.get("type") not in _NO_CONTENT:
            parts.append(_part(block))
    return parts


def text_or_parts(parts: list[Part]) -> str | list[Part]:
    """The shortest form of parts: all models take plain text."""
    if all(part.keys() == {"type", "text"} for part in parts) and len(parts) <= 1:
        return "".join(part["text"] for part in parts)
    return parts


def is_text(part: Part) -> bool:
    """Whether a part may stand where only text may."""
    return bool(part["type"] == "text")


def _part(block: Mapping[str, Any]) -> Part:
    kind = block.get("type")
    if kind == "text":
        return _with_cache({"type": "text", "text": block.get("text") or ""}, block)
    if kind == "text-plain":
        return {"type": "text", "text": block.get("text") or ""}
    if kind == "image_url":
        link = block["image_url"]
        link = {"url": link} if isinstance(link, str) else dict(link)
        return _with_cache({"type": "image_url", "image_url": link}, block)
    if kind in _AS_THEY_ARE or (kind == "file" and "file" in block):
        return dict(block)
    if kind == "document":
        return dict(block)
    converter = _CONVERTERS.get(str(kind))
    if converter is None:
        raise UnsupportedFeatureError(
            f"a content block of type {kind!r} cannot be sent",
            platform="aimlapi",
            remedy="Send text, image, audio, video or file blocks",
        )
    url, data, mime = _source(block)
    return _with_cache(converter(block, url, data, mime), block)


def _with_cache(part: Part, block: Mapping[str, Any]) -> Part:
    control = block.get("cache_control")
    return part if control is None else {**part, "cache_control": control}


def _source(block: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    """Link, base64 and media type of a block, in the shapes of langchain-core 1.x
    (``url``/``base64``), 0.3 (``source_type``) and Anthropic (``source``)."""
    source: Any = block.get("source")
    if is_object(source):
        return source.get("url"), source.get("data"), source.get("media_type")
    data = block.get("base64") or block.get("data")
    return block.get("url"), data, block.get("mime_type")


def _image(block: Mapping[str, Any], url: str | None, data: str | None, mime: str | None) -> Part:
    link = url or _data_uri(block, data, mime or "image/jpeg")
    return {"type": "image_url", "image_url": {"url": link}}


def _video(block: Mapping[str, Any], url: str | None, data: str | None, mime: str | None) -> Part:
    return {
        "type": "video_url",
        "video_url": {"url": url or _data_uri(block, data, mime or "video/mp4")},
    }


def _audio(block: Mapping[str, Any], url: str | None, data: str | None, mime: str | None) -> Part:
    if data is None:
        raise UnsupportedFeatureError(
            "sound can be sent in base64 only, not as a link" if url else "the sound is missing",
            platform="aimlapi",
            remedy="Pass base64=... with mime_type='audio/wav' or 'audio/mpeg'",
        )
    subtype = (mime or "audio/wav").rpartition("/")[2].removeprefix("x-")
    name = {"mpeg": "mp3", "wave": "wav"}.get(subtype, subtype)
    return {"type": "input_audio", "input_audio": {"data": data, "format": name}}


def _file(block: Mapping[str, Any], url: str | None, data: str | None, mime: str | None) -> Part:
    if url is not None and data is None:
        return {"type": "document", "source": {"type": "url", "url": url}}
    extras: Any = block.get("extras") or block.get("metadata") or {}
    name = (
        block.get("filename") or block.get("name") or extras.get("filename") or extras.get("name")
    )
    file = {"file_data": _data_uri(block, data, mime or "application/pdf")}
    return {"type": "file", "file": {"filename": str(name or "document.pdf"), **file}}


def _data_uri(block: Mapping[str, Any], data: str | None, mime: str) -> str:
    if data is None:
        raise UnsupportedFeatureError(
            f"a block of type {block.get('type')!r} has neither a link nor base64 data",
            platform="aimlapi",
            remedy="Pass url=... or base64=... with mime_type=...; AIMLAPI keeps no files by id",
        )
    return f"data:{mime};base64,{data}"


_CONVERTERS = {"image": _image, "video": _video, "audio": _audio, "file": _file}
