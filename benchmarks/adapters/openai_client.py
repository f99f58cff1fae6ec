"""The openai package, as its users call it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator

from openai import AsyncOpenAI, OpenAI

from benchmarks.adapters import KEY, MESSAGES


class Sync:
    """`openai.OpenAI`."""

    def __init__(self, url: str) -> None:
        self._client = OpenAI(base_url=f"{url}/v1", api_key=KEY)

    def chat(self, model: str) -> str:
        answer = self._client.chat.completions.create(model=model, messages=MESSAGES)
        return answer.choices[0].message.content or ""

    def stream(self, model: str) -> Iterator[str]:
        chunks = self._client.chat.completions.create(model=model, messages=MESSAGES, stream=True)
        for chunk in chunks:
            yield chunk.choices[0].delta.content or ""

    def models(self) -> list[str]:
        return [model.id for model in self._client.models.list().data]

    def close(self) -> None:
        self._client.close()


class Async:
    """`openai.AsyncOpenAI`."""

    def __init__(self, url: str) -> None:
        self._client = AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY)

    async def chat(self, model: str) -> str:
        answer = await self._client.chat.completions.create(model=model, messages=MESSAGES)
        return answer.choices[0].message.content or ""

    async def stream(self, model: str) -> AsyncGenerator[str, None]:
        completions = self._client.chat.completions
        async for chunk in await completions.create(model=model, messages=MESSAGES, stream=True):
            yield chunk.choices[0].delta.content or ""

    async def close(self) -> None:
        await self._client.close()
