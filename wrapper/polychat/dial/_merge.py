"""Chunks of a chat, merged into the answer that they make up. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from polychat_rest.model import own
from polychat_rest.shapes import is_array, is_object

if TYPE_CHECKING:
    from polychat_rest.dial.models import ChatCompletionChunk, ChatCompletionResponse

_WHOLE = frozenset(
    {"role", "type", "id", "status", "finish_reason", "state", "form_schema", "form_value"}
)
"""Below a choice, what comes whole: the last one counts. All other texts are pieces."""


def merge_chunks(chunks: Iterable[ChatCompletionChunk]) -> ChatCompletionResponse:
    """The answer that `chunks` are the pieces of, as if it had not been streamed.

    Texts are joined; choices, tool calls, stages and attachments are put together by their
    ``index``, in whatever order they came, as aidial-sdk does it. Raises ValueError where there
    is no chunk.
    """
    from polychat_rest.dial.models import ChatCompletionResponse

    whole: dict[str, Any] = {}
    for chunk in chunks:
        for name, value in chunk.to_dict().items():
            if is_object(value) or is_array(value):
                whole[name] = _merged(whole.get(name), own(value), name)
            elif value is not None or name not in whole:  # a null says nothing of what came before
                whole[name] = value
    if not whole:
        raise ValueError("there are no chunks to merge")
    whole["object"] = "chat.completion"
    for choice in whole.setdefault("choices", []):
        choice["message"] = _unnumbered(choice.pop("delta", {}))
    return ChatCompletionResponse.from_owned(whole)


def _merged(old: Any, new: Any, name: str) -> Any:
    if new is None or old is None:
        return old if new is None else _sorted(new)
    if is_object(old) and is_object(new) and name not in _WHOLE:
        result: dict[str, Any] = dict(old)
        for key, value in new.items():
            result[key] = _merged(result.get(key), value, key)
        return result
    if is_array(old) and is_array(new):
        return _merged_lists(old, new)
    if isinstance(old, str) and isinstance(new, str) and name not in _WHOLE:
        return old + new
    return new


def _sorted(value: Any) -> Any:
    """A first value; lists of numbered objects in their order, however deep."""
    if is_array(value):
        return _merged_lists([], value)
    if is_object(value):
        return {key: _sorted(item) for key, item in value.items()}
    return value


def _merged_lists(old: list[Any], new: list[Any]) -> list[Any]:
    if not all(_numbered(item) for item in [*old, *new]):
        return [*old, *new]
    found = {item["index"]: item for item in old}
    for item in new:
        found[item["index"]] = _merged(found.get(item["index"]), item, "")
    return [found[index] for index in sorted(found)]


def _numbered(item: Any) -> bool:
    return is_object(item) and type(item.get("index")) is int


def _unnumbered(value: Any) -> Any:
    """Without the numbers of list items, which an answer in one piece does not have."""
    if is_array(value):
        return [
            _unnumbered({k: v for k, v in item.items() if k != "index"})
            if is_object(item)
            else _unnumbered(item)
            for item in value
        ]
    if is_object(value):
        return {key: item if key in _WHOLE else _unnumbered(item) for key, item in value.items()}
    return value
