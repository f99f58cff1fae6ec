"""Bad input: the error names the argument and the remedy, and nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from polychat import Timeout, errors
from polychat.aimlapi import AimlApi, AsyncAimlApi
from polychat.dial import AsyncDial, Dial
from polychat_rest.dial.api.files import download_file, upload_file
from polychat_rest.dial.models import FileUpload
from polychat_rest.dial.types import File
from tests.network.servers import Peer, RawServer, polite, serving
from tests.network.ways import MAIN, Way, chat, finished, listed, named

over_main_ways = pytest.mark.parametrize("way", MAIN, ids=named)
over_all_clients = pytest.mark.parametrize("cls", [Dial, AsyncDial, AimlApi, AsyncAimlApi])


@pytest.fixture
def server() -> Iterator[RawServer]:
    """A server that must not be asked."""
    with serving(polite) as server:
        yield server
        assert server.requests == []
        assert server.connections == 0


HALF = "\ud800"
CYCLIC: dict[str, Any] = {"role": "user"}
CYCLIC["content"] = CYCLIC
DEEP: dict[str, Any] = {"role": "user", "content": "x"}
for _ in range(5000):
    DEEP = {"role": "user", "content": [DEEP]}

CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "messages is text": ({"messages": "hi"}, "messages is a str"),
    "messages is bytes": ({"messages": b"hi"}, "messages is a bytes"),
    "messages is one message": ({"messages": {"role": "user"}}, "messages is a dict"),
    "messages is None": ({"messages": None}, "messages is a NoneType"),
    "messages is empty": ({"messages": []}, "messages is empty"),
    "messages is a generator": ({"messages": (m for m in [])}, "messages is a generator"),
    "a message is text": ({"messages": ["hi"]}, r"messages\[0\] is a str"),
    "a message has no role": (
        {"messages": [{"role": "user"}, {"content": "hi"}]}, r"messages\[1\] is a dict"
    ),
    "a role is None": ({"messages": [{"role": None}]}, r"messages\[0\]"),
    "a message is None": ({"messages": [None]}, r"messages\[0\] is a NoneType"),
    "name is empty": ({"name": ""}, "(deployment_name|model)=''"),
    "name is None": ({"name": None}, "(deployment_name|model)=None"),
    "name is a number": ({"name": 7}, "(deployment_name|model)=7"),
    "timeout is text": ({"timeout": "5"}, "timeout is a str"),
    "timeout is a flag": ({"timeout": True}, "timeout"),
    "timeout is zero": ({"timeout": 0}, "timeout=0"),
    "timeout is negative": ({"timeout": -1}, "timeout=-1"),
    "timeout is no number": ({"timeout": float("nan")}, "timeout=nan"),
    "timeout is endless": ({"timeout": float("inf")}, "timeout=inf"),
    "timeout is longer than a socket waits": ({"timeout": 1e10}, "timeout=10000000000.0"),
    "timeout cannot be written": ({"timeout": 10**5000}, "timeout=a number of thousands"),
    "a part of timeout is endless": ({"timeout": Timeout(read=float("inf"))}, "read=inf"),
    "httpx's timeout is endless": ({"timeout": httpx.Timeout(float("inf"))}, "connect=inf"),
    "deadline is endless": ({"deadline": float("inf")}, "deadline=inf"),
    "deadline cannot be written": ({"deadline": 10**5000}, "deadline=a number of thousands"),
    "max_retries cannot be written": ({"max_retries": -(10**5000)}, "max_retries=a number of"),
    "a message contains itself": ({"messages": [CYCLIC]}, "contains itself"),
    "a message is too deep": ({"messages": [DEEP]}, "nested too deeply"),
    "extra_body contains itself": ({"extra_body": {"a": CYCLIC}}, "contains itself"),
    "a tool contains itself": ({"tools": [CYCLIC]}, "contains itself"),
    "a key is a tuple": ({"messages": [{"role": "user", (1, 2): 3}]}, "cannot be (written|sent)"),
    "half a character in a message": (
        {"messages": [{"role": "user", "content": HALF}]}, "cannot be written"
    ),
    "half a character in a query": ({"extra_query": {"a": HALF}}, r"has '.ud800'"),
    "half a character in a query's name": ({"extra_query": {HALF: 1}}, r"has '.ud800'"),
    "half a character in a header": ({"extra_headers": {"a": HALF}}, "'a' has a line break"),
    "timeout is a tuple": ({"timeout": (1, 2)}, "timeout is a tuple"),
    "deadline is text": ({"deadline": "5"}, "deadline='5'"),
    "deadline is zero": ({"deadline": 0}, "deadline=0"),
    "deadline is no number": ({"deadline": float("nan")}, "deadline=nan"),
    "max_retries is negative": ({"max_retries": -1}, "max_retries=-1"),
    "max_retries is a fraction": ({"max_retries": 1.5}, "max_retries=1.5"),
    "max_retries is None": ({"max_retries": None}, "max_retries=None"),
    "extra_headers is a list": ({"extra_headers": [("a", "b")]}, "extra_headers is a list"),
    "extra_query is text": ({"extra_query": "a=b"}, "extra_query is a str"),
    "extra_body is a list": ({"extra_body": [1]}, "extra_body is a list"),
    "a header is a number": ({"extra_headers": {"x": 1}}, "'x' is a int"),
    "the body is no JSON": ({"temperature": object()}, "cannot be written"),
    "the body has a set of objects": ({"stop": {object()}}, "cannot be written"),
}  # fmt: skip


@over_main_ways
@pytest.mark.parametrize("platform", ["dial", "aimlapi"])
@pytest.mark.parametrize("stream", [False, True])
def test_calls(way: Way, platform: str, stream: bool, server: RawServer) -> None:
    async def main() -> None:
        async with way.open(server.url, platform) as client:
            for call, message in CALLS.values():
                arguments = dict(call)
                name = arguments.pop("name", "echo")
                with pytest.raises(errors.ConfigurationError, match=message) as caught:
                    await chat(client, name, stream=stream, **arguments)
                assert caught.value.remedy, message
                assert caught.value.attempts == 0
            for name in ("nonsense", "stream", "Timeout"):
                with pytest.raises((errors.ConfigurationError, TypeError), match=name):
                    await listed(client, **{name: 1})
            with pytest.raises(errors.ConfigurationError, match="extra_body"):
                await listed(client, extra_body={"a": 1})
            with pytest.raises(errors.ConfigurationError, match="nonsense") as caught:
                client.with_options(nonsense=1)
            assert "max_retries" in (caught.value.remedy or "")

    way.run(main)


CLIENTS: dict[str, tuple[dict[str, Any], str]] = {
    "no key": ({"api_key": None}, "api_key"),
    "no scheme": ({"base_url": "dial.example.com"}, "base_url='dial.example.com'"),
    "other scheme": ({"base_url": "ftp://x"}, "base_url='ftp://x'"),
    "scheme only": ({"base_url": "https://"}, "base_url='https://'"),
    "no scheme but a port": ({"base_url": "localhost:8080"}, "base_url='localhost:8080'"),
    "a path": ({"base_url": "/openai"}, "base_url='/openai'"),
    "a query": ({"base_url": "http://x?a=b"}, "base_url='http://x.a=b'"),
    "a fragment": ({"base_url": "http://x#a"}, "base_url"),
    "a bad port": ({"base_url": "http://x:port"}, "base_url is no URL"),
    "half an address": ({"base_url": "http://[::1"}, "base_url"),
    "an empty label": ({"base_url": "http://my..host"}, "base_url='http://my..host'"),
    "a long label": ({"base_url": f"http://{'a' * 64}.x"}, "over 63 characters"),
    "a long name": ({"base_url": "http://" + "a." * 127 + "a"}, "cannot be looked up"),
    "a long label of other letters": ({"base_url": f"http://{'é' * 63}"}, "cannot be looked up"),
    "no letters": ({"base_url": "http://xn--a"}, "cannot be looked up"),
    "a dot": ({"base_url": "http://."}, "cannot be looked up"),
    "a port out of range": ({"base_url": "http://x:65536"}, "base_url is no URL"),
    "a space": ({"base_url": "http://a b"}, "base_url"),
    "a line break": ({"base_url": "http://x\ny"}, "base_url"),
    "a URL of bytes": ({"base_url": b"http://x"}, "base_url"),
    "a number": ({"base_url": 7}, "base_url"),
    "a timeout of text": ({"timeout": "5"}, "timeout is a str"),
    "retries": ({"max_retries": "2"}, "max_retries='2'"),
    "a transport by an unknown name": ({"transport": "carrier pigeon"}, "carrier pigeon"),
    "no transport": ({"transport": 7}, "transport=7"),
    "no client": ({"http_client": "client"}, "http_client is a str"),
    "a CA bundle that is not there": ({"verify": "/not/there.pem"}, "verify"),
    "verify of a number": ({"verify": 7}, "verify"),
}  # fmt: skip


@over_all_clients
@pytest.mark.parametrize("name", CLIENTS)
def test_clients(cls: Any, name: str) -> None:
    wrong, message = CLIENTS[name]
    with pytest.raises(errors.ConfigurationError, match=message) as caught:
        cls(**{"base_url": "http://x", "api_key": "k", **wrong})
    assert caught.value.remedy


@pytest.mark.parametrize("cls", [Dial, AsyncDial])
def test_dial_needs_a_url(cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.ConfigurationError, match="base_url is missing") as caught:
        cls(api_key="k")
    assert "DIAL_URL" in (caught.value.remedy or "")
    monkeypatch.setenv("DIAL_URL", "http://x/")
    assert cls(api_key="k").base_url.rstrip("/") == "http://x"


@over_all_clients
def test_credentials_in_a_url_are_refused_and_not_shown(cls: Any) -> None:
    for user in ("user:canary@x", "canary@x", "u:canary@x:port", ":canary@x"):
        url = f"http://{user}"
        with pytest.raises(errors.ConfigurationError, match="base_url") as caught:
            cls(base_url=url, api_key="k")
        assert "canary" not in str(caught.value)


def test_clients_and_transports_of_the_other_colour() -> None:
    class Mine(httpx.AsyncClient):
        pass

    cases: list[tuple[Any, dict[str, Any]]] = [
        (Dial, {"http_client": httpx.AsyncClient()}),
        (Dial, {"http_client": Mine()}),
        (AsyncDial, {"http_client": httpx.Client()}),
        (Dial, {"transport": httpx.AsyncHTTPTransport()}),
        (AsyncDial, {"transport": httpx.HTTPTransport()}),
        (Dial, {"transport": "aiohttp"}),
        (Dial, {"http_client": httpx.Client(), "transport": httpx.HTTPTransport()}),
    ]
    for cls, wrong in cases:
        with pytest.raises(errors.ConfigurationError, match=r"http_client|transport") as caught:
            cls(base_url="http://x", api_key="k", **wrong)
        assert caught.value.remedy, wrong


def test_timeouts_of_every_kind() -> None:
    assert Timeout.of(3) == Timeout(3, 3, 3, 3, 600)
    assert Timeout.of(30) == Timeout(5.0, 30, 30, 30, 600)
    assert Timeout.of(None) == Timeout(None, None, None, None, None)
    assert Timeout.of(httpx.Timeout(7, connect=1)) == Timeout(1, 7, 7, 7, 7)
    assert Timeout.of(Timeout(stream=1)) == Timeout(stream=1)
    for wrong in ({"read": "1"}, {"stream": 0}, {"connect": -1}, {"pool": float("nan")}):
        with pytest.raises(errors.ConfigurationError, match=next(iter(wrong))):
            Timeout(**wrong)  # type: ignore[arg-type]


async def pieces() -> AsyncIterator[bytes]:
    yield b"a"


@over_main_ways
def test_files(way: Way, server: RawServer, tmp_path: Path) -> None:
    sources: list[tuple[Any, str]] = [
        (tmp_path / "missing", "missing"), (tmp_path, "file"), (None, "file"), (7, "file"),
    ]  # fmt: skip
    if not way.asynchronous:
        sources.append((pieces(), "file"))

    async def main() -> None:
        async with way.open(server.url) as client:
            for source, message in sources:
                with pytest.raises((OSError, TypeError, errors.ConfigurationError), match=message):
                    body = FileUpload(file=File(payload=source))
                    call = upload_file.asyncio if way.asynchronous else upload_file.sync
                    await finished(call("b", "f.txt", client=client.rest, body=body))

    way.run(main)


def test_an_aiohttp_transport_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    from polychat._core import http

    monkeypatch.setattr(http, "has_aiohttp", lambda: False)
    with pytest.raises(errors.ConfigurationError, match="aiohttp") as caught:
        AsyncDial(base_url="http://x", api_key="k", transport="aiohttp")
    assert "polychat[aiohttp]" in (caught.value.remedy or "")

    async def main() -> None:
        with serving(polite) as server:
            async with AsyncDial(base_url=server.url, api_key="k") as client:
                assert (await chat(client)).choices[0].message.content == "ok"

    asyncio.run(main())


@pytest.mark.parametrize(
    "url", ["http://my.host.", "http://[::1]:1", "http://é.example", "http://a_b"]
)
def test_hosts_that_may_be(url: str) -> None:
    assert Dial(base_url=url, api_key="k").base_url.rstrip("/") == url


@over_main_ways
@pytest.mark.parametrize(
    "location", ["http://my..host/x", f"http://{'a' * 64}/x", "http://xn--a/x", "http://x:70000/"]
)
def test_a_redirect_to_no_host_is_a_typed_error(way: Way, location: str) -> None:
    def serve(peer: Peer) -> None:
        while peer.request() is not None:
            peer.answer(307, b"", location=location)

    async def main() -> None:
        async with way.open(server.url, max_retries=0) as client:
            with pytest.raises((errors.APIStatusError, errors.APIConnectionError)) as caught:
                await listed(client)
            assert caught.value.attempts == 1

    with serving(serve) as server:
        way.run(main)


@over_main_ways
@pytest.mark.parametrize("value", [HALF, "é", "a\nb"])
def test_an_operations_own_header_is_checked(way: Way, value: str, server: RawServer) -> None:
    async def main() -> None:
        async with way.open(server.url) as client:
            with pytest.raises(errors.ConfigurationError, match="'if-none-match' has"):
                request = download_file.build_request("b", "x", if_none_match=value)
                rest = client.rest
                await finished((rest.send_async if way.asynchronous else rest.send)(request))

    way.run(main)


def test_a_file_of_half_a_character(server: RawServer) -> None:
    with (
        Dial(base_url=server.url, api_key="k") as client,
        pytest.raises(errors.ConfigurationError, match="cannot be sent; give bytes"),
    ):
        client.files.upload("files/b/x", HALF)


def test_what_contains_itself_is_refused_by_all_rooms(server: RawServer) -> None:
    from polychat.aleph_alpha import ChatRequest, Client
    from polychat.azure import AzureKeyCredential, ChatCompletionsClient

    azure = ChatCompletionsClient(endpoint=server.url, credential=AzureKeyCredential("k"))
    pharia = Client(token="k", host=server.url)
    for message in (CYCLIC, DEEP):
        for stream in (False, True):
            with pytest.raises(errors.ConfigurationError):
                azure.complete(messages=[message], stream=stream)
        with pytest.raises(errors.ConfigurationError, match="contains itself"):
            pharia.chat(ChatRequest(model="m", messages=[message]), model="m")
    azure.close()
    pharia.close()
