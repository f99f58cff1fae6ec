"""Every operation of every platform, called with what its types ask for, over a mock transport."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx

import polychat_rest
from polychat.aimlapi import AimlApi, AsyncAimlApi
from polychat.aleph_alpha import AsyncClient as AsyncAlephAlpha
from polychat.aleph_alpha import Client as AlephAlpha
from polychat.azure import AzureKeyCredential, ChatCompletionsClient
from polychat.azure.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from polychat.dial import AsyncDial, Dial
from polychat.emulator.fill import fill
from polychat.emulator.schema import to_json_schema
from polychat_rest.answer import Answer
from polychat_rest.protocol import Operation

URL = "http://service.test"
PLATFORMS = ("aimlapi", "aleph_alpha", "azure", "dial")
ROOMS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "aimlapi": (
        lambda transport: AimlApi(base_url=URL, api_key="k", max_retries=0, transport=transport),
        lambda transport: AsyncAimlApi(
            base_url=URL, api_key="k", max_retries=0, transport=transport
        ),
    ),
    "aleph_alpha": (
        lambda transport: AlephAlpha("t", URL, total_retries=0, transport=transport),
        lambda transport: AsyncAlephAlpha("t", URL, total_retries=0, transport=transport),
    ),
    "azure": (
        lambda transport: ChatCompletionsClient(
            URL, AzureKeyCredential("k"), retry_total=0, transport=transport
        ),
        lambda transport: AsyncChatCompletionsClient(
            URL, AzureKeyCredential("k"), retry_total=0, transport=transport
        ),
    ),
    "dial": (
        lambda transport: Dial(base_url=URL, api_key="k", max_retries=0, transport=transport),
        lambda transport: AsyncDial(base_url=URL, api_key="k", max_retries=0, transport=transport),
    ),
}


@dataclass(frozen=True)
class Case:
    """An operation, and how it is called."""

    platform: str
    name: str
    module: Any

    @property
    def operation(self) -> Operation[Any]:
        found: Operation[Any] = self.module.OPERATION
        return found

    @property
    def answer(self) -> Answer:
        """How a success is read."""
        statuses = [status for status in self.operation.answers if status.startswith("2")]
        return self.operation.answers[statuses[0]]

    @property
    def only_streams(self) -> bool:
        return not hasattr(self.module, "sync")

    def arguments(self) -> dict[str, Any]:
        """The least that the operation takes."""
        given: dict[str, Any] = {}
        for name, parameter in inspect.signature(self.module.build_request).parameters.items():
            if parameter.default is inspect.Parameter.empty:
                given[name] = _value(name, str(parameter.annotation))
        return given

    def right(self) -> Any:
        """A document that the spec promises."""
        document = spec(self.platform)
        for item in document["paths"].values():
            for operation in item.values():
                if operation["operationId"] == self.operation.id:
                    answers = operation["responses"]
                    status = next(each for each in answers if each.startswith("2"))
                    (media,) = answers[status]["content"].values()
                    schema = to_json_schema(media["schema"], document)
                    if ("*",) in self.answer.roots:
                        return {"any": "thing"}
                    return fill({**schema, "components": {"schemas": schemas(self.platform)}}, "0")
        raise LookupError(self.operation.id)


def _value(name: str, annotation: str) -> Any:
    if name != "body":
        return 1 if annotation == "int" else "x"
    if "FileContent" in annotation:
        return b"x"
    return {}


@cache
def spec(platform: str) -> Any:
    """The normalised description that the platform's client was generated from."""
    root = Path(str(polychat_rest.__file__)).parent
    return json.loads((root / platform / "openapi.json").read_text(encoding="utf-8"))


@cache
def schemas(platform: str) -> dict[str, Any]:
    """Its components as JSON schemas."""
    document = spec(platform)
    named = document["components"]["schemas"]
    return {name: to_json_schema(schema, document) for name, schema in named.items()}


@cache
def cases() -> list[Case]:
    """All operations."""
    return [case for platform in PLATFORMS for case in _cases(platform)]


def _cases(platform: str) -> Iterator[Case]:
    api = importlib.import_module(f"polychat_rest.{platform}.api")
    for module in pkgutil.walk_packages(api.__path__, f"{api.__name__}."):
        if not module.ispkg:
            loaded = importlib.import_module(module.name)
            if hasattr(loaded, "OPERATION"):
                yield Case(platform, module.name.removeprefix(f"{api.__name__}."), loaded)


def call(case: Case, way: str, response: Callable[[], httpx.Response]) -> Any:
    """What an operation gives for a response: by the plain client or through ``.rest``, sync or
    async."""
    ANSWERING[:] = [response]
    client = _client(case.platform, way)
    if not way.endswith("async"):
        return case.module.sync(**case.arguments(), client=client)
    return asyncio.run(case.module.asyncio(**case.arguments(), client=client))


ANSWERING: list[Callable[[], httpx.Response]] = []
"""What answers the next call: one client serves all, for most of a call is making it."""


@cache
def _client(platform: str, way: str) -> Any:
    transport = httpx.MockTransport(lambda _: ANSWERING[0]())
    if way.startswith("plain"):
        package = importlib.import_module(f"polychat_rest.{platform}.client")
        return package.Client(URL, httpx_args={"transport": transport})
    return ROOMS[platform][way.endswith("async")](transport).rest


WAYS = ("plain", "plain-async", "rest", "rest-async")
