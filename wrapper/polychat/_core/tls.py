"""One TLS context for all clients, which reads the certificate authorities when they are needed."""

from __future__ import annotations

import os
import ssl
import sys
import threading
from functools import cache
from typing import Any

from polychat.errors import ConfigurationError

from . import forking
from .environment import Authorities, authorities


class LateContext(ssl.SSLContext):
    """Knows no authorities until the first handshake: reading them takes 20 ms, which a program
    that only talks to this machine, or to nobody, need not wait for."""

    _lock = threading.Lock()
    _ready = False
    as_requests = False

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        self.prepare()
        return super().wrap_socket(*args, **kwargs)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        self.prepare()
        return super().wrap_bio(*args, **kwargs)

    def forked(self) -> None:
        """Whoever read the authorities at the fork does not read them here."""
        type(self)._lock = threading.Lock()  # noqa: SLF001

    def prepare(self) -> None:
        """Reads the authorities. Raises `ConfigurationError` where there are none."""
        if self._ready:
            return
        with self._lock:
            if not self._ready:
                found = authorities(os.environ, as_requests=self.as_requests)
                if found.variable is None:
                    import certifi

                    found = Authorities(file=certifi.where())
                try:
                    self.load_verify_locations(cafile=found.file, capath=found.folder)
                except OSError as error:
                    raise ConfigurationError(
                        f"{found.variable}={found.file or found.folder!r}: {error}",
                        remedy="Name a file of certificates in PEM format, or a folder of them",
                    ) from None
                self._ready = True


def verified(
    verify: ssl.SSLContext | str | bool, *, as_requests: bool = False
) -> ssl.SSLContext | bool:
    """What httpx takes for ``verify``, where True is the shared context and text a CA bundle."""
    if verify is True:
        return tls_context(as_requests=as_requests)
    return ssl.create_default_context(cafile=verify) if isinstance(verify, str) else verify


@cache
def tls_context(*, as_requests: bool = False) -> ssl.SSLContext:
    """The context that all clients share; see `new_context`."""
    return new_context(as_requests=as_requests)


def new_context(*, as_requests: bool = False) -> ssl.SSLContext:
    """The context that `ssl.create_default_context` would make with the authorities that the
    environment names, see `environment.authorities`, or with those of certifi."""
    context = LateContext(ssl.PROTOCOL_TLS_CLIENT)
    context.as_requests = as_requests
    forking.remember(context)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    return context
