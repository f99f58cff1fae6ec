"""LangChain's models on AIMLAPI. Needs the extra ``langchain``; works with langchain-core 0.3, 1.x.

What `langchain_aimlapi` users have is here under the same names.
"""

from __future__ import annotations

try:
    import langchain_core as _langchain_core  # noqa: F401  # pyright: ignore[reportUnusedImport]
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        f"polychat.integrations.langchain needs {_error.name}: pip install 'polychat[langchain]'",
        name=_error.name,
    ) from _error

from ._connection import AIMLAPI_HEADERS
from .chat_models import ChatAimlapi
from .embeddings import AimlapiEmbeddings
from .llms import AimlapiLLM
from .loading import allow_loading
from .media import AimlapiImageModel, AimlapiVideoModel

__all__ = [
    "AIMLAPI_HEADERS",
    "AimlapiEmbeddings",
    "AimlapiImageModel",
    "AimlapiLLM",
    "AimlapiVideoModel",
    "ChatAimlapi",
    "allow_loading",
]
