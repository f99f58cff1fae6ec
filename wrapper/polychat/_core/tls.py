"""One TLS context for all clients, which reads the certificate authorities when they are needed."""

from __future__ import annotations

import os
import ssl
import sys
import threading
from functools import cache
from typing import Any

from . import forking


class _LateContext(ssl.SSLContext):
    """Knows no authorities until the first handshake: reading them takes 20 ms, which a program
    that only talks to this machine, or to nobody, need not wait for."""

    _lock = threading.Lock()
    _ready = False

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        self._read()
        return super().wrap_socket(*args, **kwargs)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        self._read()
        return super().wrap_bio(*args, **kwargs)

    def forked(self) -> None:
        """Whoever read the authorities at the fork does not read them here."""
        type(self)._lock = threading.Lock()  # noqa: SLF001

    def _read(self) -> None:
        if self._ready:
            return
        with self._lock:
            if not self._ready:
                file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
                if not (file or folder):  # requests' name for it, from which users of drop-ins come
                    bundle = os.environ.get("REQUESTS_CA_BUNDLE")
                    if bundle and os.path.isdir(bundle):  # noqa: PTH112
                        folder = bundle
                    else:
                        file = bundle
                if not (file or folder):
                    import certifi

                    file = certifi.where()
                # As httpx does: the file, and the folder only where there is no file.
                self.load_verify_locations(cafile=file, capath=None if file else folder)
                self._ready = True


def verified(verify: ssl.SSLContext | str | bool) -> ssl.SSLContext | bool:
    """What httpx takes for ``verify``, where True is the shared context and text a CA bundle."""
    if verify is True:
        return tls_context()
    return ssl.create_default_context(cafile=verify) if isinstance(verify, str) else verify


@cache
def tls_context() -> ssl.SSLContext:
    """The context that `ssl.create_default_context` would make with the authorities of certifi,
    or of ``SSL_CERT_FILE`` or ``SSL_CERT_DIR``, as httpx takes them, or of requests'
    ``REQUESTS_CA_BUNDLE``."""
    context = _LateContext(ssl.PROTOCOL_TLS_CLIENT)
    forking.remember(context)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    return context
