"""Types of tools."""

from __future__ import annotations

from polychat_rest.dial.params import NamedToolChoiceParam as ToolCallSpecParam
from polychat_rest.dial.params import StaticFunctionParam as StaticFunctionParam
from polychat_rest.dial.params import StaticToolParam as StaticToolParam
from polychat_rest.dial.params import ToolCallParam as ToolCallParam
from polychat_rest.dial.params import ToolCustomFieldsParam as ToolCustomFieldsParam
from polychat_rest.dial.params import ToolParam as ToolParam

__all__ = [
    "StaticFunctionParam",
    "StaticToolParam",
    "ToolCallParam",
    "ToolCallSpecParam",
    "ToolCustomFieldsParam",
    "ToolParam",
]
