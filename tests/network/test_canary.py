"""A secret in any auth position is shown nowhere and sent nowhere else."""

from __future__ import annotations

import asyncio
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
from tests.network.servers import Peer, RawServer, serving
from tests.network.ways import ASYNC, MAIN, SYNC, Way, chat, close, collect, listed, named

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
        if where == "good" or request.method == "GET" and "bad" not in request.path:
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
            peer.answer(int(where), error, www_authenticate=f"Bearer {CANARY}")
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
        except Exception as error:
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
                except Exception as error:
                    caught.append("listed")
                    check(error)
                try:
                    tuned = client.with_options(**call)
                    assert CANARY not in f"{tuned!r} {tuned.rest.options!r}"
                    await chat(tuned, "401")
                except Exception as error:
                    caught.append("tuned")
                    check(error)
                try:
                    client.with_options(**call, nonsense=1)
                except Exception as error:
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
@pytest.mark.parametrize("way", [*MAIN, SYNC[2], ASYNC[3]], ids=named)
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


def received(server: RawServer) -> str:
    return repr(server.requests)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "stream"])
@pytest.mark.parametrize(
    ("way", "position"),
    [(way, position) for way, position in itertools.product(WAYS[:3], POSITIONS)
     if way.asynchronous or not POSITIONS[position][2]],
    ids=named,
)  # fmt: skip
def test_a_redirect_takes_it_nowhere(way: Way, position: str, method: str, status: int) -> None:
    arguments, call = position_of(position)
    arguments["default_headers"] = {**arguments.get("default_headers", {}), "X-Private": CANARY}

    async def main() -> None:
        with serving(foreign) as second:

            def redirect(peer: Peer) -> None:
                while (request := peer.request()) is not None:
                    path = request.path.partition("?")[0]
                    peer.answer(status, b"", location=f"{second.url}{path}?from=first")

            with serving(redirect) as first:
                query = {"key": CANARY}
                async with way.open(first.url, **arguments) as client:
                    try:
                        if method == "GET":
                            await listed(client, extra_query=query, **call)
                        else:
                            stream = method == "stream"
                            messages = [{"role": "user", "content": CANARY}]
                            answer = await chat(
                                client, "good", stream=stream, messages=messages,
                                extra_query=query, **call,
                            )  # fmt: skip
                            if stream:
                                await collect(answer)
                    except errors.PolychatError as error:
                        assert "redirect" in str(error) or isinstance(error, errors.StreamError | errors.ResponseParseError)
                assert len(first.requests) == 1
                assert CANARY in received(first)
            assert CANARY not in received(second)
            if method == "GET":
                assert len(second.requests) == 1
            assert not any("authorization" in r.headers for r in second.requests)
            assert not any("api-key" in r.headers for r in second.requests)

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


@pytest.mark.parametrize("way", MAIN, ids=named)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_origin_is_followed(way: Way, status: int) -> None:
    def server_of_two_paths(peer: Peer) -> None:
        while (request := peer.request()) is not None:
            if request.path.startswith("/moved"):
                peer.answer()
            else:
                peer.answer(status, b"", location="/moved" + request.path)

    async def main() -> None:
        with serving(server_of_two_paths) as server:
            async with way.open(server.url, api_key=CANARY) as client:
                await listed(client)
                await chat(client, "good")
            first, moved, posted, last = server.requests
            assert {first.headers["api-key"], moved.headers["api-key"]} == {CANARY}
            assert last.headers["api-key"] == CANARY
            kept = status in (307, 308)
            assert (last.method, last.body) == (("POST", posted.body) if kept else ("GET", b""))
            assert ("content-type" in last.headers) == kept

    way.run(main)


@pytest.mark.parametrize("way", MAIN, ids=named)
@pytest.mark.parametrize(
    "location", ["", "ftp://x/y", "file:///etc/passwd", "//", "http://", "http://[::1", "/again",
                 "http://a b/", "javascript:alert(1)"]
)  # fmt: skip
def test_redirects_that_lead_nowhere(way: Way, location: str) -> None:
    def redirect(peer: Peer) -> None:
        while peer.request() is not None:
            peer.answer(307, b"", location=location)

    async def main() -> None:
        with serving(redirect) as server:
            async with way.open(server.url, max_retries=0, timeout=2) as client:
                with pytest.raises(errors.PolychatError) as caught:
                    await listed(client)
                assert caught.value.platform == "dial"
                assert len(server.requests) <= 6

    way.run(main)


def test_clients_with_different_keys_share_nothing_through_one_http_client() -> None:
    import httpx

    def cookies(peer: Peer) -> None:
        while peer.request() is not None:
            peer.answer(set_cookie=f"session={CANARY}")

    async def main() -> None:
        with serving(cookies) as server:
            client = Dial(base_url=server.url, api_key="k")
            for _ in range(2):
                client.deployments.list()
            await close(client)
            for way in (ASYNC[0], ASYNC[1]):
                async with way.open(server.url) as other:
                    await listed(other)
                    await listed(other)
            assert all("cookie" not in r.headers for r in server.requests)
            with httpx.Client() as own:
                Dial(base_url=server.url, api_key="one", http_client=own).deployments.list()
                Dial(base_url=server.url, api_key="two", http_client=own).deployments.list()
            assert [r.headers["api-key"] for r in server.requests[-2:]] == ["one", "two"]

    asyncio.run(main())


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
