"""Types of prompts."""

from __future__ import annotations

from polychat_rest.dial.models import Prompt as Prompt

__all__ = ["Prompt"]
