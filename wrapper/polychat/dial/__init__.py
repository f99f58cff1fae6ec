"""AI DIAL: `Dial`, `AsyncDial`, pools of them, and aidial-client's names beside.

``from polychat.dial import ...`` takes the place of ``from aidial_client import ...``; so do
``polychat.dial._exception``, ``.types`` and ``.helpers``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._exception import (
    DialException,
    EtagMismatchError,
    InvalidDialURLError,
    InvalidDialURLException,
    InvalidRequestError,
    NotDialURLError,
    ParsingDataError,
    ResourceNotFoundError,
)

if TYPE_CHECKING:
    from polychat._core.auth import AsyncAuthValue as AsyncAuthValue
    from polychat._core.auth import SyncAuthValue as SyncAuthValue

    from ._async_client import AsyncDial as AsyncDial
    from ._client import Dial as Dial
    from ._client_pool import AsyncDialClientPool as AsyncDialClientPool
    from ._client_pool import DialClientPool as DialClientPool
    from ._merge import merge_chunks as merge_chunks
    from ._stored import etag_of as etag_of
    from .types.client_channel import SigninResult as SigninResult
    from .types.model import ModelInfo as ModelInfo
    from .types.model import ModelLimits as ModelLimits
    from .types.model import ModelPricing as ModelPricing
    from .types.toolset import ToolsetInfo as ToolsetInfo
    from .types.user import UserInfo as UserInfo

__all__ = [
    "AsyncAuthValue",
    "AsyncDial",
    "AsyncDialClientPool",
    "Dial",
    "DialClientPool",
    "DialException",
    "EtagMismatchError",
    "InvalidDialURLError",
    "InvalidDialURLException",
    "InvalidRequestError",
    "ModelInfo",
    "ModelLimits",
    "ModelPricing",
    "NotDialURLError",
    "ParsingDataError",
    "ResourceNotFoundError",
    "SigninResult",
    "SyncAuthValue",
    "ToolsetInfo",
    "UserInfo",
    "etag_of",
    "merge_chunks",
]

_HOMES = {
    "AsyncAuthValue": "polychat._core.auth",
    "AsyncDial": "._async_client",
    "AsyncDialClientPool": "._client_pool",
    "Dial": "._client",
    "DialClientPool": "._client_pool",
    "ModelInfo": ".types.model",
    "ModelLimits": ".types.model",
    "ModelPricing": ".types.model",
    "SigninResult": ".types.client_channel",
    "SyncAuthValue": "polychat._core.auth",
    "ToolsetInfo": ".types.toolset",
    "UserInfo": ".types.user",
    "etag_of": "._stored",
    "merge_chunks": "._merge",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
