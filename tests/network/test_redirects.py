"""Redirects on the same origin, and those that lead nowhere; cookies are nobody's."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from polychat import errors
from polychat.dial import Dial
from tests.network.servers import Peer, serving
from tests.network.ways import (
    ASYNC,
    MAIN,
    Way,
    chat,
    close,
    listed,
    named,
)

CANARY = "canary-8b1f7e42"


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
