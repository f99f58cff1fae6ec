"""Lists in queries go out as the spec says: repeated, or joined by commas."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from polychat_rest.protocol import Request

from .clients import PLATFORMS, made, use
from .operations import operations


def lists(operation: dict[str, Any]) -> dict[str, bool]:
    """The query parameters that are lists, and whether their values are repeated."""
    return {
        one["name"]: one.get("explode", True)
        for one in operation.get("parameters", [])
        if one["in"] == "query" and one["schema"].get("type") == "array"
    }


@pytest.mark.parametrize("platform", PLATFORMS)
def test_lists_are_sent_as_the_spec_says(platform: str) -> None:
    for module, operation in operations(platform):
        for name, repeated in lists(operation).items():
            request: Request[Any] = Request(module.OPERATION, query={name: ["a", True, 1]})
            texts = ["a", "true", "1"] if repeated else ["a,true,1"]
            assert request.query_items() == [(name, text) for text in texts], module.__name__


def test_there_are_lists_of_both_kinds() -> None:
    found = {
        repeated
        for platform in PLATFORMS
        for _, operation in operations(platform)
        for repeated in lists(operation).values()
    }
    assert found == {True, False}


@pytest.mark.parametrize("colour", ["", "async "])
def test_dial_gets_kinds_of_deployments_as_one_value(colour: str) -> None:
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query)
        return httpx.Response(200, json=[{"id": "m", "object": "model"}])

    client = made(f"{colour}dial", httpx.MockTransport(answer))
    use(client.deployments.list_names(["model", "application"]))
    use(client.deployments.list_names(("model",)))
    use(client.deployments.list_names([]))
    assert asked == [b"type=model%2Capplication", b"type=model", b""]
