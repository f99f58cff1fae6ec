"""Types of what is in chat requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Required, TypedDict

from polychat_rest.dial.params import AssistantMessageParam as AssistantMessageParam
from polychat_rest.dial.params import ContentPartAudioParam as MessageContentAudioPartParam
from polychat_rest.dial.params import ContentPartFileParam as MessageContentFilePartParam
from polychat_rest.dial.params import ContentPartImageParam as MessageContentImagePartParam
from polychat_rest.dial.params import ContentPartRefusalParam as MessageContentRefusalPartParam
from polychat_rest.dial.params import ContentPartTextParam as MessageContentTextPartParam
from polychat_rest.dial.params import DeveloperMessageParam as DeveloperMessageParam
from polychat_rest.dial.params import FunctionMessageParam as FunctionMessageParam
from polychat_rest.dial.params import ImageUrlParam as ImageURLParam
from polychat_rest.dial.params import InputAudioParam as InputAudioParam
from polychat_rest.dial.params import InputFileParam as InputFileParam
from polychat_rest.dial.params import MessageCustomFieldsParam as MessageCustomFieldsParam
from polychat_rest.dial.params import RequestAttachmentParam as AttachmentParam
from polychat_rest.dial.params import ResponseFormatJsonObjectParam as ResponseFormatJsonObject
from polychat_rest.dial.params import (
    ResponseFormatJsonSchemaObjectParam as ResponseFormatJsonSchemaObject,
)
from polychat_rest.dial.params import ResponseFormatJsonSchemaParam as ResponseFormatJsonSchema
from polychat_rest.dial.params import ResponseFormatTextParam as ResponseFormatText
from polychat_rest.dial.params import SystemMessageParam as SystemMessageParam
from polychat_rest.dial.params import ToolMessageParam as ToolMessageParam
from polychat_rest.dial.params import UserMessageParam as UserMessageParam

__all__ = [
    "AssistantMessageParam",
    "AttachmentParam",
    "CustomContentParam",
    "DeveloperMessageParam",
    "FunctionMessageParam",
    "ImageURLParam",
    "InputAudioParam",
    "InputFileParam",
    "Message",
    "MessageContentAudioPartParam",
    "MessageContentFilePartParam",
    "MessageContentImagePartParam",
    "MessageContentParam",
    "MessageContentPartParam",
    "MessageContentRefusalPartParam",
    "MessageContentTextPartParam",
    "MessageCustomFieldsParam",
    "ResponseFormat",
    "ResponseFormatJsonObject",
    "ResponseFormatJsonSchema",
    "ResponseFormatJsonSchemaObject",
    "ResponseFormatText",
    "StageParam",
    "SystemMessageParam",
    "ToolMessageParam",
    "UserMessageParam",
]


class StageParam(TypedDict, total=False):
    """A stage of an earlier answer, sent back as history."""

    name: Required[str]
    status: Required[Literal["completed", "failed"]]
    content: str | None
    attachments: Sequence[AttachmentParam] | None


class CustomContentParam(TypedDict, total=False):
    """What a message carries beyond its text; which of it counts depends on its role."""

    stages: Sequence[StageParam] | None
    attachments: Sequence[AttachmentParam] | None
    state: dict[str, Any] | None
    form_value: Any
    form_schema: Any


MessageContentPartParam = (
    MessageContentTextPartParam
    | MessageContentImagePartParam
    | MessageContentFilePartParam
    | MessageContentAudioPartParam
    | MessageContentRefusalPartParam
)
MessageContentParam = str | Sequence[MessageContentPartParam]
Message = (
    SystemMessageParam
    | DeveloperMessageParam
    | UserMessageParam
    | AssistantMessageParam
    | ToolMessageParam
    | FunctionMessageParam
)
ResponseFormat = ResponseFormatText | ResponseFormatJsonObject | ResponseFormatJsonSchema
