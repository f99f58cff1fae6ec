"""Connections whose tunnels fail are given back, and make room for those that wait."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest

from polychat import errors
from polychat._core.transports import Network, Pool, async_transport, given_proxy, sync_transport
from polychat.dial import AsyncDialClientPool, DialClientPool
from polychat_rest.secret import Secret

from .servers import Peer, serving

TIMEOUT = httpx.Timeout(5)
URL = "https://service.invalid"


def failing(peer: Peer) -> None:
    """A proxy whose tunnels end as soon as something is sent through them."""
    if peer.request() is not None:
        peer.send(b"HTTP/1.1 200 Connected\r\n\r\n")
        peer.sock.recv(65536)


def through(url: str) -> Network:
    """One connection, by way of a proxy."""
    return Network(True, Pool(1, 1), given_proxy(Secret(url)))


def test_threads_that_wait_for_a_failed_tunnel() -> None:
    with serving(failing) as proxy:
        transport = sync_transport(through(proxy.url))
        with httpx.Client(transport=transport, timeout=TIMEOUT) as client:
            ended: list[str] = []

            def ask() -> None:
                with pytest.raises(httpx.TransportError) as caught:
                    client.get(URL)
                ended.append(type(caught.value).__name__)

            threads = [threading.Thread(target=ask) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
        assert ended == ["ConnectError"] * 4


@pytest.mark.parametrize("over", ["httpx", "aiohttp"])
def test_tasks_that_wait_for_a_failed_tunnel(over: str) -> None:
    async def main() -> None:
        transport = async_transport(through(proxy.url), over)
        async with httpx.AsyncClient(transport=transport, timeout=TIMEOUT) as client:
            asked = [client.get(URL) for _ in range(4)]
            ended = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(error).__name__ for error in ended] == ["ConnectError"] * 4

    with serving(failing) as proxy:
        asyncio.run(main())


LIMITS = httpx.Limits(max_connections=1)


@pytest.mark.parametrize("given", [True, False], ids=["given", "of the environment"])
def test_a_pool_of_clients_loses_no_place_to_a_failed_tunnel(
    given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(failing) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        settings = {"proxy": proxy.url} if given else {}
        with DialClientPool(connection_limits=LIMITS, **settings) as pool:
            client = pool.create_client(base_url=URL, api_key="k", max_retries=0, deadline=10)
            for _ in range(3):
                with pytest.raises(errors.APIConnectionError, match="while it was made"):
                    client.deployments.list()

        async def main() -> None:
            async with AsyncDialClientPool(connection_limits=LIMITS, **settings) as pool:
                client = pool.create_client(base_url=URL, api_key="k", max_retries=0, deadline=10)
                for _ in range(3):
                    with pytest.raises(errors.APIConnectionError, match="while it was made"):
                        await client.deployments.list()

        asyncio.run(main())
