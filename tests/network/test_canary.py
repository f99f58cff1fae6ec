"""A secret in any auth position is shown nowhere and sent nowhere else."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import logging
import pickle
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import polychat
import polychat_rest
from polychat import errors
from polychat.aimlapi import AimlApi, AsyncAimlApi
from polychat.dial import AsyncDial, Dial
from tests.network.servers import Peer, serving
from tests.network.ways import ASYNC, MAIN, SYNC, Way, chat, collect, listed, named

CANARY = "canary-8b1f7e42"
OURS = tuple(str(Path(package.__file__ or "").parent) for package in (polychat, polychat_rest))


class Credential:
    def get_token(self, *scopes: str) -> Any:
        return SimpleNamespace(token=CANARY, expires_on=time.time() + 900)


class AsyncCredential:
    async def get_token(self, *scopes: str) -> Any:
        return SimpleNamespace(token=CANARY, expires_on=time.time() + 900)


async def coroutine() -> str:
    return CANARY


# name: (arguments of the client, options of a call, for asynchronous clients only)
POSITIONS: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "api_key": ({"api_key": CANARY}, {}, False),
    "api_key callable": ({"api_key": lambda: CANARY}, {}, False),
    "api_key credential": ({"api_key": Credential()}, {}, False),
    "bearer_token": ({"bearer_token": CANARY}, {}, False),
    "bearer_token callable": ({"bearer_token": lambda: CANARY}, {}, False),
    "bearer_token coroutine": ({"bearer_token": coroutine}, {}, True),
    "bearer_token credential": ({"bearer_token": Credential()}, {}, False),
    "bearer_token async credential": ({"bearer_token": AsyncCredential()}, {}, True),
    "default Authorization": (
        {"api_key": "k", "default_headers": {"Authorization": f"Bearer {CANARY}"}}, {}, False
    ),
    "default X-Api-Key": ({"api_key": "k", "default_headers": {"X-Api-Key": CANARY}}, {}, False),
    "extra Authorization": (
        {"api_key": "k"}, {"extra_headers": {"Authorization": f"Bearer {CANARY}"}}, False
    ),
    "extra Api-Key": ({"api_key": "k"}, {"extra_headers": {"Api-Key": CANARY}}, False),
    "extra Cookie": ({"api_key": "k"}, {"extra_headers": {"Cookie": f"s={CANARY}; a=b"}}, False),
    "extra subscription key": (
        {"api_key": "k"}, {"extra_headers": {"Ocp-Apim-Subscription-Key": CANARY}}, False
    ),
    "extra token": ({"api_key": "k"}, {"extra_headers": {"X-Auth-Token": CANARY}}, False),
}  # fmt: skip
WAYS = [*MAIN, SYNC[2], ASYNC[3]]
REDIRECTED = [
    "api_key", "bearer_token credential", "default Authorization", "extra Api-Key", "extra Cookie",
]  # fmt: skip
CASES = [
    pytest.param(way, position, id=f"{way.name}-{position}")
    for way in WAYS
    for position, (_, _, only_async) in POSITIONS.items()
    if way.asynchronous or not only_async
]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that all loggers say at DEBUG."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def seen(error: BaseException) -> Iterator[str]:
    """All that could be shown of an error: texts, pickle, the locals of our frames."""
    link: BaseException | None = error
    while link is not None:
        yield f"{link!r} {link} {link.args} {link.__dict__}"
        for frame, _ in traceback.walk_tb(link.__traceback__):
            if frame.f_code.co_filename.startswith(OURS):
                yield f"{frame.f_code.co_qualname} {dict(frame.f_locals)!r}"
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    yield "".join(traceback.format_exception(error))
    if isinstance(error, errors.PolychatError):
        yield repr(pickle.dumps(error))


def check(error: BaseException) -> None:
    for text in seen(error):
        assert CANARY not in text


def scene(peer: Peer) -> None:
    """Answers by the deployment's name; most answers repeat the credentials."""
    while (request := peer.request()) is not None:
        echo = json.dumps({k: v for k, v in request.headers.items() if CANARY in v}).replace(
            '"', "'"
        )
        assert "deployment" in request.path
        where = request.path.partition("deployments/")[2].partition("/")[0]
        if where == "good" or request.method == "GET":
            peer.answer()
        elif where == "html":
            peer.answer(body=f"<html>{echo}</html>".encode(), content_type="text/html")
        elif where == "drop":
            return
        elif where == "garbage":
            peer.send(b"HTTP/1.1 banana\r\n\r\n")
            return
        elif where == "event":
            peer.start_stream()
            peer.event("a")
            peer.chunk(b'data: {"error": {"message": %s}}\n\n' % json.dumps(echo).encode())
            peer.gone(2)
            return
        elif where == "cut":
            peer.start_stream()
            peer.event("a")
            return
        elif where.isdigit():
            error = {"error": {"message": f"bad credentials {echo}", "code": "x"}}
            peer.answer(int(where), error)
        else:
            peer.answer(400, {"error": f"{echo}"})


def position_of(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    client, call, _ = POSITIONS[name]
    return {"api_key": None, **client}, dict(call)


@pytest.mark.parametrize(("way", "position"), CASES)
def test_nothing_shows_it(
    way: Way, position: str, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments, call = position_of(position)
    caught: list[str] = []

    async def attempt(client: Any, name: str, **more: Any) -> None:
        try:
            answer = await chat(client, name, max_retries=1, **call, **more)
            if more.get("stream"):
                assert CANARY not in f"{answer!r} {answer.__dict__}"
                await collect(answer)
        except Exception as error:  # noqa: BLE001  # whatever it is, it shows nothing
            caught.append(name)
            check(error)

    async def main() -> None:
        with serving(scene) as server:
            async with way.open(server.url, **arguments) as client:
                assert CANARY not in f"{client!r} {client.__dict__} {client.rest!r}"
                assert CANARY not in f"{client.rest.__dict__} {client.rest.options!r}"
                with contextlib.suppress(TypeError, AttributeError):
                    assert CANARY not in repr(pickle.dumps(client))
                for name in ("good", "401", "404", "503", "html", "drop", "garbage", "other"):
                    await attempt(client, name)
                for name in ("401", "html", "event", "cut"):
                    await attempt(client, name, stream=True)
                await attempt(client, "good", messages="not a list")
                await attempt(client, "..")
                await attempt(client, "good", extra_query={"a": object()}, unknown=object())
                await attempt(client, "good", deadline="soon")
                try:
                    await listed(client, nonsense=1, **call)
                except Exception as error:  # noqa: BLE001  # whatever it is, it shows nothing
                    caught.append("listed")
                    check(error)
                try:
                    tuned = client.with_options(**call)
                    assert CANARY not in f"{tuned!r} {tuned.rest.options!r}"
                    await chat(tuned, "401")
                except Exception as error:  # noqa: BLE001  # whatever it is, it shows nothing
                    caught.append("tuned")
                    check(error)
                try:
                    client.with_options(**call, nonsense=1)
                except Exception as error:  # noqa: BLE001  # whatever it is, it shows nothing
                    caught.append("nonsense")
                    check(error)
            assert any(CANARY in value for r in server.requests for value in r.headers.values())

    way.run(main)
    assert len(caught) >= 16, caught
    assert CANARY not in log.getvalue()
    assert "attempt" in log.getvalue()
    assert CANARY not in "".join(capfd.readouterr())


@pytest.mark.parametrize("cls", [Dial, AsyncDial, AimlApi, AsyncAimlApi])
@pytest.mark.parametrize(
    "wrong", [{"base_url": "nowhere"}, {"timeout": "long"}, {"max_retries": -1}, {"transport": 7},
              {"http_client": object()}, {"deadline": -1}]
)  # fmt: skip
def test_a_client_that_cannot_be_made(cls: Any, wrong: dict[str, Any]) -> None:
    secret = {"api_key": CANARY, "default_headers": {"Authorization": CANARY, "cookie": CANARY}}
    with pytest.raises(errors.ConfigurationError) as caught:
        cls(**{"base_url": "http://x", **secret, **wrong})
    check(caught.value)


@pytest.mark.parametrize("where", ["default_headers", "extra_headers"])
@pytest.mark.parametrize("value", [f"{CANARY}\n", f"{CANARY}\r\nx: y", f"{CANARY}\0", f"{CANARY}ę",
                                   f" {CANARY}", CANARY.encode(), [CANARY], None])  # fmt: skip
@pytest.mark.parametrize("way", MAIN, ids=named)
def test_headers_that_cannot_be_sent(way: Way, where: str, value: Any) -> None:
    headers = {"Authorization": value}

    async def main() -> None:
        with serving(scene) as server:
            with pytest.raises(errors.ConfigurationError, match="authorization") as caught:
                client = {where: headers} if where == "default_headers" else {}
                call = {where: headers} if where == "extra_headers" else {}
                async with way.open(server.url, **client) as made:
                    await chat(made, "good", **call)
            check(caught.value)
            assert caught.value.remedy
            assert server.requests == []

    way.run(main)


@pytest.mark.parametrize("name", ["a b", "a\n", "", "ę", "a:b"])
def test_header_names_that_cannot_be_sent(name: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="header"):
        Dial(base_url="http://x", api_key="k", default_headers={name: "v"})


def foreign(peer: Peer) -> None:
    """The second host, which takes what it gets."""
    while peer.request() is not None:
        peer.answer()


@pytest.mark.parametrize("method", ["GET", "POST", "stream"])
@pytest.mark.parametrize(
    ("way", "position"),
    [(way, position) for way, position in itertools.product(WAYS[:3], REDIRECTED)
     if way.asynchronous or not POSITIONS[position][2]],
    ids=named,
)  # fmt: skip
def test_a_redirect_takes_it_nowhere(way: Way, position: str, method: str) -> None:
    arguments, call = position_of(position)
    arguments["default_headers"] = {**arguments.get("default_headers", {}), "X-Private": CANARY}
    statuses = [301, 302, 303, 307, 308]

    async def ask(client: Any) -> None:
        query = {"key": CANARY}
        if method == "GET":
            await listed(client, extra_query=query, **call)
            return
        stream = method == "stream"
        question = [{"role": "user", "content": CANARY}]
        answer = await chat(
            client, "good", stream=stream, messages=question, extra_query=query, **call
        )
        if stream:
            await collect(answer)

    async def main() -> None:
        with serving(foreign) as second:
            left = iter(statuses)

            def redirect(peer: Peer) -> None:
                while (request := peer.request()) is not None:
                    path = request.path.partition("?")[0]
                    peer.answer(next(left), b"", location=f"{second.url}{path}?from=first")

            with serving(redirect) as first:
                async with way.open(first.url, **arguments) as client:
                    for status in statuses:
                        try:
                            await ask(client)
                        except errors.APIStatusError as error:
                            assert "another origin" in str(error)  # noqa: PT017
                            assert error.status == status  # noqa: PT017
                            assert method != "GET"
                        except (errors.StreamError, errors.ResponseParseError):
                            assert method == "stream"  # the second host answers with no stream
                assert len(first.requests) == len(statuses)
                assert CANARY in repr(first.requests)
            followed = [r for r in second.requests if "from=first" in r.path]
            assert len(followed) == len(second.requests) == (5 if method == "GET" else 0)
            assert CANARY not in repr(followed)
            assert all(r.method == "GET" for r in followed)
            credentials = {"authorization", "api-key", "cookie"}
            assert not any(credentials & r.headers.keys() for r in followed)

    way.run(main)


@pytest.mark.parametrize("way", MAIN, ids=named)
def test_a_redirect_that_carries_it_is_not_followed(way: Way) -> None:
    async def main() -> None:
        with serving(foreign) as second:

            def redirect(peer: Peer) -> None:
                while (request := peer.request()) is not None:
                    peer.answer(307, b"", location=f"{second.url}/?k={request.headers['api-key']}")

            with serving(redirect) as first:
                async with way.open(first.url, api_key=CANARY) as client:
                    with pytest.raises(errors.APIStatusError, match="redirect") as caught:
                        await listed(client)
                    check(caught.value)
            assert second.requests == []

    way.run(main)


def test_the_low_level_client_keeps_it_too() -> None:
    from polychat_rest.client import AuthenticatedClient
    from polychat_rest.dial.api.deployments import get_deployments

    with serving(scene) as server:
        client = AuthenticatedClient(server.url, CANARY)
        assert CANARY not in f"{client!r} {client.__dict__}"
        with client:
            get_deployments.sync(client=client)
        assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
        assert client.with_headers({"a": "b"}).__dict__["_headers"] == {"a": "b"}
        assert client.__dict__["_headers"] == {}
    make: Callable[[], Any] = lambda: AuthenticatedClient("nowhere", CANARY)  # noqa: E731
    with pytest.raises(ValueError, match="scheme") as caught:
        make()
    assert CANARY not in str(caught.value)
