"""One module a client library: each does the same work and reads the same fields.

A subject's name is what `run.py` prints. ``httpx`` is the bare baseline; ``polychat-httpx`` and
``polychat-aiohttp`` are the async client over one transport or the other; ``httpx-same-limits``
is bare httpx with the pool limits of ``polychat-httpx``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, cast

KEY = "bench-key"
QUESTION = "What is the capital of France?"
MESSAGES: list[Any] = [{"role": "user", "content": QUESTION}]


class SyncClient(Protocol):
    """What the cases ask of a synchronous client; a library has the methods that it can do."""

    def chat(self, model: str) -> str:
        """The text of a plain answer."""
        ...

    def stream(self, model: str) -> Iterator[str]:
        """The text of each event."""
        ...

    def models(self) -> list[str]:
        """The id of each model or deployment, from typed objects where there are any."""
        ...

    def download(self, name: str) -> Iterator[bytes]: ...
    def upload(self, name: str, file: Path) -> int:
        """How many bytes the service says that it received."""
        ...

    def close(self) -> None: ...


class AsyncClient(Protocol):
    """`SyncClient`, asynchronously."""

    async def chat(self, model: str) -> str: ...
    def stream(self, model: str) -> AsyncGenerator[str, None]: ...
    def download(self, name: str) -> AsyncGenerator[bytes, None]: ...
    async def upload(self, name: str, file: Path) -> int: ...
    async def close(self) -> None: ...


_MODULES: dict[str, tuple[str, str, dict[str, str]]] = {
    # subject: its module here, what must be importable, options
    "httpx": ("bare", "httpx", {}),
    "httpx-same-limits": ("bare", "httpx", {"limits": "polychat"}),
    "httpx-aiohttp": ("bare", "httpx_aiohttp", {"transport": "aiohttp"}),
    "polychat": ("ours", "polychat.dial", {}),
    "polychat-httpx": ("ours", "polychat.dial", {"transport": "httpx"}),
    "polychat-aiohttp": ("ours", "polychat.dial", {"transport": "aiohttp"}),
    "polychat-azure": ("azure_ours", "polychat.azure", {}),
    "openai": ("openai_client", "openai", {}),
    "aidial-client": ("aidial", "aidial_client", {}),
    "azure-ai-inference": ("azure_inference", "azure.ai.inference", {}),
    "aleph-alpha-client": ("aleph_alpha", "aleph_alpha_client", {}),
    "polychat-aleph-alpha": (
        "aleph_alpha",
        "polychat.aleph_alpha",
        {"package": "polychat.aleph_alpha"},
    ),
    "polychat-aleph-alpha-aiohttp": (
        "aleph_alpha",
        "polychat.aleph_alpha",
        {"package": "polychat.aleph_alpha", "transport": "aiohttp"},
    ),
}


def installed(subject: str) -> bool:
    """Whether the library of `subject`, or a package of that name, can be imported here."""
    name = _MODULES[subject][1] if subject in _MODULES else subject.partition(".")[0]
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # not even its parent package is there
        return False


def open_sync(subject: str, url: str) -> SyncClient:
    """The synchronous client of `subject` for the server at `url`."""
    return cast("SyncClient", _adapter(subject).Sync(url, **_MODULES[subject][2]))


def open_async(subject: str, url: str) -> AsyncClient:
    """The asynchronous client of `subject` for the server at `url`."""
    return cast("AsyncClient", _adapter(subject).Async(url, **_MODULES[subject][2]))


def _adapter(subject: str) -> Any:
    return import_module(f"benchmarks.adapters.{_MODULES[subject][0]}")
