"""What Python's json writes and JSON has not is read too, in plain answers and in streams."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import httpx
import pytest

from polychat import errors
from polychat.dial import AsyncDial, Dial
from polychat_rest import codec

HELLO: Any = [{"role": "user", "content": "Hi"}]
HALF = '"a\\ud83d"'
ODD = [(HALF, "a\ud83d"), ("NaN", math.nan), ("-Infinity", -math.inf)]


@pytest.mark.parametrize(("written", "value"), ODD)
def test_what_python_writes_is_read(written: str, value: Any) -> None:
    assert str(codec.read(f"[{written}]".encode())) == str([value])
    assert str(codec.read(f"[{written}]")) == str([value])


@pytest.mark.parametrize("data", [b"", b"{", b"nul", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(codec.DecodeError):
        codec.read(data)


def body(written: str, name: str) -> str:
    return (
        f'{{"id":"1","object":"x","created":1,"model":"m","score":{written},"choices":'
        f'[{{"index":0,"{name}":{{"role":"assistant","content":{HALF}}},"finish_reason":"stop"}}]}}'
    )


@pytest.mark.parametrize("written", [written for written, _ in ODD])
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_not_lost(written: str, stream: bool) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        if stream:
            text = f"data: {body(written, 'delta')}\n\ndata: [DONE]\n\n"
            return httpx.Response(200, text=text, headers={"content-type": "text/event-stream"})
        return httpx.Response(200, text=body(written, "message"))

    options: dict[str, Any] = {"base_url": "http://x", "api_key": "k"}
    request: Any = {"deployment_name": "m", "messages": HELLO}
    transport = httpx.MockTransport(answer)

    async def main() -> Any:
        async with AsyncDial(**options, transport=transport) as client:
            got: Any = await client.chat.completions.create(**request, stream=stream)
            return (await anext(got)).choices[0].delta if stream else got

    with Dial(**options, transport=transport) as client:
        got: Any = client.chat.completions.create(**request, stream=stream)
        sync = next(got).choices[0].delta if stream else got.choices[0].message
    other = asyncio.run(main())
    other = other if stream else other.choices[0].message
    assert sync.content == other.content == "a\ud83d"


def test_an_event_that_is_no_json_is_an_error() -> None:
    head = {"content-type": "text/event-stream"}
    answer = httpx.Response(200, text="data: {nonsense\n\n", headers=head)
    transport = httpx.MockTransport(lambda _: answer)
    with (
        Dial(base_url="http://x", api_key="k", transport=transport) as client,
        pytest.raises(errors.StreamError, match="cannot be read as JSON"),
    ):
        list(client.chat.completions.create(deployment_name="m", messages=HELLO, stream=True))
