"""polychat, as its users call it: auth, retries and logging are as they come."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

from benchmarks.adapters import KEY, MESSAGES


def pool_limits() -> Any:
    """The limits of polychat's httpx pool, for a bare client that has the same."""
    import httpx

    from polychat._core.transports import KEEPALIVE, MAX_CONNECTIONS

    return httpx.Limits(
        max_connections=MAX_CONNECTIONS,
        max_keepalive_connections=MAX_CONNECTIONS,
        keepalive_expiry=KEEPALIVE,
    )


class Sync:
    """`polychat.dial.Dial`, and `polychat.aimlapi.AimlApi` for the list of models."""

    def __init__(self, url: str) -> None:
        from polychat.dial import Dial

        self._url = url
        self._client = Dial(base_url=url, api_key=KEY)
        self._aimlapi: Any = None

    def chat(self, model: str) -> str:
        create = self._client.chat.completions.create
        return create(deployment_name=model, messages=MESSAGES).choices[0].message.content or ""

    def stream(self, model: str) -> Iterator[str]:
        create = self._client.chat.completions.create
        for chunk in create(deployment_name=model, messages=MESSAGES, stream=True):
            yield chunk.choices[0].delta.content or ""

    def models(self) -> list[str]:
        if self._aimlapi is None:
            from polychat.aimlapi import AimlApi

            self._aimlapi = AimlApi(base_url=self._url, api_key=KEY)
        return [model.id for model in self._aimlapi.models.list()]

    def download(self, name: str) -> Iterator[bytes]:
        from polychat_rest.dial.api.files import download_file

        with download_file.download("bench", name, client=self._client.rest) as pieces:
            yield from pieces

    def upload(self, name: str, file: Path) -> int:
        from polychat_rest.dial.api.files import upload_file
        from polychat_rest.dial.models import FileUpload
        from polychat_rest.dial.types import File

        body = FileUpload(file=File(file))
        return _received(upload_file.sync("bench", name, client=self._client.rest, body=body))

    def close(self) -> None:
        self._client.close()
        if self._aimlapi is not None:
            self._aimlapi.close()


class Async:
    """`polychat.dial.AsyncDial`."""

    def __init__(self, url: str, transport: str | None = None) -> None:
        from polychat.dial import AsyncDial

        self._client = AsyncDial(base_url=url, api_key=KEY, transport=transport)

    async def chat(self, model: str) -> str:
        create = self._client.chat.completions.create
        answer = await create(deployment_name=model, messages=MESSAGES)
        return answer.choices[0].message.content or ""

    async def stream(self, model: str) -> AsyncGenerator[str, None]:
        create = self._client.chat.completions.create
        async for chunk in await create(deployment_name=model, messages=MESSAGES, stream=True):
            yield chunk.choices[0].delta.content or ""

    async def download(self, name: str) -> AsyncGenerator[bytes, None]:
        from polychat_rest.dial.api.files import download_file

        async with await download_file.adownload("bench", name, client=self._client.rest) as pieces:
            async for piece in pieces:
                yield piece

    async def upload(self, name: str, file: Path) -> int:
        from polychat_rest.dial.api.files import upload_file
        from polychat_rest.dial.models import FileUpload
        from polychat_rest.dial.types import File

        body = FileUpload(file=File(file))
        return _received(
            await upload_file.asyncio("bench", name, client=self._client.rest, body=body)
        )

    async def close(self) -> None:
        await self._client.aclose()


def _received(metadata: Any) -> int:
    length: int = metadata.content_length
    return length
