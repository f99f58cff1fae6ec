"""aleph-alpha-client, as its users call it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from aleph_alpha_client import AsyncClient as AlephAlpha
from aleph_alpha_client import Client
from aleph_alpha_client.chat import ChatRequest, ChatStreamChunk, Message, Role

from benchmarks.adapters import KEY, QUESTION


def _request(model: str) -> Any:
    return ChatRequest(model=model, messages=[Message(role=Role.User, content=QUESTION)])


class Sync:
    """`aleph_alpha_client.Client`, which has no synchronous chat stream."""

    def __init__(self, url: str) -> None:
        self._client: Any = Client(token=KEY, host=url)

    def chat(self, model: str) -> str:
        text: str = self._client.chat(_request(model), model=model).message.content
        return text

    def close(self) -> None:
        self._client.session.close()


class Async:
    """`aleph_alpha_client.AsyncClient`."""

    def __init__(self, url: str) -> None:
        self._client: Any = AlephAlpha(token=KEY, host=url, limit=1024)

    async def chat(self, model: str) -> str:
        text: str = (await self._client.chat(_request(model), model=model)).message.content
        return text

    async def stream(self, model: str) -> AsyncGenerator[str, None]:
        async for chunk in self._client.chat_with_streaming(_request(model), model=model):
            if isinstance(chunk, ChatStreamChunk):
                yield chunk.content

    async def close(self) -> None:
        await self._client.close()
