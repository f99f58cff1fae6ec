"""The shared TLS context is httpx's own, only later."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import certifi
import httpx
import pytest

from polychat._core.tls import tls_context


@pytest.fixture
def context() -> ssl.SSLContext:
    tls_context.cache_clear()
    return tls_context()


def handshake(context: ssl.SSLContext) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="example.com")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    assert outgoing.pending


def traits(context: ssl.SSLContext) -> tuple[object, ...]:
    return (
        context.verify_mode, context.check_hostname, context.verify_flags, context.options,
        context.minimum_version, context.cert_store_stats(),
    )  # fmt: skip


def test_there_is_one_context(context: ssl.SSLContext) -> None:
    assert tls_context() is context


def test_authorities_are_read_at_the_first_handshake(context: ssl.SSLContext) -> None:
    assert context.cert_store_stats()["x509_ca"] == 0
    handshake(context)
    assert context.cert_store_stats()["x509_ca"] > 50
    handshake(context)
    assert traits(context) == traits(httpx.create_ssl_context())


def test_a_socket_reads_them_too(context: ssl.SSLContext) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        context.wrap_socket(
            ours, server_hostname="example.com", do_handshake_on_connect=False
        ).close()
    assert context.cert_store_stats()["x509_ca"] > 50


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_the_environment_names_other_authorities(
    context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    one = Path(certifi.where()).read_text().split("-----END CERTIFICATE-----")[0]
    file = tmp_path / "ca.pem"
    file.write_text(one + "-----END CERTIFICATE-----\n")
    monkeypatch.setenv(variable, str(file))
    handshake(context)
    assert context.cert_store_stats()["x509_ca"] == 1
    if variable == "SSL_CERT_FILE":
        assert traits(context) == traits(httpx.create_ssl_context())
