"""Credentials: values, callables and token credentials, as headers of one attempt.

A string is taken as it is. A callable without arguments is asked for every attempt, and may be
a coroutine function in async clients; its answers are never shared, as they may depend on the
caller (a context variable that says whose call it is). A token credential
(``get_token(*scopes)`` returning an object with ``token`` and ``expires_on``, as azure-core and
azure-identity have it) is asked when there is no token that is still valid, by one caller while
the others wait; after a 401 the token that was refused is forgotten and another asked for.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, cast, runtime_checkable

from polychat.errors import ConfigurationError
from polychat_rest.secret import Secret

from . import forking
from .headers import Unusable
from .loops import current_loop

REFRESH_BEFORE = 300.0
"""Seconds before its end at which a token is no longer used: a call may last that long."""


class AccessToken(Protocol):
    """A token and the time it ends, in seconds since the epoch."""

    @property
    def token(self) -> str: ...
    @property
    def expires_on(self) -> float: ...


@runtime_checkable
class TokenCredential(Protocol):
    """What gives tokens for scopes; azure-identity's credentials are such."""

    def get_token(self, *scopes: str) -> AccessToken | Awaitable[AccessToken]: ...


SyncAuthValue = str | Secret | Callable[[], str] | TokenCredential
AsyncAuthValue = SyncAuthValue | Callable[[], Awaitable[str]]


def conceal(value: Any) -> Any:
    """A plain string as a `Secret`, what gives credentials as it is, all else as `Unusable`."""
    if isinstance(value, str):
        return Secret(value)
    if value is None or isinstance(value, (Secret, Unusable)):
        return value
    return value if callable(value) or hasattr(value, "get_token") else Unusable(value)


class _Fetched:
    """What a callable or a token credential gave."""

    __slots__ = ("expires_on", "secret")

    def __init__(self, answer: Any) -> None:
        self.secret = conceal(getattr(answer, "token", answer))
        self.expires_on = getattr(answer, "expires_on", None)


def _concealed(answer: Any) -> Any:
    """An awaitable as it is, anything else as `_Fetched`."""
    return answer if inspect.isawaitable(answer) else _Fetched(answer)


class Credential:
    """One auth value and the header that it is sent in."""

    def __init__(
        self,
        value: Any,
        *,
        argument: str,
        header: str,
        prefix: str = "",
        scopes: tuple[str, ...] = (),
        platform: str | None = None,
    ) -> None:
        self.argument = argument
        self.header = header
        self._prefix = prefix
        self._platform = platform
        self._scopes = scopes
        self._held: tuple[Secret, float] | None = None
        self._lock = threading.Lock()
        self._flight: _Flight | None = None
        self._shared = False
        self.fixed: Secret | None = None
        value = conceal(value)
        if isinstance(value, Secret):
            self.fixed = self._accept(value)
        elif hasattr(value, "get_token"):
            self._shared = True
            forking.remember(self)
            self._ask: Callable[[], Any] = lambda: value.get_token(*self._scopes)
        elif callable(value):
            self._ask = cast("Callable[[], Any]", value)
        else:
            raise ConfigurationError(
                f"{argument} is a {_kind(value)}",
                platform=platform,
                remedy="Pass a string, a callable that returns one, or a token credential",
            )

    def __repr__(self) -> str:
        return f"<Credential {self.argument}>"

    def forked(self) -> None:
        """Whoever fetched a token at the fork does not fetch it here."""
        self._lock = threading.Lock()
        self._flight = None

    def value(self) -> Secret:
        """The credential for one attempt, synchronously."""
        if self.fixed is not None:
            return self.fixed
        if not self._shared:
            return self._fetch()
        held = self._valid()
        if held is not None:
            return held
        with self._lock:  # one caller fetches, the others find what it fetched
            return self._valid() or self._fetch()

    async def value_async(self) -> Secret:
        """The credential for one attempt, asynchronously."""
        if self.fixed is not None:
            return self.fixed
        if not self._shared:
            return await self._fetch_async()
        while True:
            held = self._valid()
            if held is not None:
                return held
            flight = self._flight
            if flight is None or not await flight.landed():
                break
        with self._flying():
            return await self._fetch_async()

    def forget(self, refused: Secret) -> bool:
        """Drops a token that was refused, unless another has taken its place; True where
        another than it may be had."""
        held = self._held
        if held is not None and held[0] == refused:
            self._held = None
        return self.fixed is None

    def _valid(self) -> Secret | None:
        held = self._held
        return held[0] if held is not None and held[1] > time.time() else None

    @contextmanager
    def _flying(self) -> Generator[None]:
        flight = self._flight = _Flight()
        try:
            yield
        finally:
            if self._flight is flight:
                self._flight = None
            flight.land()

    def _fetch(self) -> Secret:
        answer = _concealed(self._ask())
        if isinstance(answer, _Fetched):
            return self._take(answer)
        if inspect.iscoroutine(answer):
            answer.close()
        raise ConfigurationError(
            f"{self.argument} is a coroutine function, this client is synchronous",
            platform=self._platform,
            remedy="Use the async client, or pass a callable that returns a string",
        )

    async def _fetch_async(self) -> Secret:
        answer = _concealed(self._ask())
        return self._take(answer if isinstance(answer, _Fetched) else _Fetched(await answer))

    def _take(self, fetched: _Fetched) -> Secret:
        secret = self._accept(fetched.secret)
        if self._shared and fetched.expires_on is not None:
            now = time.time()
            lifetime = float(fetched.expires_on) - now
            self._held = secret, now + lifetime - min(REFRESH_BEFORE, lifetime / 10)
        return secret

    def _accept(self, secret: Any) -> Secret:
        """The credential with its prefix; `ConfigurationError` for what no header can hold."""
        if not isinstance(secret, Secret):
            raise ConfigurationError(
                f"{self.argument} gave a {_kind(secret)}, not a string",
                platform=self._platform,
                remedy="Return the key or token as a string",
            )
        if not secret:
            raise ConfigurationError(
                f"{self.argument} is empty", platform=self._platform, remedy="Pass a real value"
            )
        if not _sendable(secret):
            raise ConfigurationError(
                f"{self.argument} has a space, a line break or a character outside ASCII",
                platform=self._platform,
                remedy="Strip it: a key read from a file often ends with a line break",
            )
        return secret.with_prefix(self._prefix)


def _kind(value: Any) -> str:
    return value.kind if isinstance(value, Unusable) else type(value).__name__


def _sendable(secret: Secret) -> bool:
    return (
        secret.reveal().isascii() and secret.reveal().isprintable() and " " not in secret.reveal()
    )


class _Flight:
    """A fetch under way in one event loop, for which others there can wait."""

    def __init__(self) -> None:
        import anyio

        self._loop = current_loop()
        self._event = anyio.Event()

    def land(self) -> None:
        self._event.set()

    async def landed(self) -> bool:
        """Waits for the fetch; False at once where it runs in another event loop."""
        if current_loop() is not self._loop:
            return False
        await self._event.wait()
        return True


class Auth:
    """All credentials of a client."""

    def __init__(self, credentials: list[Credential]) -> None:
        self.credentials = credentials
        self.fixed: Mapping[str, Secret] | None = None
        """The headers, where they are the same in every attempt."""
        if all(credential.fixed is not None for credential in credentials):
            self.fixed = self._headers([c.fixed for c in credentials if c.fixed is not None])

    def headers(self) -> Mapping[str, Secret]:
        """The headers of one attempt."""
        return self._headers([credential.value() for credential in self.credentials])

    async def headers_async(self) -> Mapping[str, Secret]:
        """The headers of one attempt."""
        return self._headers([await c.value_async() for c in self.credentials])

    def forget(self, refused: Mapping[str, str | Secret]) -> bool:
        """Drops the tokens in headers that were refused; True where others may be had."""
        others = False
        for credential in self.credentials:
            value = refused.get(credential.header)
            if isinstance(value, Secret):
                others |= credential.forget(value)
        return others

    def check(self, values: list[Secret]) -> None:
        """For platforms that have rules about values given together; raises where one is broken."""

    def _headers(self, values: list[Secret]) -> Mapping[str, Secret]:
        if len(values) > 1:
            self.check(values)
        return dict(zip((c.header for c in self.credentials), values, strict=True))
