"""One typed SDK for LLM platforms.

Clients are in the platform's package: ``from polychat.dial import Dial``. What is common to all
is here: `errors`, `Timeout`, `CallOptions` and `response_of`. Importing ``polychat`` loads
neither httpx nor any platform.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing for it would be most of what this import costs
if TYPE_CHECKING:
    from typing import Any

    from polychat import errors as errors
    from polychat._core.info import ResponseInfo as ResponseInfo
    from polychat._core.info import response_of as response_of
    from polychat._core.options import CallOptions as CallOptions
    from polychat._core.options import Timeout as Timeout
    from polychat._core.stream import AsyncStream as AsyncStream
    from polychat._core.stream import Stream as Stream
    from polychat._core.version import __version__ as __version__

__all__ = [
    "AsyncStream",
    "CallOptions",
    "ResponseInfo",
    "Stream",
    "Timeout",
    "__version__",
    "errors",
    "response_of",
]

_HOMES = {
    "AsyncStream": "_core.stream",
    "CallOptions": "_core.options",
    "ResponseInfo": "_core.info",
    "Stream": "_core.stream",
    "Timeout": "_core.options",
    "__version__": "_core.version",
    "response_of": "_core.info",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "errors":
        return import_module("polychat.errors")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'polychat' has no attribute {name!r}")
    value = getattr(import_module(f"polychat.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
