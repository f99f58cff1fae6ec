"""Which proxy and which authorities an environment names."""

from __future__ import annotations

from pathlib import Path

import pytest

from polychat._core.environment import Authorities, authorities, proxies, read_proxy
from polychat.errors import ConfigurationError
from polychat_rest.secret import Secret

PASSWORD = "canary-of-a-proxy"
A, B, C = "http://a:1", "http://b:2", "http://c:3"


@pytest.mark.parametrize(
    ("environ", "http", "https"),
    [
        ({}, None, None),
        ({"HTTP_PROXY": A}, A, None),
        ({"HTTPS_PROXY": A}, None, A),
        ({"ALL_PROXY": A}, A, A),
        ({"all_proxy": A}, A, A),
        ({"http_proxy": A, "HTTPS_PROXY": B, "ALL_PROXY": C}, A, B),
        ({"HTTP_PROXY": A, "http_proxy": B}, B, None),
        ({"HTTP_PROXY": A, "http_proxy": ""}, None, None),
        ({"HTTP_PROXY": A, "http_proxy": "", "ALL_PROXY": C}, C, C),
        ({"HTTP_PROXY": A, "REQUEST_METHOD": "GET"}, None, None),
        ({"http_proxy": A, "REQUEST_METHOD": "GET"}, A, None),
        ({"HTTPS_PROXY": A, "REQUEST_METHOD": "GET"}, None, A),
        ({"HTTP_PROXY": "  "}, None, None),
        ({"HTTP_PROXY": "a:1"}, A, None),
        ({"HTTP_PROXY": "a"}, "http://a:80", None),
        ({"HTTP_PROXY": "https://a"}, "https://a:443", None),
        ({"HTTP_PROXY": "HTTP://A:1/path"}, A, None),
        ({"HTTP_PROXY": "http://[::1]:1"}, "http://[::1]:1", None),
        ({"ALL_PROXY": "socks5h://a"}, "socks5h://a:1080", "socks5h://a:1080"),
    ],
)
def test_variables(environ: dict[str, str], http: str | None, https: str | None) -> None:
    found = proxies(environ)
    assert [p and p.url for p in (found.http, found.https)] == [http, https]
    assert bool(found) is (http is not None or https is not None)


@pytest.mark.parametrize(
    ("entry", "past", "through"),
    [
        ("*", ["h", "10.0.0.1", "[::1]"], []),
        ("example.com", ["example.com", "a.example.com", "EXAMPLE.com."], ["anexample.com", "com"]),
        (".example.com", ["a.example.com", "b.a.example.com", "example.com"], ["anexample.com"]),
        ("*.example.com", ["a.example.com"], ["anexample.com"]),
        ("Example.COM", ["example.com"], ["example.org"]),
        ("a.com,b.com", ["a.com", "b.com"], ["c.com"]),
        (" a.com , b.com c.com", ["a.com", "b.com", "c.com"], ["d.com"]),
        ("h:8080", ["h:8080"], ["h", "h:80", "other:8080"]),
        ("h:80", ["h", "h:80"], ["h:8080"]),
        ("127.0.0.1", ["127.0.0.1", "127.0.0.1:5"], ["127.0.0.2", "localhost"]),
        ("0.0.1", [], ["127.0.0.1"]),
        ("127.0.0.1:5", ["127.0.0.1:5"], ["127.0.0.1", "127.0.0.1:6"]),
        ("10.0.0.0/8", ["10.0.0.1", "10.255.0.1"], ["11.0.0.1", "h"]),
        ("10.1.2.3/8", ["10.0.0.1"], ["11.0.0.1"]),
        ("::1", ["[::1]", "[0:0:0:0:0:0:0:1]"], ["[::2]"]),
        ("[::1]", ["[::1]", "[::1]:5"], ["[::2]"]),
        ("[::1]:5", ["[::1]:5"], ["[::1]", "[::1]:6"]),
        ("fd00::/8", ["[fd12::1]"], ["[fe80::1]"]),
        ("http://h", ["h"], ["i"]),
        ("https://h", [], ["h"]),
        ("all://h", ["h"], []),
        ("", [], ["h"]),
        (",,", [], ["h"]),
        ("h:port", ["h"], []),
    ],
)
def test_exemptions(entry: str, past: list[str], through: list[str]) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        found = proxies({"http_proxy": A, name: entry})
        for hosts, direct in ((past, True), (through, False)):
            for place in hosts:
                host, port = place, None
                head, _, tail = place.rpartition(":")
                if head and (place.startswith("[") is head.endswith("]")) and tail.isdigit():
                    host, port = head, int(tail)
                assert (found.of("http", host, port) is None) is direct, place


def test_a_port_that_is_not_given_is_that_of_the_scheme() -> None:
    found = proxies({"all_proxy": A, "no_proxy": "h:443"})
    assert found.of("https", "h", None) is None
    assert found.of("http", "h", None) is not None


def test_credentials_are_apart_and_do_not_show() -> None:
    found = proxies({"ALL_PROXY": f"http://me%40x:{PASSWORD}%2F@a:1"})
    assert found.http is not None
    assert found.http.url == A
    assert (found.http.user, found.http.password.reveal()) == ("me@x", f"{PASSWORD}/")
    assert PASSWORD not in repr(found)
    assert found.http.headers()[0][0] == "Proxy-Authorization"
    assert read_proxy("proxy=", Secret(A)).headers() == []


@pytest.mark.parametrize(
    "wrong",
    [
        f"http://u:{PASSWORD}@", f"http://u:{PASSWORD}@h:port", f"http://u:{PASSWORD}@h:99999",
        f"ftp://u:{PASSWORD}@h", f"socks4://u:{PASSWORD}@h", f"http://u:{PASSWORD}@h x",
        f"http://u:{PASSWORD}@[::1", f"http:///{PASSWORD}",
    ],
)  # fmt: skip
def test_what_is_no_proxy_is_refused_without_its_password(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY") as caught:
        proxies({"HTTPS_PROXY": wrong})
    assert caught.value.remedy
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_authorities(tmp_path: Path) -> None:
    every = {
        "SSL_CERT_FILE": "f", "SSL_CERT_DIR": "d", "REQUESTS_CA_BUNDLE": "r", "CURL_CA_BUNDLE": "c",
    }  # fmt: skip
    ours, theirs = [], []
    for order, as_requests in ((ours, False), (theirs, True)):
        left = dict(every)
        while left:
            found = authorities(left, as_requests=as_requests)
            assert found.variable is not None
            assert (found.folder or found.file) == left.pop(found.variable)
            assert (found.folder is not None) is (found.variable == "SSL_CERT_DIR")
            order.append(found.variable)
    assert ours == ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
    assert theirs == ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"]
    folder = str(tmp_path)
    assert authorities({"CURL_CA_BUNDLE": folder}) == Authorities(None, folder, "CURL_CA_BUNDLE")
    assert authorities({"SSL_CERT_FILE": ""}) == Authorities()
