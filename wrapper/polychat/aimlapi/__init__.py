"""AIMLAPI: ``AimlApi`` and ``AsyncAimlApi``."""

from __future__ import annotations

from ._client import AimlApi, AsyncAimlApi

__all__ = ["AimlApi", "AsyncAimlApi"]
