"""Redirects on the same origin, and those that lead nowhere; cookies are nobody's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import httpx
import pytest

from polychat import errors
from polychat.dial import Dial
from tests.network.servers import Peer, serving
from tests.network.ways import (
    ASYNC,
    EVERY,
    MAIN,
    Way,
    chat,
    close,
    listed,
    named,
)

CANARY = "canary-8b1f7e42"


def server_of_two_paths(status: int) -> Callable[[Peer], None]:
    def serve(peer: Peer) -> None:
        while (request := peer.request()) is not None:
            if request.path.startswith("/moved"):
                peer.answer()
            else:
                peer.answer(status, b"", location="/moved" + request.path)

    return serve


@pytest.mark.parametrize("way", MAIN, ids=named)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_get_follows_a_redirect_on_the_same_origin(way: Way, status: int) -> None:
    async def main() -> None:
        with serving(server_of_two_paths(status)) as server:
            async with way.open(server.url, api_key=CANARY) as client:
                await listed(client)
            assert [r.path.startswith("/moved") for r in server.requests] == [False, True]
            assert {r.headers["api-key"] for r in server.requests} == {CANARY}

    way.run(main)


@pytest.mark.parametrize("way", MAIN, ids=named)
@pytest.mark.parametrize("status", [307, 308])
def test_a_post_is_repeated_where_a_redirect_says_so(way: Way, status: int) -> None:
    async def main() -> None:
        with serving(server_of_two_paths(status)) as server:
            async with way.open(server.url, api_key=CANARY) as client:
                await chat(client, "good")
            first, last = server.requests
            assert (last.method, last.body) == ("POST", first.body)
            assert last.headers["api-key"] == CANARY
            assert last.headers["content-type"] == "application/json"

    way.run(main)


@pytest.mark.parametrize("way", MAIN, ids=named)
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_post_that_was_redirected_was_not_done(way: Way, status: int, stream: bool) -> None:
    async def main() -> None:
        with serving(server_of_two_paths(status)) as server:
            async with way.open(server.url) as client:
                with pytest.raises(errors.APIStatusError, match="POST was not repeated") as caught:
                    await chat(client, "good", stream=stream)
                assert "/moved/openai" in str(caught.value)
                assert caught.value.status == status
                assert caught.value.attempts == 1
            assert len(server.requests) == 1

    way.run(main)


@pytest.mark.parametrize("location", [
    "http://user:secret@127.0.0.1:1/", "//user@127.0.0.1:1/x", "http://:pw@127.0.0.1:1/",
])  # fmt: skip
def test_a_redirect_with_credentials_is_not_followed(location: str) -> None:
    def redirect(peer: Peer) -> None:
        while peer.request() is not None:
            peer.answer(302, b"", location=location)

    with serving(redirect) as server, Dial(base_url=server.url, api_key="k") as client:
        with pytest.raises(errors.APIStatusError, match="redirected"):
            client.deployments.list()
        assert len(server.requests) == 1


def test_no_redirect_leads_from_https_to_http() -> None:
    def moved(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "http://service.test/plain"})

    transport = httpx.MockTransport(moved)
    client = Dial(base_url="https://service.test", api_key="k", transport=transport)
    with client, pytest.raises(errors.APIStatusError, match="from https to http"):
        client.deployments.list()


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


@pytest.mark.parametrize("way", EVERY, ids=named)
@pytest.mark.parametrize("user", ["user:canary@", "canary@", ":canary@", "@", "user%40x:canary@"])
def test_a_user_part_of_a_location_changes_no_credential(way: Way, user: str) -> None:
    """httpx would send it as Basic auth, in the place of the client's own key."""

    def serve(peer: Peer) -> None:
        while (arrived := peer.request()) is not None:
            if arrived.path == "/there":
                peer.answer(body={"object": "list", "data": []})
            else:
                peer.answer(307, b"", location=server.url.replace("://", f"://{user}") + "/there")

    async def main() -> None:
        async with way.open(server.url, max_retries=0) as client:
            with contextlib.suppress(errors.APIStatusError):
                await listed(client)
        for request in server.requests:
            assert "authorization" not in request.headers
            assert request.headers.get("api-key") == "key"

    with serving(serve) as server:
        way.run(main)
