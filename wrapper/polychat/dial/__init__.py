"""AI DIAL: ``Dial`` and ``AsyncDial``."""

from __future__ import annotations

from ._client import AsyncDial, Dial

__all__ = ["AsyncDial", "Dial"]
