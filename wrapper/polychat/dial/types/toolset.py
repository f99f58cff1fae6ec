"""Types of toolsets."""

from __future__ import annotations

from polychat_rest.dial.models import Toolset as ToolsetInfo

__all__ = ["ToolsetInfo"]
