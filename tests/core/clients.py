"""The clients of all platforms, in both colours, for tests of what they have in common."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from polychat import aimlapi, aleph_alpha, azure, dial
from polychat.azure import aio

PLATFORMS = ("aimlapi", "aleph_alpha", "azure", "dial")
HELLO = [{"role": "user", "content": "x"}]
BATCH = aleph_alpha.BatchSemanticEmbeddingRequest(
    [aleph_alpha.Prompt.from_text("x")], aleph_alpha.SemanticRepresentation.Symmetric
)
ASKED = aleph_alpha.ChatRequest([aleph_alpha.Message(aleph_alpha.Role.User, "x")], "m")


class Silent(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends nothing: it counts what it is given."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.headers: list[httpx.Headers] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        self.headers.append(request.headers)
        return httpx.Response(200, json={"bucket": "b"})

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


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


def made(client: str, transport: Any, **more: Any) -> Any:
    """A client, by its name in `CLASSES`."""
    cls = CLASSES[client]
    if "azure" in client:
        return cls(URL, azure.AzureKeyCredential(KEY), transport=transport, **more)
    if "aleph_alpha" in client:
        return cls(token=KEY, host=URL, transport=transport, **more)
    return cls(base_url=URL, api_key=KEY, transport=transport, **more)


def use(result: Any, *, whole: bool = False) -> None:
    """Asks for all that a call promises: what it awaits and opens, and the first item of what it
    yields, or all of them."""
    if any(hasattr(result, name) for name in ("__await__", "__aenter__", "__anext__")):
        asyncio.run(_use_async(result, whole=whole))
    elif hasattr(result, "__enter__"):
        with result as opened:
            if hasattr(opened, "__iter__"):
                next(iter(opened), None) if not whole else list(opened)
    elif hasattr(result, "__next__"):
        next(result, None) if not whole else list(result)


async def _use_async(result: Any, *, whole: bool) -> None:
    if inspect.isawaitable(result):
        await _use_async(await result, whole=whole)
    elif hasattr(result, "__aenter__"):
        async with result as opened:
            if hasattr(opened, "__aiter__"):
                await _items(opened, whole=whole)
    elif hasattr(result, "__anext__"):
        await _items(result, whole=whole)


async def _items(items: Any, *, whole: bool) -> None:
    async for _ in items:
        if not whole:
            break


def parts(name: str, thing: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """A client and its parts, by their paths."""
    yield name, thing
    if depth == 3 or not type(thing).__module__.startswith("polychat."):
        return
    for attribute, value in inspect.getmembers_static(type(thing)):
        if isinstance(value, property) and attribute[0] != "_" and attribute != "rest":
            part = value.fget(thing) if value.fget else None
            if type(part).__module__.startswith("polychat.") and hasattr(part, "_core"):
                yield from parts(f"{name}.{attribute}", part, depth + 1)


def methods(kind: type[Any]) -> list[str]:
    """The public methods of a class that take ``**keywords``."""
    return [
        name
        for name, value in inspect.getmembers(kind, inspect.isfunction)
        if name[0] != "_"
        and inspect.getfullargspec(inspect.unwrap(value)).varkw
        and name not in ("with_options", "from_connection_string")
    ]


TABLE = [
    (client, path.removeprefix(client), method)
    for client in CLASSES
    for path, part in parts(client, made(client, Silent()))
    for method in methods(type(part))
]
SOME: dict[str, Any] = {
    "deployment_name": "d", "messages": HELLO, "input": ["x"], "prompt": "x", "body": {"a": 1},
    "generation_id": "g", "batch_id": "b", "prefix": "p", "id": "m", "deployment_id": "d",
    "app_id": "a", "model_name": "m", "toolset_id": "t", "response_id": "r", "rate": True,
    "inputs": [], "file": b"x", "permissions": ["READ"], "receiver": "r", "channel_id": "c",
    "toolset_ids": ["t"], "answer": {}, "model": "m", "request": ASKED, "audiofile": b"x",
    "resource_types": ["FILE"], "invitation_id": "i", "etag": "e", "name": "n", "ids": ["i"],
    "prompts": {}, "prompt_": {}, "conversation": {}, "application": {}, "toolset": {},
    "publication": {}, "resource": "files", "relative_url": "files/b/x",
}  # fmt: skip


FIELDS: dict[str, dict[str, Any]] = {
    "AimlApi.chat.completions.create": {"model": "m", "messages": HELLO},
    "Dial.chat.completions.create": {"messages": HELLO},
    "Dial.chat.completions.completions.create": {"messages": HELLO},
    "ChatCompletionsClient.complete": {"messages": HELLO},
    "EmbeddingsClient.embed": {"input": ["x"]},
    "ImageEmbeddingsClient.embed": {"input": [{"image": "data:,"}]},
    "ImageGenerationsClient.generate": {"prompt": "x"},
}
"""What a call needs although its signature does not require it."""


def arguments(part: Any, method: Callable[..., Any], folder: str) -> dict[str, Any]:
    """Something for each required argument."""
    kind = getattr(part, "resource_type", "files")
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.default is not parameter.empty or parameter.kind is parameter.VAR_KEYWORD:
            continue
        if name in ("url", "source", "destination"):
            given[name] = f"{kind}/b/x"
        elif name in ("urls", "resources"):
            given[name] = ["files/b/x"]
        elif name == "folder":
            given[name] = folder
        elif name == "request" and method.__name__ == "batch_semantic_embed":
            given[name] = BATCH
        elif name == "request" and "send_request" in method.__name__:
            given[name] = azure.HttpRequest("GET", "/x")
        else:
            given[name] = SOME[name]
    return given


def method_of(client: Any, path: str, name: str, folder: Path) -> tuple[Any, dict[str, Any]]:
    """A method of `TABLE`, and what it needs; `folder` is an empty one."""
    (folder / "a.txt").write_text("x")
    part = client
    for step in path.split(".")[1:]:
        part = getattr(part, step)
    method = getattr(part, name)
    if "skills" in path:
        part = part(url="skills/b/s/files/x" if "files" in path else "skills/b/s")
        method = getattr(part, name)
    needed = FIELDS.get(f"{type(client).__name__.removeprefix('Async')}{path}.{name}", {})
    return method, {**arguments(part, method, str(folder)), **needed}
