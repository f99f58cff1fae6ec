"""How a generation (video, music, transcription) that is waited for can end badly.

PolychatError
└── GenerationError                      has `generation_id` and `job`, its last state
    ├── GenerationFailedError            the model failed; nothing more will come
    ├── GenerationTimeoutError (TimeoutError)   not ready in time; it may still become so
    └── GenerationCancelledError         the caller gave up waiting; it may still become ready
"""

from __future__ import annotations

from typing import Any

from polychat.errors import PolychatError

__all__ = [
    "GenerationCancelledError",
    "GenerationError",
    "GenerationFailedError",
    "GenerationTimeoutError",
]


class GenerationError(PolychatError):
    """A generation that did not end with a result. `generation_id` finds it again with ``get``;
    `job` is its last state that was seen, None where there was none."""

    def __init__(
        self,
        message: str,
        *,
        generation_id: str | None = None,
        job: Any = None,
        **common: Any,
    ) -> None:
        super().__init__(message, **common)
        self.generation_id = generation_id
        self.job = job


class GenerationFailedError(GenerationError):
    """The platform says that the generation failed. It is not tried again: it would be billed."""


class GenerationTimeoutError(GenerationError, TimeoutError):
    """The generation was not ready within ``wait_timeout``. It goes on at the platform."""


class GenerationCancelledError(GenerationError):
    """The caller's ``cancel`` event was set. The generation goes on at the platform."""
