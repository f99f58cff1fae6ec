"""No fault shows a credential or a proxy's password, wherever they were given: not in the locals of
any frame, not in what can be reached from the error, and not in the log."""

from __future__ import annotations

import asyncio
import base64
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from polychat import errors
from tests.network.servers import serving
from tests.network.test_canary import POSITIONS, AsyncCredential, Credential
from tests.network.test_frames import CANARY, attributes, chain

from .answers import all_well
from .calls import KINDS, TRANSPORTS, Dress, Fault, behind_a_proxy, opened, outcome, suffer_all
from .proxies import PROXY
from .table import TABLE

TESTS = str(Path(__file__).parents[1])
SECRETS = (
    CANARY,
    base64.b64encode(f"me:{CANARY}".encode()).decode().rstrip("="),
    base64.b64encode(CANARY.encode()).decode().rstrip("="),
)


def secret(where: str) -> str:
    """A secret of its own for each place, so that what is shown tells where it was."""
    return f"{CANARY}-{where}"


class Token(Credential):
    def __init__(self, where: str) -> None:
        self._where = where

    def get_token(self, *scopes: str) -> Any:
        token = super().get_token(*scopes)
        token.token = secret(self._where)
        return token


class AsyncToken(AsyncCredential):
    def __init__(self, where: str) -> None:
        self._where = where

    async def get_token(self, *scopes: str) -> Any:
        token = await super().get_token(*scopes)
        token.token = secret(self._where)
        return token


async def key_coroutine() -> str:
    return secret("key-coroutine")


async def bearer_coroutine() -> str:
    return secret("bearer-coroutine")


def dress(
    client: dict[str, Any], headers: dict[str, str], call: dict[str, str], **more: Any
) -> Dress:
    both = {"api_key": None, "allow_both_auth": True}
    given = {**both, **client, "default_headers": headers} if headers else {**both, **client}
    return Dress(given, {"extra_headers": call} if call else {}, **more)


# Several places at once, but no two of which one takes the other's place in a request.
DRESSES = {
    "texts": dress(
        {"api_key": secret("key-text"), "bearer_token": secret("bearer-text")},
        {"X-Api-Key": secret("default-x-api-key")},
        {"Cookie": f"s={secret('extra-cookie')}; a=b"},
    ),
    "callables": dress(
        {"api_key": lambda: secret("key-callable"),
         "bearer_token": lambda: secret("bearer-callable")},
        {"Cookie": f"s={secret('default-cookie')}"},
        {"Ocp-Apim-Subscription-Key": secret("extra-subscription")},
        proxy=PROXY,
    ),
    "credentials": dress(
        {"api_key": Token("key-credential"), "bearer_token": Token("bearer-credential")},
        {}, {"X-Auth-Token": secret("extra-token")},
    ),
    "default Authorization": dress(
        {"api_key": "k"},
        {"Authorization": f"Bearer {secret('default-authorization')}"},
        {"Api-Key": secret("extra-api-key")},
    ),
    "extra Authorization": dress(
        {"bearer_token": "k"},
        {"Api-Key": secret("default-api-key")},
        {"Authorization": f"Bearer {secret('extra-authorization')}"},
    ),
    "coroutine and credential": dress(
        {"api_key": key_coroutine, "bearer_token": AsyncToken("bearer-async-credential")},
        {}, {}, only_async=True,
    ),
    "credential and coroutine": dress(
        {"api_key": AsyncToken("key-async-credential"), "bearer_token": bearer_coroutine},
        {}, {}, only_async=True,
    ),
}  # fmt: skip
PLACES = {
    "texts": {"key-text", "bearer-text", "default-x-api-key", "extra-cookie"},
    "callables": {"key-callable", "bearer-callable", "default-cookie", "extra-subscription"},
    "credentials": {"key-credential", "bearer-credential", "extra-token"},
    "default Authorization": {"default-authorization", "extra-api-key"},
    "extra Authorization": {"default-api-key", "extra-authorization"},
    "coroutine and credential": {"key-coroutine", "bearer-async-credential"},
    "credential and coroutine": {"key-async-credential", "bearer-coroutine"},
}


def shown(error: BaseException) -> Iterator[str]:
    """All that an error shows: the locals of all frames but the tests', and all attributes."""
    for link in chain(error):
        for frame, _ in traceback.walk_tb(link.__traceback__):
            if not frame.f_code.co_filename.startswith(TESTS):
                for name, value in list(frame.f_locals.items()):
                    yield f"{frame.f_code.co_qualname}: {name} = {value!r}"
    yield from attributes(error)


def check(error: BaseException) -> None:
    for text in shown(error):
        for one in SECRETS:
            assert one not in text, text[:300]


class Log(logging.Handler):
    """All that all loggers say at DEBUG, and of what they make it."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{self.format(record)} {vars(record)!r}")


@contextmanager
def logged() -> Iterator[Log]:
    log = Log()
    root = logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    try:
        yield log
    finally:
        root.removeHandler(log)
        root.setLevel(level)


def places(client: dict[str, Any], call: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Where secrets are given, and in what form."""
    for argument in ("api_key", "bearer_token"):
        value = client.get(argument)
        if value not in (None, "k"):
            asked = getattr(value, "get_token", value)
            form = "text" if isinstance(value, str) else "callable" if asked is value else "token"
            yield argument, form + (" async" if asyncio.iscoroutinefunction(asked) else "")
    for argument in ("default_headers", "extra_headers"):
        for name in {**client, **call}.get(argument) or {}:
            yield argument, name.lower()


def test_every_place_is_tried() -> None:
    tried = {one for each in DRESSES.values() for one in places(dict(each.client), dict(each.call))}
    known = {one for client, call, _ in POSITIONS.values() for one in places(client, call)}
    assert len(known) == len(POSITIONS)
    assert tried >= known
    assert len(tried) == sum(map(len, PLACES.values())) == 19


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", DRESSES)
def test_every_place_is_in_every_request(name: str, transport: str) -> None:
    worn = DRESSES[name]
    if worn.only_async and transport == "sync":
        with pytest.raises(errors.ConfigurationError):
            asyncio.run(_requests(worn, transport))
        return
    requests = asyncio.run(_requests(worn, transport))
    assert len(requests) == len(KINDS)
    for headers in requests:
        for where in PLACES[name]:
            assert secret(where) in repr(headers), where
        assert ("proxy-authorization" in headers) == bool(worn.proxy)


async def _requests(worn: Dress, transport: str) -> list[dict[str, str]]:
    """The headers of a request of each kind."""
    serve = behind_a_proxy(Fault("", "", all_well, {})).serve
    with serving(serve) as server:
        proxy = worn.proxy.format(host=server.url.partition("//")[2]) or None
        async with opened(transport, server.url, proxy=proxy, **worn.client) as client:
            for kind in KINDS:
                ended = await outcome(client, kind, large=False, options=worn.call)
                if ended.error is not None:
                    raise ended.error
        return [arrived.headers for arrived in server.requests]


@pytest.mark.parametrize("name", TABLE)
def test_no_fault_shows_a_secret(name: str) -> None:
    seen: list[BaseException] = []

    def look(error: BaseException) -> None:
        seen.append(error)
        check(error)

    with logged() as log:
        found = suffer_all(behind_a_proxy(TABLE[name]), DRESSES, look)
    assert len(found) == 5 * len(TRANSPORTS) + 2 * (len(TRANSPORTS) - 1)
    assert len(seen) == sum(
        one.error is not None for each in found.values() for one in each.values()
    )
    for text in log.said:
        for one in SECRETS:
            assert one not in text, text[:300]
    assert sum("attempt" in text for text in log.said) >= len(found) * len(KINDS)


class Holder:
    __slots__ = ("below",)

    def __init__(self, below: Any) -> None:
        self.below = below


class Failure(errors.PolychatError):
    kept: Any = None


def local() -> None:
    key = secret("local")
    raise Failure(f"of {len(key)} characters")


def attribute(value: Any) -> Failure:
    error = Failure("failed")
    error.kept = value
    return error


def caused(by: BaseException, name: str) -> Failure:
    error = Failure("failed")
    setattr(error, name, by)
    return error


def suspended() -> Iterator[None]:
    key = secret("generator")
    yield None
    assert key


KEPT = suspended()
next(KEPT)
LEAKS: dict[str, BaseException] = {
    "its text": Failure(secret("text")),
    "an argument": ValueError(1, {"key": secret("argument")}),
    "a slot": attribute(Holder(secret("slot"))),
    "six deep": attribute([Holder([Holder([secret("deep")])])]),
    "a bound method": attribute([Holder([secret("self")].append)]),
    "a generator": attribute(KEPT),
    "its cause": caused(ValueError(secret("cause")), "__cause__"),
    "its context": caused(attribute({"key": secret("context")}), "__context__"),
    "a coded form": attribute(b"Basic " + base64.b64encode(f"me:{CANARY}".encode())),
}


@pytest.mark.parametrize("name", LEAKS)
def test_what_an_error_shows_is_found(name: str) -> None:
    with pytest.raises(AssertionError):
        check(LEAKS[name])


def test_what_a_frame_shows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failure) as caught:
        local()
    check(caught.value)  # a frame of the tests is none of ours
    monkeypatch.setattr(f"{__name__}.TESTS", "elsewhere")
    with pytest.raises(AssertionError, match="local"):
        check(caught.value)


def test_what_a_log_shows_is_found() -> None:
    with logged() as log:
        logging.getLogger("anyone").debug("said %s", "something")
        logging.getLogger("anyone.else").debug("said", extra={"key": secret("log")})
    assert [secret("log") in text for text in log.said] == [False, True]
    assert "said something" in log.said[0]
