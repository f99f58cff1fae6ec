"""What a process's environment says about connections: proxies, and authorities of certificates.

Pure functions of a mapping, and the only place that decides: every transport is told, and none
reads the environment itself. The rules are those that curl, requests and httpx have in common.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from polychat.errors import ConfigurationError
from polychat_rest.secret import Secret

_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_REMEDY = "Pass a URL such as http://user:password@proxy.example.com:3128"


class Proxy(NamedTuple):
    """A proxy: its URL without credentials, and these apart."""

    url: str
    user: str | None = None
    password: Secret = Secret("")

    @property
    def is_socks(self) -> bool:
        """Whether it is spoken to by SOCKS 5 and not by HTTP."""
        return self.url.startswith("socks")

    def headers(self) -> list[tuple[str, str]]:
        """What tells an HTTP proxy its credentials, in plain text."""
        if self.user is None:
            return []
        from base64 import b64encode  # not with the module: most have no such proxy

        pair = f"{self.user}:{self.password.reveal()}".encode()
        return [("Proxy-Authorization", f"Basic {b64encode(pair).decode()}")]


class Proxies(NamedTuple):
    """Which proxy a request goes through, by the scheme of its URL."""

    http: Proxy | None = None
    https: Proxy | None = None
    bypass: Sequence[Exemption] = ()

    def __bool__(self) -> bool:
        return self.http is not None or self.https is not None

    def of(self, scheme: str, host: str, port: int | None) -> Proxy | None:
        """The proxy of an origin, None for a direct connection. `port` None is the scheme's."""
        proxy = self.https if scheme == "https" else self.http
        if proxy is None:
            return None
        host = host.lower().strip("[]").rstrip(".")
        port = port or _PORTS.get(scheme)
        return None if any(e.covers(scheme, host, port) for e in self.bypass) else proxy


class Exemption(NamedTuple):
    """One entry of ``NO_PROXY``."""

    name: str
    """A host, an address or a network; ``*`` is every host."""
    port: int | None = None
    scheme: str | None = None

    def covers(self, scheme: str, host: str, port: int | None) -> bool:
        """Whether an origin is not to be asked for through a proxy."""
        if self.port not in (None, port) or self.scheme not in (None, scheme):
            return False
        if self.name in ("*", host) or _in_network(host, self.name):
            return True
        return host.endswith(f".{self.name}") and _address(host) is None


def proxies(environ: Mapping[str, str]) -> Proxies:
    """The proxies that ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` name, of
    which the form in small letters comes first. Raises `ConfigurationError`."""
    http = _variable(environ, "http_proxy") or _variable(environ, "all_proxy")
    https = _variable(environ, "https_proxy") or _variable(environ, "all_proxy")
    if http is None and https is None:
        return Proxies()
    return Proxies(
        None if http is None else read_proxy(http[0], Secret(http[1])),
        None if https is None else read_proxy(https[0], Secret(https[1])),
        _exemptions((_variable(environ, "no_proxy") or ("", ""))[1]),
    )


def _variable(environ: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """A variable and its value, by the name under which it is set. ``HTTP_PROXY`` is not read
    by a CGI program: there a client's header ``Proxy`` is found under that name."""
    upper = name.upper()
    if name not in environ and not (upper == "HTTP_PROXY" and "REQUEST_METHOD" in environ):
        name = upper
    value = environ.get(name, "").strip()
    return (name, value) if value else None


def read_proxy(source: str, given: Secret) -> Proxy:
    """The proxy at a URL, which `source` names. Raises `ConfigurationError`, without the URL,
    for it may have a password."""
    proxy = _parsed(given)
    if proxy is None:
        raise ConfigurationError(f"{source} is not the URL of a proxy", remedy=_REMEDY)
    scheme = proxy.url.partition("://")[0]
    if scheme not in _PORTS:
        raise ConfigurationError(
            f"{source}: there is no proxy that speaks {scheme}",
            remedy=f"Use one of {', '.join(_PORTS)}",
        )
    return proxy


def _parsed(given: Secret) -> Proxy | None:
    from urllib.parse import unquote, urlsplit

    text = given.reveal()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or any(c.isspace() for c in text):
        return None
    if ":" in host:
        host = f"[{host}]"
    scheme = parts.scheme.lower()
    url = f"{scheme}://{host}:{port or _PORTS.get(scheme, 0)}"
    if parts.username is None:
        return Proxy(url)
    return Proxy(url, unquote(parts.username), Secret(unquote(parts.password or "")))


def _exemptions(text: str) -> list[Exemption]:
    return [_exemption(entry) for entry in text.lower().replace(",", " ").split()]


def _exemption(entry: str) -> Exemption:
    scheme, mark, rest = entry.rpartition("://")
    name, port = rest, ""
    if rest.startswith("["):
        name, _, port = rest[1:].partition("]")
        port = port.removeprefix(":")
    elif rest.count(":") == 1:
        name, _, port = rest.partition(":")
    name = name.removeprefix("*.").strip(".") if name != "*" else name
    known = scheme if mark and scheme != "all" else None
    return Exemption(name, int(port) if port.isdecimal() else None, known)


def _address(text: str) -> object:
    from ipaddress import ip_address

    try:
        return ip_address(text)
    except ValueError:
        return None


def _in_network(host: str, network: str) -> bool:
    """Whether `host` is an address in a network, or the same address written otherwise."""
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False


class Authorities(NamedTuple):
    """Where the certificates of authorities are: a file or a folder, and who says so."""

    file: str | None = None
    folder: str | None = None
    variable: str | None = None


def authorities(environ: Mapping[str, str], *, as_requests: bool = False) -> Authorities:
    """The authorities that the environment names: ``SSL_CERT_FILE``, ``SSL_CERT_DIR``, then
    ``REQUESTS_CA_BUNDLE`` and ``CURL_CA_BUNDLE``. These two come first `as_requests` has it,
    for those whose clients used requests before."""
    openssl, requests = ("SSL_CERT_FILE", "SSL_CERT_DIR"), ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    for variable in (*requests, *openssl) if as_requests else (*openssl, *requests):
        path = environ.get(variable)
        if not path:
            continue
        if variable == "SSL_CERT_DIR" or (variable in requests and os.path.isdir(path)):  # noqa: PTH112
            return Authorities(folder=path, variable=variable)
        return Authorities(file=path, variable=variable)
    return Authorities()
