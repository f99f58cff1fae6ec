"""Clients: their arguments, the environment, loops, threads, secrets and weight."""

from __future__ import annotations

import asyncio
import gc
import gzip
import inspect
import json
import logging
import subprocess
import sys
import threading
import time
import traceback
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import trio

from polychat import Timeout
from polychat.aleph_alpha import (
    AsyncClient,
    BatchSemanticEmbeddingRequest,
    ChatRequest,
    Client,
    Prompt,
    Role,
    SemanticRepresentation,
    TextMessage,
)
from polychat.aleph_alpha.version import check_api_version, user_agent_headers
from polychat.emulator import Emulator
from polychat.errors import APIStatusError, ConfigurationError
from tests.aleph_alpha.conftest import Both

ASK = ChatRequest("echo", [TextMessage(Role.User, "hello")])
TOKEN = "token-of-a-test"


@pytest.mark.parametrize("name", ["AA_TOKEN", "ALEPH_ALPHA_API_KEY"])
def test_host_and_token_come_from_the_environment(
    both: Both, monkeypatch: pytest.MonkeyPatch, name: str, emulator: Emulator
) -> None:
    monkeypatch.setenv("AA_CLIENT_BASE_URL", both.host)
    monkeypatch.setenv(name, "from-the-environment")
    both.on({"token": None, "host": None}, "chat", ASK)
    assert emulator.requests[0].headers["authorization"] == "Bearer from-the-environment"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"host": None}, "AA_CLIENT_BASE_URL"),
        ({"token": None}, "AA_TOKEN"),
        ({"host": "pharia.example"}, "host='pharia.example'"),
        ({"token": 5}, "token is a"),
        ({"total_retries": -1}, "total_retries"),
        ({"request_timeout_seconds": 0}, "timeout"),
        ({"deadline": -1}, "deadline"),
    ],
)
def test_arguments_that_cannot_work_are_told(
    both: Both, arguments: dict[str, Any], named: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        both.client(**arguments)
    assert named in str(caught.value)


def test_the_arguments_keep_their_places() -> None:
    one = Client("t", "http://h", "aleph-alpha", 7, 3, True, False, ["a"], 5)
    two = AsyncClient("t", "http://h/v1/", 50, "aleph-alpha", 7, 3, True, False, ["a"])
    for client in (one, two):
        assert (client.hosting, client.request_timeout_seconds, client.nice) == (
            "aleph-alpha",
            7,
            True,
        )
        assert client.tags == ["a"]
    assert (one.host, two.host) == ("http://h/", "http://h/v1/")
    with pytest.raises(ConfigurationError, match="pool_size"):
        Client("t", "http://h", pool_size=-1)
    with pytest.raises(ConfigurationError, match="limit"):
        AsyncClient("t", "http://h", limit=-1)


def test_a_path_of_the_host_is_kept(both: Both, emulator: Emulator) -> None:
    both.on({"host": f"{both.host}/v1/"}, "get_version")
    assert emulator.requests[0].path.endswith("/aleph_alpha/v1/version")


def test_limit_bounds_the_connections(emulator: Emulator) -> None:
    with Emulator(latency=0.1) as slow:

        async def calls(limit: int) -> float:
            async with AsyncClient("t", slow.url("aleph_alpha"), limit=limit) as client:
                await client.chat(ASK)
                began = time.monotonic()
                await asyncio.gather(*(client.chat(ASK) for _ in range(6)))
                return time.monotonic() - began

        one_by_one = asyncio.run(calls(1))
        assert one_by_one > 0.55
        assert asyncio.run(calls(0)) < one_by_one / 1.5


def test_concurrency_of_batches_is_bounded(emulator: Emulator) -> None:
    under_way, most = 0, 0

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        document = {"model_version": "1", "embeddings": [[1.0]], "num_tokens_prompt_total": 1}
        return httpx.Response(200, json=document)

    async def embed(at_once: int) -> list[Any]:
        request = BatchSemanticEmbeddingRequest([Prompt("a")] * 9, SemanticRepresentation.Query)
        async with AsyncClient("t", "http://h", transport=httpx.MockTransport(answer)) as client:
            result = await client.batch_semantic_embed(request, "m", at_once, batch_size=1)
        return list(result.embeddings)

    assert len(asyncio.run(embed(3))) == 9
    assert most == 3
    with pytest.raises(ConfigurationError, match="num_concurrent_requests"):
        asyncio.run(embed(0))


@pytest.mark.parametrize("size", [0, 101])
def test_batches_that_no_host_takes_are_refused(both: Both, size: int) -> None:
    request = BatchSemanticEmbeddingRequest([Prompt("a")], SemanticRepresentation.Query)
    with pytest.raises(ValueError, match="batch_size"):
        both("batch_semantic_embed", request, "m", batch_size=size)


def test_the_first_error_of_batches_is_raised_by_itself(host: str) -> None:
    request = BatchSemanticEmbeddingRequest([Prompt("a")] * 5, SemanticRepresentation.Query)

    async def embed() -> None:
        async with AsyncClient("t", host, total_retries=0) as client:
            await client.batch_semantic_embed(request, "missing", 5, batch_size=1)

    with pytest.raises(RuntimeError) as caught:
        asyncio.run(embed())
    assert caught.value.args[0] == 404


def test_an_async_client_lives_outside_a_loop_and_in_several(host: str) -> None:
    client = AsyncClient(TOKEN, host)

    async def use() -> str:
        items = [item async for item in client.chat_with_streaming(ASK)]
        assert items
        return str((await client.chat(ASK)).message.content)

    assert [asyncio.run(use()), asyncio.run(use())] == ["hello", "hello"]
    asyncio.run(client.close())


def test_an_async_client_is_not_for_with(host: str) -> None:
    with pytest.raises(TypeError, match="async with"), AsyncClient(TOKEN, host):
        raise AssertionError


def test_a_sync_client_serves_threads_and_closes(host: str) -> None:
    client = Client(TOKEN, host)
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append(client.chat(ASK).message.content))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["hello"] * 8
    client.close()
    with pytest.raises(ConfigurationError, match="closed"):
        client.chat(ASK)


def test_tokens_may_be_made_anew(both: Both, emulator: Emulator) -> None:
    made = iter(["one", "two"])
    both.on({"token": lambda: next(made)}, "chat", ASK, "fault:status=503,retry-after=0,times=1")
    sent = [request.headers["authorization"] for request in emulator.requests]
    assert sent == ["Bearer one", "Bearer two"]


def test_the_token_shows_nowhere(both: Both) -> None:
    client = both.client()
    assert TOKEN not in f"{client!r} {client.token!r} {vars(client)}"
    assert client.token.reveal() == TOKEN
    with pytest.raises(ConfigurationError) as caught:
        both.client(host="nothing")
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in shown.stack if "wrapper" in frame.filename]
    assert ours
    assert not [frame for frame in ours if TOKEN in str(frame.locals)]


def test_the_token_stays_with_its_host(both: Both, emulator: Emulator) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        return httpx.Response(307, headers={"location": "https://elsewhere.example/"})

    with pytest.raises(APIStatusError, match="another origin"):
        both.answered(away, "chat", ASK)


def test_silence_is_bounded_alike_in_streams_and_plain_answers() -> None:
    for client in (Client("t", "http://h"), AsyncClient("t", "http://h")):
        timeout = client.rest.options.timeout
        assert timeout == Timeout(connect=5, read=305, stream=305, write=305, pool=600)
        assert client.rest.options.max_retries == 8


def test_we_say_who_we_are(client: Client, emulator: Emulator) -> None:
    client.chat(ASK)
    assert emulator.requests[0].headers["user-agent"] == user_agent_headers()["User-Agent"]


class Compressing(BaseHTTPRequestHandler):
    """A host that compresses its answers for those who take that."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        message = {"role": "assistant", "content": "Hi " * 1000}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        body = json.dumps({"choices": [choice]}).encode()
        compressed = "gzip" in self.headers.get("accept-encoding", "")
        assert compressed, "the client does not say that it takes gzip"
        body = gzip.compress(body)
        self.send_response(200)
        for name, value in (("content-type", "application/json"), ("content-encoding", "gzip"),
                            ("content-length", str(len(body)))):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


def test_answers_may_be_compressed() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Compressing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    host = f"http://127.0.0.1:{server.server_port}"

    async def main(transport: str) -> str:
        async with AsyncClient("k", host, transport=transport, total_retries=0) as client:
            return (await client.chat(ASK)).message.content

    try:
        with Client("k", host, total_retries=0) as client:
            assert client.chat(ASK).message.content == "Hi " * 1000
        for transport in ("httpx", "aiohttp"):
            assert asyncio.run(main(transport)) == "Hi " * 1000
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("version", "good"), [
    ("1.19.0", True), ("1.18.9", False), ("0.99", False), ("4.7.0", True), ("1.20", True),
    ("nonsense", False), ("v2.0.0-rc1\n", True),
])  # fmt: skip
def test_old_hosts_are_told(version: str, good: bool) -> None:
    if good:
        check_api_version(version)
        return
    with pytest.raises(RuntimeError, match=r"at least 1\.19\.0"):
        check_api_version(version)


def test_endpoint_functions_go_through_the_client(client: Client) -> None:
    from polychat_rest.aleph_alpha.api.models import model_settings

    listed = model_settings.sync(client=client.rest)
    assert isinstance(listed, list)
    assert listed[0].name == "echo"


def test_attempts_are_logged_without_the_token(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "polychat"):
        client.chat(ASK, "fault:status=503,retry-after=0,times=1")
    assert "chat/completions" in caplog.text
    assert "answered 503" in caplog.text
    assert TOKEN not in caplog.text


def test_the_async_client_runs_under_trio(host: str) -> None:
    request = BatchSemanticEmbeddingRequest([Prompt("a")] * 4, SemanticRepresentation.Query)

    async def use() -> tuple[int, int]:
        async with AsyncClient(TOKEN, host, transport="httpx") as client:
            items = [item async for item in client.chat_with_streaming(ASK)]
            answer = await client.batch_semantic_embed(request, "m", 2, batch_size=1)
        return len(items), len(answer.embeddings)

    assert trio.run(use) == (3, 4)


def test_options_of_a_client_can_be_changed(client: Client) -> None:
    other = client.with_options(max_retries=0, timeout=7)
    assert (other.request_timeout_seconds, client.request_timeout_seconds) == (7, 305)
    assert other.chat(ASK).message.content == "hello"


def test_settings_that_are_set_go_with_the_next_call(both: Both) -> None:
    """As they do in aleph-alpha-client, where they are plain attributes."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"choices": [{"message": {"role": "assistant"}}]})

    client = both.client(transport=httpx.MockTransport(answer))
    client.nice, client.hosting, client.tags = True, "aleph-alpha", ["t"]
    client.request_timeout_seconds = 3
    called = client.chat(ASK)
    if both.colour == "async":
        asyncio.run(called)
    assert (client.nice, client.hosting, client.tags) == (True, "aleph-alpha", ["t"])
    assert client.request_timeout_seconds == 3
    assert sent[0].url.query == b"nice=true"
    assert sent[0].extensions["timeout"]["read"] == 3
    body = json.loads(sent[0].content)
    assert (body["hosting"], body["tags"]) == ("aleph-alpha", ["t"])
    with pytest.raises(ConfigurationError, match="timeout"):
        client.request_timeout_seconds = 0


def test_a_client_that_is_dropped_closes_its_connections() -> None:
    """As code for aleph-alpha-client does, whose client cannot be closed. What is still in use
    stays open: a copy's connections, and those of a stream."""
    with Emulator(interval=0.1) as slow, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        client = Client(TOKEN, slow.url("aleph_alpha"))
        client.chat(ASK)
        client = client.with_options(max_retries=0)
        gc.collect()
        stream = client.chat_with_streaming(ASK)
        del client
        gc.collect()
        assert len(list(stream)) == 3
        del stream
        gc.collect()
    assert not [str(warning.message) for warning in warned]


def test_what_a_client_of_ones_own_decides_is_not_decided_here(both: Both) -> None:
    size = "pool_size" if both.colour == "sync" else "limit"
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    own = httpx.Client() if both.colour == "sync" else httpx.AsyncClient()
    for arguments, named in (
        ({"http_client": own, size: 5}, size),
        ({"http_client": own, "verify_ssl": False}, "verify_ssl"),
        ({"http_client": own, "transport": transport}, "transport"),
        ({"transport": transport, size: 5}, size),
    ):
        with pytest.raises(ConfigurationError, match=named):
            both.client(**arguments)
    both.client(http_client=own, **{size: 10 if size == "pool_size" else 100})
    if isinstance(own, httpx.Client):
        own.close()
    else:
        asyncio.run(own.aclose())


def test_users_and_tokens_have_endpoint_functions() -> None:
    """Each goes through the client: its token, its errors."""
    from polychat_rest.aleph_alpha.api.permissions import post_check_privileges
    from polychat_rest.aleph_alpha.api.tokens import delete_token, new_token, tokens
    from polychat_rest.aleph_alpha.api.users import get_me

    answers = {
        ("GET", "/users/me"): httpx.Response(200, json={"id": 1, "email": "a@b.c"}),
        ("GET", "/users/me/tokens"): httpx.Response(200, json=[{"token_id": 7}]),
        ("POST", "/users/me/tokens"): httpx.Response(200, json={"token": "new"}),
        ("DELETE", "/users/me/tokens/7"): httpx.Response(204),
        ("POST", "/check_privileges"): httpx.Response(200, json=[{"permission": "x"}]),
    }

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        return answers.get((request.method, request.url.path), httpx.Response(404))

    with Client(TOKEN, "http://h", transport=httpx.MockTransport(answer)) as client:
        rest = client.rest
        assert get_me.sync(client=rest).email == "a@b.c"  # type: ignore[union-attr]
        assert len(tokens.sync(client=rest)) == 1  # type: ignore[arg-type]
        assert new_token.sync_detailed(client=rest, body={"description": "x"}).status_code == 200
        assert delete_token.sync_detailed("7", client=rest).status_code == 204
        asked = post_check_privileges.sync_detailed(client=rest, body=[{"permission": "x"}])
        assert asked.status_code == 200
        with pytest.raises(RuntimeError) as caught:
            delete_token.sync_detailed("8", client=rest)
        assert caught.value.args[0] == 404


def test_both_clients_have_the_same_methods() -> None:
    def parameters(kind: type, name: str) -> list[str]:
        return list(inspect.signature(getattr(kind, name)).parameters)

    own = {"close", "aclose"}  # how each is closed
    names = {name for kind in (Client, AsyncClient) for name in dir(kind) if name[0] != "_"} - own
    assert len(names) > 25
    for name in names - {"batch_semantic_embed"}:
        if callable(getattr(Client, name)):
            assert parameters(Client, name) == parameters(AsyncClient, name), name
    at_once = parameters(AsyncClient, "batch_semantic_embed")
    at_once.remove("num_concurrent_requests")  # threads are the user's own
    assert parameters(Client, "batch_semantic_embed") == at_once


LOADED = "import sys; from polychat.aleph_alpha import {}; print(*sys.modules)"


@pytest.mark.parametrize(
    ("names", "absent"),
    [
        ("__doc__", ["typing", "attrs", "msgspec", "httpx", "polychat._core"]),
        ("Client, AsyncClient", ["httpx", "polychat_rest.aleph_alpha", "PIL", "pydantic"]),
        ("ChatRequest, Image, Prompt, JSONSchema, PromptTemplate, CompletionRequest",
         ["httpx", "PIL", "pydantic", "liquid", "tokenizers", "tqdm", "numpy"]),
    ],
)  # fmt: skip
def test_importing_loads_no_more_than_it_must(names: str, absent: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(names)], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "polychat.aleph_alpha" in loaded
    assert not loaded & set(absent)


MISSING = """
import sys
from polychat.aleph_alpha import *
for name in ("PIL", "PIL.Image", "liquid", "tokenizers", "tqdm"):
    sys.modules[name] = None
client = Client("t", "http://127.0.0.1:9")
request = BatchSemanticEmbeddingRequest([Prompt("a")], SemanticRepresentation.Query)
for use in (
    lambda: Image.from_bytes(b"x").dimensions(),
    lambda: PromptTemplate("{{ a }}"),
    lambda: client.tokenizer("m"),
    lambda: client.batch_semantic_embed(request, "m", progress_bar=True),
):
    try:
        use()
    except ValueError as error:
        print(error)
"""


def test_packages_that_are_missing_are_named_before_anything_is_sent() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MISSING], capture_output=True, text=True, check=True
    )
    told = done.stdout.splitlines()
    for line, package in zip(told, ["pillow", "python-liquid", "tokenizers", "tqdm"], strict=True):
        assert f"{package} is not installed" in line
        assert "pip install" in line
