"""Haystack's components on AIMLAPI. Needs the extra ``haystack``; works with Haystack 2.22 to 3.x.

Importing this package lets Haystack load saved pipelines with these components, and pipelines that
were saved with ``haystack_integrations``' component of the same name.
"""

from __future__ import annotations

try:
    import haystack as _haystack  # noqa: F401  # pyright: ignore[reportUnusedImport]
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        f"polychat.integrations.haystack needs {_error.name}: pip install 'polychat[haystack]'",
        name=_error.name,
    ) from _error

from ._clients import AIMLAPI_HEADERS
from ._loading import register
from .chat_generator import AIMLAPIChatGenerator
from .embedders import AIMLAPIDocumentEmbedder, AIMLAPITextEmbedder

__all__ = [
    "AIMLAPI_HEADERS",
    "AIMLAPIChatGenerator",
    "AIMLAPIDocumentEmbedder",
    "AIMLAPITextEmbedder",
]

register(AIMLAPIChatGenerator)
