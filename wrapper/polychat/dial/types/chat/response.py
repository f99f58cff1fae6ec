"""Types of chat answers."""

from __future__ import annotations

from polychat_rest.dial.models import ChatCompletionChunk as ChatCompletionChunk
from polychat_rest.dial.models import ChatCompletionResponse as ChatCompletionResponse
from polychat_rest.dial.models import Choice as Choice
from polychat_rest.dial.models import ChunkChoice as ChoiceDelta
from polychat_rest.dial.models import CompletionTokensDetails as CompletionTokensDetails
from polychat_rest.dial.models import Delta as ChatCompletionMessageDelta
from polychat_rest.dial.models import FunctionCall as FunctionCall
from polychat_rest.dial.models import FunctionCallChunk as FunctionCallDelta
from polychat_rest.dial.models import PromptTokensDetails as PromptTokensDetails
from polychat_rest.dial.models import ResponseAttachment as Attachment
from polychat_rest.dial.models import ResponseCustomContent as CustomContent
from polychat_rest.dial.models import ResponseMessage as ChatCompletionMessage
from polychat_rest.dial.models import ResponseStage as Stage
from polychat_rest.dial.models import Statistics as Statistics
from polychat_rest.dial.models import ToolCall as ChatCompletionMessageToolCall
from polychat_rest.dial.models import ToolCallChunk as ToolCallDelta
from polychat_rest.dial.models import Usage as CompletionUsage
from polychat_rest.dial.models import UsagePerModel as UsagePerModel

__all__ = [
    "Attachment",
    "ChatCompletionChunk",
    "ChatCompletionMessage",
    "ChatCompletionMessageDelta",
    "ChatCompletionMessageToolCall",
    "ChatCompletionResponse",
    "Choice",
    "ChoiceDelta",
    "CompletionTokensDetails",
    "CompletionUsage",
    "CustomContent",
    "FunctionCall",
    "FunctionCallDelta",
    "PromptTokensDetails",
    "Stage",
    "Statistics",
    "ToolCallDelta",
    "UsagePerModel",
]
