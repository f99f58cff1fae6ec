"""aleph-alpha-client and polychat.aleph_alpha, whose users write the same but for the import."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from importlib import import_module
from typing import Any

from benchmarks.adapters import KEY, QUESTION


class _Names:
    """What a program takes from the package, and the request that it sends."""

    def __init__(self, package: str) -> None:
        self.package = import_module(package)
        self.chat = import_module(f"{package}.chat")

    def request(self, model: str) -> Any:
        message = self.chat.Message(role=self.chat.Role.User, content=QUESTION)
        return self.chat.ChatRequest(model=model, messages=[message])


class Sync:
    """Its ``Client``. That of aleph-alpha-client has no streams, and no ``close``."""

    def __init__(self, url: str, package: str = "aleph_alpha_client") -> None:
        self._names = _Names(package)
        self._client: Any = self._names.package.Client(token=KEY, host=url)

    def chat(self, model: str) -> str:
        text: str = self._client.chat(self._names.request(model), model=model).message.content
        return text

    def close(self) -> None:
        session = getattr(self._client, "session", self._client)
        session.close()


class Async:
    """Its ``AsyncClient``."""

    def __init__(self, url: str, package: str = "aleph_alpha_client", **options: str) -> None:
        self._names = _Names(package)
        client = self._names.package.AsyncClient
        self._client: Any = client(token=KEY, host=url, limit=1024, **options)

    async def chat(self, model: str) -> str:
        answer = await self._client.chat(self._names.request(model), model=model)
        text: str = answer.message.content
        return text

    async def stream(self, model: str) -> AsyncGenerator[str, None]:
        chunk_type = self._names.chat.ChatStreamChunk
        async for chunk in self._client.chat_with_streaming(
            self._names.request(model), model=model
        ):
            if isinstance(chunk, chunk_type):
                yield chunk.content

    async def close(self) -> None:
        await self._client.close()
