"""The clients of all platforms, in both colours, for tests of what they have in common."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from polychat import aimlapi, aleph_alpha, azure, dial
from polychat.azure import aio

PLATFORMS = ("aimlapi", "aleph_alpha", "azure", "dial")
HELLO = [{"role": "user", "content": "x"}]
URL, KEY = "http://127.0.0.1:9", "k"
AZURE = (
    "ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient", "ImageGenerationsClient",
)  # fmt: skip
CLASSES: dict[str, Any] = {
    "aimlapi": aimlapi.AimlApi, "async aimlapi": aimlapi.AsyncAimlApi,
    "aleph_alpha": aleph_alpha.Client, "async aleph_alpha": aleph_alpha.AsyncClient,
    "dial": dial.Dial, "async dial": dial.AsyncDial,
    **{f"azure.{name}": getattr(azure, name) for name in AZURE},
    **{f"async azure.{name}": getattr(aio, name) for name in AZURE},
}  # fmt: skip


def made(client: str, transport: Any) -> Any:
    """A client, by its name in `CLASSES`."""
    cls = CLASSES[client]
    if "azure" in client:
        return cls(URL, azure.AzureKeyCredential(KEY), transport=transport)
    if "aleph_alpha" in client:
        return cls(token=KEY, host=URL, transport=transport)
    return cls(base_url=URL, api_key=KEY, transport=transport)


def use(result: Any, *, whole: bool = False) -> None:
    """Asks for all that a call promises: what it awaits and opens, and the first item of what it
    yields, or all of them."""

    async def begin() -> None:
        found = await result if inspect.isawaitable(result) else result
        if hasattr(found, "__aenter__"):
            found = await found.__aenter__()
        if hasattr(found, "__anext__"):
            async for _ in found:
                if not whole:
                    break

    if inspect.isawaitable(result) or hasattr(result, "__anext__") or hasattr(result, "__aenter__"):
        asyncio.run(begin())
        return
    if hasattr(result, "__enter__"):
        result = result.__enter__()
    if hasattr(result, "__next__"):
        for _ in result:
            if not whole:
                break
