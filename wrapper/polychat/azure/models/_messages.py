"""Messages of a conversation, as they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ._base import Model, part, plain
from ._content import Content, ContentItem
from ._tools import ChatCompletionsToolCall

if TYPE_CHECKING:
    Given = Mapping[str, Any]


class ChatRequestMessage(Model):
    """A message; `role` says which kind."""

    _kinds: ClassVar[dict[str, type[Model]] | None] = {}

    role: str = plain(default=None)

    @classmethod
    def _by(cls) -> str:
        return "role"


class _Said(ChatRequestMessage):
    """A message whose content may be given as the first argument.

    The fields keep the order in which they are given, and a content given in the first place
    comes last: requests are compared byte by byte with those of azure-ai-inference.
    """

    if not TYPE_CHECKING:  # each class has its own signature

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            if len(args) == 1 and isinstance(args[0], (str, list)):
                if kwargs.get("content") is not None:
                    raise ValueError(
                        "content cannot be provided as positional and keyword arguments"
                    )
                kwargs["content"] = args[0]
                args = ()
            super().__init__(*args, **kwargs)


class SystemMessage(_Said, tag=("role", "system")):
    """Instructions for the model."""

    content: str = plain()

    if TYPE_CHECKING:

        def __init__(self, content: str | Given) -> None: ...


class DeveloperMessage(_Said, tag=("role", "developer")):
    """Instructions of the developer, which newer models take in place of a system message."""

    content: str = plain()

    if TYPE_CHECKING:

        def __init__(self, content: str | Given) -> None: ...


class UserMessage(_Said, tag=("role", "user")):
    """What the user says: text, or a list of content items."""

    content: Content = part(lambda: ContentItem)

    if TYPE_CHECKING:

        def __init__(self, content: Content | Given) -> None: ...


class ChatRequestAudioReference(Model):
    """An earlier spoken answer, by its id. Newer than azure-ai-inference 1.0.0b9."""

    id: str = plain()


class AssistantMessage(_Said, tag=("role", "assistant")):
    """What the model said earlier, and the tools it called."""

    content: str | None = plain(default=None)
    tool_calls: list[ChatCompletionsToolCall] | None = part(
        lambda: ChatCompletionsToolCall, default=None
    )
    audio: ChatRequestAudioReference | None = part(lambda: ChatRequestAudioReference, default=None)

    if TYPE_CHECKING:

        def __init__(
            self,
            content: str | Given | None = None,
            *,
            tool_calls: list[ChatCompletionsToolCall] | None = None,
            audio: ChatRequestAudioReference | None = None,
        ) -> None: ...


class ToolMessage(_Said, tag=("role", "tool")):
    """The result of a tool call."""

    content: str | None = plain(default=None)
    tool_call_id: str = plain()

    if TYPE_CHECKING:

        def __init__(
            self, content: str | Given | None = None, *, tool_call_id: str = ...
        ) -> None: ...
