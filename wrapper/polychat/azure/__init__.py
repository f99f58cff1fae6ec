"""Azure AI Inference: the clients of azure-ai-inference under their names, on its routes and on
their successor ``/openai/v1``. The async clients are in `polychat.azure.aio`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import aio, exceptions, models, prompts, tracing
    from ._rest import HttpRequest, HttpResponse
    from ._sync import (
        ChatCompletionsClient,
        EmbeddingsClient,
        ImageEmbeddingsClient,
        ImageGenerationsClient,
        load_client,
    )
    from .credentials import AccessToken, AzureKeyCredential

__all__ = [
    "AccessToken",
    "AzureKeyCredential",
    "ChatCompletionsClient",
    "EmbeddingsClient",
    "HttpRequest",
    "HttpResponse",
    "ImageEmbeddingsClient",
    "ImageGenerationsClient",
    "aio",
    "exceptions",
    "load_client",
    "models",
    "prompts",
    "tracing",
]

_HOMES = {
    "AccessToken": "credentials",
    "AzureKeyCredential": "credentials",
    "ChatCompletionsClient": "_sync",
    "EmbeddingsClient": "_sync",
    "HttpRequest": "_rest",
    "HttpResponse": "_rest",
    "ImageEmbeddingsClient": "_sync",
    "ImageGenerationsClient": "_sync",
    "load_client": "_sync",
}
_MODULES = ("aio", "exceptions", "models", "prompts", "tracing")


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
