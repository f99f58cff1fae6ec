"""Types of chat requests."""

from __future__ import annotations

from typing import Literal

from polychat_rest.dial.params import ChatCompletionRequestParam as ChatCompletionRequest
from polychat_rest.dial.params import (
    ChatCompletionsCustomFieldsParam as ChatCompletionRequestCustomFields,
)
from polychat_rest.dial.params import StreamOptionsParam as StreamOptions

__all__ = [
    "ChatCompletionRequest",
    "ChatCompletionRequestCustomFields",
    "ReasoningEffort",
    "StreamOptions",
]

ReasoningEffort = Literal["none", "minimal", "low", "medium", "high"]
