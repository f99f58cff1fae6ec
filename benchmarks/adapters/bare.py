"""Bare httpx and `json.loads`: what everything else is measured against."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import httpx

from benchmarks.adapters import KEY, MESSAGES

_TIMEOUT = httpx.Timeout(600, connect=5)
_PATH = "/openai/deployments/{}/chat/completions"


def _body(stream: bool) -> dict[str, Any]:
    return {"messages": MESSAGES, "stream": True} if stream else {"messages": MESSAGES}


def _options(url: str) -> dict[str, Any]:
    return {"base_url": url, "headers": {"Api-Key": KEY}, "timeout": _TIMEOUT}


class Sync:
    """`httpx.Client`."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(**_options(url))

    def chat(self, model: str) -> str:
        response = self._http.post(_PATH.format(model), json=_body(False))
        response.raise_for_status()
        text: str = json.loads(response.content)["choices"][0]["message"]["content"]
        return text

    def stream(self, model: str) -> Iterator[str]:
        with self._http.stream("POST", _PATH.format(model), json=_body(True)) as response:
            response.raise_for_status()
            for line in response.iter_lines():
                if line.startswith("data: "):
                    data = line[6:]
                    if data == "[DONE]":
                        break
                    yield json.loads(data)["choices"][0]["delta"].get("content") or ""

    def models(self) -> list[str]:
        response = self._http.get("/v1/models")
        response.raise_for_status()
        return [model["id"] for model in json.loads(response.content)["data"]]

    def download(self, name: str) -> Iterator[bytes]:
        with self._http.stream("GET", f"/v1/files/bench/{name}") as response:
            response.raise_for_status()
            yield from response.iter_bytes()

    def upload(self, name: str, file: Path) -> int:
        with file.open("rb") as content:
            response = self._http.put(f"/v1/files/bench/{name}", files={"file": content})
        response.raise_for_status()
        received: int = response.json()["contentLength"]
        return received

    def close(self) -> None:
        self._http.close()


class Async:
    """`httpx.AsyncClient`, with httpx's default limits unless told otherwise."""

    def __init__(self, url: str, transport: str = "httpx", limits: str = "httpx") -> None:
        options = _options(url)
        if limits == "polychat":
            from benchmarks.adapters.ours import pool_limits

            options["limits"] = pool_limits()
        if transport == "aiohttp":
            from httpx_aiohttp import AiohttpTransport

            options["transport"] = AiohttpTransport()
        self._http = httpx.AsyncClient(**options)

    async def chat(self, model: str) -> str:
        response = await self._http.post(_PATH.format(model), json=_body(False))
        response.raise_for_status()
        text: str = json.loads(response.content)["choices"][0]["message"]["content"]
        return text

    async def stream(self, model: str) -> AsyncGenerator[str, None]:
        path = _PATH.format(model)
        async with self._http.stream("POST", path, json=_body(True)) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    data = line[6:]
                    if data == "[DONE]":
                        break
                    yield json.loads(data)["choices"][0]["delta"].get("content") or ""

    async def download(self, name: str) -> AsyncGenerator[bytes, None]:
        async with self._http.stream("GET", f"/v1/files/bench/{name}") as response:
            response.raise_for_status()
            async for piece in response.aiter_bytes():
                yield piece

    async def upload(self, name: str, file: Path) -> int:
        with file.open("rb") as content:
            response = await self._http.put(f"/v1/files/bench/{name}", files={"file": content})
        response.raise_for_status()
        received: int = response.json()["contentLength"]
        return received

    async def close(self) -> None:
        await self._http.aclose()
