"""AIMLAPI: ``AimlApi`` and ``AsyncAimlApi``."""

from __future__ import annotations

from ._audio import SpokenText
from ._client import AimlApi, AsyncAimlApi
from ._info import Cost, Trace, cost_of, trace_of
from ._jobs import WaitOptions
from .errors import (
    GenerationCancelledError,
    GenerationError,
    GenerationFailedError,
    GenerationTimeoutError,
)

__all__ = [
    "AimlApi",
    "AsyncAimlApi",
    "Cost",
    "GenerationCancelledError",
    "GenerationError",
    "GenerationFailedError",
    "GenerationTimeoutError",
    "SpokenText",
    "Trace",
    "WaitOptions",
    "cost_of",
    "trace_of",
]
