"""Proxies and certificates mean the same over every transport, and no password of one is shown."""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import logging
import os
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from polychat import errors
from polychat._core.tls import tls_context
from polychat.aimlapi import AimlApi, AsyncAimlApi
from polychat.aleph_alpha import AsyncClient, Client
from polychat.azure import AzureKeyCredential, ChatCompletionsClient
from polychat.azure.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from polychat.dial import AsyncDial, Dial, DialClientPool

from .servers import Peer, RawServer, polite, serving
from .ways import MAIN, Way, chat, named

over_main_ways = pytest.mark.parametrize("way", MAIN, ids=named)
PASSWORD = "canary-of-a-proxy"
BASIC = f"Basic {base64.b64encode(f'me:{PASSWORD}'.encode()).decode()}"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith(("SSL_CERT", "REQUESTS_CA", "CURL_")):
            monkeypatch.delenv(name)
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


def forward(peer: Peer) -> None:
    """A proxy that answers plain requests itself and tunnels the others."""
    while (request := peer.request()) is not None:
        if request.method != "CONNECT":
            peer.answer()
            continue
        host, _, port = request.path.rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port))) as there:
            peer.send(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_pump, args=(there, peer.sock), daemon=True)
            back.start()
            _pump(peer.sock, there)
            back.join()
        return


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def over_tls(authority: trustme.CA, *, name: str = "localhost") -> Iterator[tuple[str, RawServer]]:
    """A service that speaks TLS, by a tunnel into a plain one; its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)

    def handle(peer: Peer) -> None:
        with (
            contextlib.suppress(OSError),
            context.wrap_socket(peer.sock, server_side=True) as peer.sock,
        ):
            polite(peer)

    with serving(handle) as server:
        yield server.url.replace("http://127.0.0.1", "https://localhost"), server


@over_main_ways
@pytest.mark.parametrize("given", ["ALL_PROXY", "http_proxy", "argument"])
def test_a_plain_request_through_a_proxy(
    way: Way, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        with serving(polite) as direct, serving(forward) as proxy:
            url = proxy.url.replace("//", f"//me:{PASSWORD}@")
            options = {"proxy": url} if given == "argument" else {}
            if given != "argument":
                monkeypatch.setenv(given, url)
            async with way.open(direct.url, **options) as client:
                await chat(client)
                await chat(client)
            assert not direct.requests
            for request in proxy.requests:
                assert request.path.startswith(direct.url)
                assert request.headers["proxy-authorization"] == BASIC
            assert proxy.connections == 1

    way.run(main)


@over_main_ways
def test_a_tunnel_through_a_proxy(way: Way, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")

    async def main() -> None:
        with over_tls(authority) as (url, service), serving(forward) as proxy:
            through = proxy.url.replace("//", f"//me:{PASSWORD}@")
            async with way.open(url, proxy=through, verify=str(tmp_path / "ca.pem")) as client:
                await chat(client)
                await chat(client)
            assert [request.method for request in proxy.requests] == ["CONNECT"]
            assert proxy.requests[0].headers["proxy-authorization"] == BASIC
            assert "api-key" not in proxy.requests[0].headers
            for request in service.requests:
                assert request.headers["api-key"] == "key"
                assert "proxy-authorization" not in request.headers

    way.run(main)


@over_main_ways
def test_no_proxy_with_a_port_and_a_network(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        with serving(polite) as direct, serving(forward) as proxy:
            port = direct.url.rpartition(":")[2]
            monkeypatch.setenv("ALL_PROXY", proxy.url)
            for entry in (f"127.0.0.1:{port}", "127.0.0.0/8"):
                monkeypatch.setenv("NO_PROXY", entry)
                async with way.open(direct.url) as client:
                    await chat(client)
            assert not proxy.requests
            async with way.open(direct.url, proxy=proxy.url) as client:  # an argument comes first
                await chat(client)
            assert len(direct.requests) == 2
            assert len(proxy.requests) == 1

    way.run(main)


def refusing(peer: Peer) -> None:
    peer.request()
    peer.answer(407, b"", proxy_authenticate="Basic")


@over_main_ways
@pytest.mark.parametrize("fault", ["refuses", "is not there", "is silent", "is no proxy"])
def test_a_proxy_that(
    way: Way, fault: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle: Callable[[Peer], Any] = {
        "refuses": refusing,
        "is silent": lambda peer: (peer.request(), peer.gone(5)),
        "is no proxy": lambda peer: (peer.request(), peer.send(b"SSH-2.0\r\n\r\n")),
    }.get(fault, polite)
    kind = errors.APITimeoutError if fault == "is silent" else errors.APIConnectionError

    async def main() -> None:
        with serving(handle) as proxy:
            url = "http://127.0.0.1:1" if fault == "is not there" else proxy.url
            monkeypatch.setenv("HTTPS_PROXY", url.replace("//", f"//me:{PASSWORD}@"))
            async with way.open("https://127.0.0.1:1", timeout=0.5, max_retries=0) as client:
                with pytest.raises(kind) as caught:
                    await chat(client)
        if fault == "refuses":
            assert "407" in str(caught.value)
        trace = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        shown = "".join(trace.format()) + repr(caught.value) + caplog.text
        assert PASSWORD not in shown
        assert BASIC not in shown

    caplog.set_level(logging.DEBUG)
    way.run(main)


@over_main_ways
def test_socks_without_its_package(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "socksio" else found(name, *a)
    )
    monkeypatch.setenv("ALL_PROXY", f"socks5://me:{PASSWORD}@127.0.0.1:1")

    async def main() -> None:
        async with way.open("http://localhost:1") as client:
            with pytest.raises(errors.ConfigurationError, match="socksio") as caught:
                await chat(client)
            assert "httpx[socks]" in (caught.value.remedy or "")
            assert PASSWORD not in str(caught.value)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with serving(polite) as direct:
            async with way.open(direct.url) as client:
                await chat(client)  # no proxy, no package

    way.run(main)


EVERYONE: list[Callable[..., Any]] = [
    lambda **more: Dial(base_url="http://h", api_key="k", **more),
    lambda **more: AsyncDial(base_url="http://h", api_key="k", **more),
    lambda **more: AimlApi(api_key="k", **more),
    lambda **more: AsyncAimlApi(api_key="k", **more),
    lambda **more: Client("t", "http://h", **more),
    lambda **more: AsyncClient("t", "http://h", **more),
    lambda **more: ChatCompletionsClient("http://h/models", AzureKeyCredential("k"), **more),
    lambda **more: AsyncChatCompletionsClient("http://h/models", AzureKeyCredential("k"), **more),
]


@pytest.mark.parametrize("make", EVERYONE)
def test_every_client_takes_a_proxy(make: Callable[..., Any]) -> None:
    client = make(proxy=f"http://me:{PASSWORD}@h:1")
    network = client.rest.http._network
    assert network.proxy.url == "http://h:1"
    assert network.proxies().https.user == "me"
    assert PASSWORD not in repr(vars(client)) + repr(network)
    for wrong in (f"ftp://me:{PASSWORD}@h", f"http://me:{PASSWORD}@", 7):
        with pytest.raises(errors.ConfigurationError, match="proxy") as caught:
            make(proxy=wrong)
        trace = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        frames = [str(line) for line in trace.format() if __file__ not in line]
        assert PASSWORD not in "".join(frames)


def test_a_proxy_beside_what_has_its_own() -> None:
    import httpx

    own = httpx.Client()
    for more in ({"http_client": own}, {"transport": httpx.HTTPTransport()}):
        with pytest.raises(errors.ConfigurationError, match="proxy"):
            Dial(base_url="http://h", api_key="k", proxy="http://p", **more)
    with DialClientPool() as pool, pytest.raises(errors.ConfigurationError, match="proxy"):
        pool.create_client(base_url="http://h", api_key="k", proxy="http://p")
    own.close()


@over_main_ways
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_authorities_of_the_environment(
    way: Way, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv(variable, str(tmp_path / "ca.pem"))

    async def main() -> None:
        with over_tls(authority) as (url, _):
            async with way.open(url) as client:
                await chat(client)

    way.run(main)


@over_main_ways
def test_authorities_that_are_not_there(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")

    async def main() -> None:
        with over_tls(trustme.CA()) as (url, _):
            async with way.open(url) as client:
                with pytest.raises(errors.ConfigurationError, match="SSL_CERT_FILE"):
                    await chat(client)

    way.run(main)


@over_main_ways
@pytest.mark.parametrize("name", ["localhost", "example.com"])
def test_a_certificate_that_does_not_verify_is_not_tried_again(way: Way, name: str) -> None:
    authority = trustme.CA()

    async def main() -> None:
        with over_tls(authority, name=name) as (url, service):
            async with way.open(url, max_retries=2) as client:
                with pytest.raises(errors.APIConnectionError, match="CERTIFICATE") as caught:
                    await chat(client)
            assert caught.value.attempts == 1
            assert service.connections == 1
            assert "verify=" in (caught.value.remedy or "")

    way.run(main)


@over_main_ways
@pytest.mark.parametrize("host", ["nowhere.invalid", "my-host.invalid"])
def test_a_name_that_does_not_resolve_is_not_tried_again(way: Way, host: str) -> None:
    async def main() -> None:
        async with way.open(f"http://{host}", max_retries=2) as client:
            with pytest.raises(errors.APIConnectionError) as caught:
                await chat(client)
        assert caught.value.attempts == 1
        assert "base_url" in (caught.value.remedy or "")

    way.run(main)


@over_main_ways
def test_tls_on_a_plain_port(way: Way) -> None:
    def plain(peer: Peer) -> None:
        peer.sock.recv(100)
        peer.answer(400)

    async def main() -> None:
        with serving(plain) as server:
            url = server.url.replace("http://", "https://")
            async with way.open(url, max_retries=0) as client:
                with pytest.raises(errors.APIConnectionError) as caught:
                    await chat(client)
        assert "http://" in (caught.value.remedy or "")

    way.run(main)
