"""Traces of calls, by OpenTelemetry's conventions for generative AI. Needs opentelemetry-api.

`AIInferenceInstrumentor` has the interface of ``azure.ai.inference.tracing``. It replaces no
function: clients tell it of their calls while it is on. What goes wrong in a tracer is logged and
never reaches the call, and every span is ended, also those of streams that are broken off.

https://opentelemetry.io/docs/specs/semconv/gen-ai/
"""

from __future__ import annotations

import os

from . import _observe

__all__ = ["AIInferenceInstrumentor"]

RECORDING = "AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED"


class AIInferenceInstrumentor:
    """Turns tracing on and off for all clients of this process.

    Raises `ModuleNotFoundError` where opentelemetry-api is not installed.
    """

    def __init__(self) -> None:
        try:
            from . import _spans
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "tracing needs opentelemetry-api. Install it with: pip install 'polychat[otel]'",
                name=error.name,
            ) from error
        self._spans = _spans

    def instrument(self, enable_content_recording: bool | None = None) -> None:
        """Turns tracing on, or changes whether contents (messages, names and arguments of tools)
        are recorded: as given, else as ``AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED`` says,
        else not."""
        if enable_content_recording is None:
            enable_content_recording = os.environ.get(RECORDING, "").lower() == "true"
        _observe.use(self._spans.Tracer(contents=enable_content_recording))

    def uninstrument(self) -> None:
        """Turns tracing off."""
        _observe.use(None)

    def is_instrumented(self) -> bool:
        """Whether tracing is on."""
        return isinstance(_observe.active, self._spans.Tracer)

    def is_content_recording_enabled(self) -> bool:
        """Whether contents are recorded."""
        active = _observe.active
        return isinstance(active, self._spans.Tracer) and active.contents
