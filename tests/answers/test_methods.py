"""Every method of the facades gives what it was asked for, or an error: never an empty list, None
or an object that says nothing for a body that is no answer."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import httpx
import pytest

from polychat import errors
from polychat.azure import EmbeddingsClient, ImageEmbeddingsClient, ImageGenerationsClient, aio
from tests.answers.methods import DIAL_DONE, LISTS, METHODS, OPEN, Method
from tests.answers.operations import ROOMS
from tests.answers.test_more_bodies import ENVELOPES, HTML, JSON, WORDS

Reply = tuple[bytes, int, str | None]
COLOURS = pytest.mark.parametrize("colour", [0, 1], ids=["sync", "async"])
NAMES = [(room, name) for room, methods in METHODS.items() for name in methods]
methods = pytest.mark.parametrize(("room", "name"), NAMES, ids=["-".join(one) for one in NAMES])
TEXTS = {"get_version", "validate_version"}
REPLYING: list[Reply] = []


def _answer(_: httpx.Request) -> httpx.Response:
    content, status, kind = REPLYING[-1]
    return httpx.Response(
        status, content=content, headers={} if kind is None else {"content-type": kind}
    )


@cache
def client(room: str, colour: int) -> Any:
    return ROOMS[room][colour](httpx.MockTransport(_answer))


def outcome(method: Method, asked: Any, reply: Reply) -> Any:
    """What a method gives for a reply, of either colour, or the error that it raises."""
    REPLYING[:] = [reply]

    async def main() -> Any:
        result = method(asked)
        if hasattr(result, "__aiter__"):
            return [item async for item in result]
        return await result if inspect.isawaitable(result) else result

    try:
        if "Async" in type(asked).__name__ or type(asked).__module__.endswith(".aio"):
            return asyncio.run(main())
        result = method(asked)
        return list(result) if hasattr(result, "__next__") else result
    except errors.PolychatError as error:
        return error


def no_answers(room: str, name: str) -> Iterator[Reply]:
    yield b"", 200, JSON
    yield b"", 204, None
    for content in (b"{}", b"null", b'"text"', b"3", b"true", b"{", HTML):
        if name not in TEXTS or content == HTML:
            yield content, 200, JSON
    yield HTML, 200, "text/html"
    if name not in LISTS | TEXTS:
        yield b"[]", 200, JSON
        yield b'[{"id": "x"}]', 200, JSON
    if (room, name) not in OPEN and name not in TEXTS:
        yield b'{"hello": "world", "items": []}', 200, JSON
    if name in {"deployments.list", "models.list", "toolsets.list", "application.list"}:
        for odd in ("text", {}, 3, True):
            yield json.dumps({"data": odd}).encode(), 200, JSON


def faults(asked: Any, name: str, method: Method, room: str) -> list[str]:
    found: list[str] = []
    for reply in no_answers(room, name):
        error = outcome(method, asked, reply)
        if not (isinstance(error, errors.ResponseParseError) and error.platform == room):
            found.append(f"{reply}: {error!r}")
    for document in ENVELOPES:
        error = outcome(method, asked, (json.dumps(document).encode(), 200, JSON))
        if not (isinstance(error, errors.PolychatError) and WORDS in str(error)):
            found.append(f"{document}: {error!r}")
    return found


@COLOURS
@methods
def test_a_method_gives_an_answer_or_an_error(room: str, name: str, colour: int) -> None:
    assert faults(client(room, colour), name, METHODS[room][name], room) == []


OTHERS: dict[str, tuple[Any, Any, Method]] = {
    "embed": (EmbeddingsClient, aio.EmbeddingsClient, lambda c: c.embed(input=["a"])),
    "embed-images": (ImageEmbeddingsClient, aio.ImageEmbeddingsClient,
                     lambda c: c.embed(input=[{"image": "data:,a"}])),
    "images": (ImageGenerationsClient, aio.ImageGenerationsClient,
               lambda c: c.generate(prompt="p")),
}  # fmt: skip


@COLOURS
@pytest.mark.parametrize("name", OTHERS)
def test_azures_other_clients_too(name: str, colour: int) -> None:
    from polychat.azure import AzureKeyCredential

    *classes, method = OTHERS[name]
    make: Callable[..., Any] = classes[colour]  # type: ignore[assignment]
    transport = httpx.MockTransport(_answer)
    asked = make("https://a.example/models", AzureKeyCredential("k"), transport=transport,
                 retry_total=0)  # fmt: skip
    assert faults(asked, name, method, "azure") == []


@COLOURS
@pytest.mark.parametrize("name", DIAL_DONE)
def test_what_answers_nothing_was_done_or_not(name: str, colour: int) -> None:
    asked = client("dial", colour)
    for reply in ((b"", 200, None), (b"", 204, None), (b'{"done": true}', 200, JSON)):
        assert outcome(DIAL_DONE[name], asked, reply) is None
    for kind in ("text/html", JSON, None):
        error = outcome(DIAL_DONE[name], asked, (HTML, 200, kind))
        assert isinstance(error, errors.ResponseParseError)
    for document in ENVELOPES:
        error = outcome(DIAL_DONE[name], asked, (json.dumps(document).encode(), 200, JSON))
        assert isinstance(error, errors.PolychatError)
        assert WORDS in str(error)


@COLOURS
@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_of_nothing_is_an_answer_where_lists_are_due(name: str, colour: int) -> None:
    room = next(room for room, known in METHODS.items() if name in known)
    assert outcome(METHODS[room][name], client(room, colour), (b"[]", 200, JSON)) == []
