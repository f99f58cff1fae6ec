"""aidial-client, as its users call it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

from aidial_client import AsyncDial, Dial

from benchmarks.adapters import KEY, MESSAGES


class Sync:
    """`aidial_client.Dial`."""

    def __init__(self, url: str) -> None:
        self._client: Any = Dial(base_url=url, api_key=KEY)

    def chat(self, model: str) -> str:
        create = self._client.chat.completions.create
        text: str = create(deployment_name=model, messages=MESSAGES).choices[0].message.content
        return text

    def stream(self, model: str) -> Iterator[str]:
        create = self._client.chat.completions.create
        for chunk in create(deployment_name=model, messages=MESSAGES, stream=True):
            yield chunk.choices[0].delta.content or ""

    def models(self) -> list[str]:
        return [deployment.id for deployment in self._client.deployments.list()]

    def download(self, name: str) -> Iterator[bytes]:
        yield from self._client.files.download(f"files/bench/{name}")

    def upload(self, name: str, file: Path) -> int:
        with file.open("rb") as content:
            metadata = self._client.files.upload(f"files/bench/{name}", content)
        received: int = metadata.content_length
        return received

    def close(self) -> None:
        self._client.close()


class Async:
    """`aidial_client.AsyncDial`."""

    def __init__(self, url: str) -> None:
        self._client: Any = AsyncDial(base_url=url, api_key=KEY)

    async def chat(self, model: str) -> str:
        create = self._client.chat.completions.create
        answer = await create(deployment_name=model, messages=MESSAGES)
        text: str = answer.choices[0].message.content
        return text

    async def stream(self, model: str) -> AsyncGenerator[str, None]:
        create = self._client.chat.completions.create
        async for chunk in await create(deployment_name=model, messages=MESSAGES, stream=True):
            yield chunk.choices[0].delta.content or ""

    async def close(self) -> None:
        await self._client.aclose()
