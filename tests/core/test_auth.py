"""Credentials: every kind of value, asked as often as needed and no more, never shown."""

from __future__ import annotations

import asyncio
import contextvars
import pickle
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from polychat._core.auth import Auth, Credential, conceal
from polychat.dial import AsyncDial, Dial
from polychat.dial._platform import dial_service
from polychat.errors import ConfigurationError
from polychat_rest.secret import Secret

CANARY = "canary-5f0c9d"


def credential(value: Any, **options: Any) -> Credential:
    """One for a bearer token."""
    given = {"argument": "bearer_token", "header": "authorization", "prefix": "Bearer "}
    return Credential(value, **{**given, **options})


class Tokens:
    """A token credential; counts how often it is asked."""

    def __init__(self, lifetime: float = 3600, wait: float = 0) -> None:
        self.asked = 0
        self.lifetime = lifetime
        self.wait = wait
        self.scopes: tuple[str, ...] = ()

    def get_token(self, *scopes: str) -> Any:
        self.scopes = scopes
        self.asked += 1
        number = self.asked
        time.sleep(self.wait)
        return SimpleNamespace(token=f"t{number}", expires_on=time.time() + self.lifetime)


class AsyncTokens(Tokens):
    async def get_token(self, *scopes: str) -> Any:
        self.scopes = scopes
        self.asked += 1
        number = self.asked
        await anyio.sleep(self.wait)
        return SimpleNamespace(token=f"t{number}", expires_on=time.time() + self.lifetime)


class Awaitable:
    """Awaitable without being a coroutine."""

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        return CANARY


def values() -> list[tuple[str, Callable[[], Any]]]:
    async def coroutine() -> str:
        return CANARY

    token = SimpleNamespace(token=CANARY, expires_on=time.time() + 9)

    async def get_token() -> Any:
        return token

    return [
        ("string", lambda: CANARY),
        ("secret", lambda: Secret(CANARY)),
        ("callable", lambda: lambda: CANARY),
        ("callable giving a Secret", lambda: lambda: Secret(CANARY)),
        ("token credential", lambda: SimpleNamespace(get_token=lambda: token)),
        ("coroutine function", lambda: coroutine),
        ("callable giving an awaitable", lambda: Awaitable),
        ("async token credential", lambda: SimpleNamespace(get_token=get_token)),
    ]


@pytest.mark.parametrize(("name", "make"), values(), ids=lambda part: str(part)[:30])
def test_every_kind_of_value(name: str, make: Callable[[], Any]) -> None:
    async def ask() -> str:
        return (await credential(make()).value_async()).reveal()

    assert asyncio.run(ask()) == f"Bearer {CANARY}"
    if "async" in name or "await" in name or "coroutine" in name:
        with pytest.raises(ConfigurationError, match=r"bearer_token is a coroutine function"):
            credential(make()).value()
    else:
        assert credential(make()).value().reveal() == f"Bearer {CANARY}"


BAD = [None, "", f"{CANARY}\n", f"{CANARY}\r\nx: y", f"ö{CANARY}", f"{CANARY} x", f"\x00{CANARY}",
       f"{CANARY}\x7f", CANARY.encode(), [CANARY], {"key": CANARY}, 7]  # fmt: skip


def shown(error: BaseException) -> str:
    """All that a log could hold of an error, with the locals of every frame but the tests'."""
    seen = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames: list[Any] = []
    link: Any = seen
    while link is not None:
        frames += [f for f in link.stack if "polychat" in f.filename and "test_" not in f.filename]
        link = link.__cause__ or link.__context__
    lines = [f"{frame.name} {frame.locals}" for frame in frames]
    text = "".join(traceback.format_exception(error, chain=True))
    return "\n".join([*lines, str(error), repr(error), str(pickle.dumps(error)), text])


@pytest.mark.parametrize("bad", BAD, ids=repr)
@pytest.mark.parametrize("form", ["value", "callable", "coroutine", "token"])
def test_bad_values_name_the_argument_and_stay_hidden(bad: Any, form: str) -> None:
    async def coroutine() -> Any:
        return bad

    token = SimpleNamespace(token=bad, expires_on=time.time() + 99)
    make = {
        "value": lambda: bad,
        "callable": lambda: lambda: bad,
        "coroutine": lambda: coroutine,
        "token": lambda: SimpleNamespace(get_token=lambda: token),
    }[form]

    async def ask() -> None:
        await credential(make()).value_async()

    with pytest.raises(ConfigurationError, match="bearer_token") as caught:
        asyncio.run(ask())
    assert caught.value.remedy
    assert CANARY not in shown(caught.value)
    if form != "coroutine":
        with pytest.raises(ConfigurationError, match="bearer_token") as caught:
            credential(make()).value()
        assert CANARY not in shown(caught.value)


@pytest.mark.parametrize("client", [Dial, AsyncDial])
@pytest.mark.parametrize("bad", [bad for bad in BAD if bad is not None], ids=repr)
@pytest.mark.parametrize("argument", ["api_key", "bearer_token"])
def test_clients_refuse_bad_values(client: Any, bad: Any, argument: str) -> None:
    with pytest.raises(ConfigurationError, match=argument) as caught:
        client(base_url="http://x", **{argument: bad})
    assert CANARY not in shown(caught.value)


def test_a_callable_is_asked_for_every_attempt_and_never_shared() -> None:
    caller: contextvars.ContextVar[str] = contextvars.ContextVar("caller")

    async def key() -> str:
        name = caller.get()
        await asyncio.sleep(0.02)
        return name

    async def call(held: Credential, name: str) -> str:
        caller.set(name)
        return (await held.value_async()).reveal()

    async def main() -> list[str]:
        held = credential(key, prefix="")
        began = time.monotonic()
        answers = await asyncio.gather(*(call(held, f"user-{n}") for n in range(30)))
        assert time.monotonic() - began < 0.3, "they waited for each other"
        return answers

    assert asyncio.run(main()) == [f"user-{n}" for n in range(30)]


def test_fifty_waiting_threads_ask_a_token_credential_once() -> None:
    tokens = Tokens(wait=0.05)
    held = credential(tokens, scopes=("scope/.default",))
    with ThreadPoolExecutor(50) as pool:
        answers = set(pool.map(lambda _: held.value().reveal(), range(50)))
    assert (answers, tokens.asked, tokens.scopes) == ({"Bearer t1"}, 1, ("scope/.default",))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("kind", [Tokens, AsyncTokens])
def test_fifty_waiting_tasks_ask_a_token_credential_once(kind: Any, backend: str) -> None:
    async def main() -> None:
        tokens = kind(wait=0.02)
        held = credential(tokens)
        answers: set[str] = set()

        async def ask() -> None:
            answers.add((await held.value_async()).reveal())

        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(ask)
        assert (answers, tokens.asked) == ({"Bearer t1"}, 1)

    anyio.run(main, backend=backend)


def test_tokens_are_refreshed_before_they_end() -> None:
    tokens = Tokens(lifetime=-1)
    held = credential(tokens)
    assert [held.value().reveal() for _ in range(2)] == ["Bearer t1", "Bearer t2"]
    short = credential(Tokens(lifetime=2))
    assert [short.value().reveal() for _ in range(2)] == ["Bearer t1", "Bearer t1"]
    near = credential(Tokens(lifetime=0.05))
    assert near.value().reveal() == "Bearer t1"
    time.sleep(0.06)
    assert near.value().reveal() == "Bearer t2"


@pytest.mark.parametrize(("lifetime", "margin"), [(36_000, 300), (3600, 300), (3000, 300),
                                                  (600, 60), (10, 1)])  # fmt: skip
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_token_is_not_used_in_the_time_before_its_end(
    monkeypatch: pytest.MonkeyPatch, lifetime: float, margin: float, colour: str
) -> None:
    clock = SimpleNamespace(now=1e9, time=lambda: clock.now)
    monkeypatch.setattr("polychat._core.auth.time", clock)

    class Given:
        asked = 0

        def get_token(self, *scopes: str) -> Any:
            self.asked += 1
            return SimpleNamespace(token=f"t{self.asked}", expires_on=clock.now + lifetime)

    held = credential(Given())

    def used(at: float) -> str:
        clock.now = 1e9 + at
        secret = held.value() if colour == "sync" else asyncio.run(held.value_async())
        return secret.reveal()

    assert used(0) == "Bearer t1"
    assert used(lifetime - margin - 0.5) == "Bearer t1"
    assert used(lifetime - margin + 0.5) == "Bearer t2", "5 minutes, or a tenth of its life"


def test_a_refused_token_is_forgotten_once() -> None:
    tokens = Tokens()
    auth = Auth([credential(tokens)])
    first = auth.headers()
    assert auth.forget(first)
    second = auth.headers()
    assert second["authorization"].reveal() == "Bearer t2"
    assert auth.forget(first), "the caller may try again, with the token that is there by now"
    assert auth.headers() == second
    assert tokens.asked == 2
    fixed = Auth([credential("key")])
    assert not fixed.forget(fixed.headers())


def test_a_fetch_that_is_cancelled_or_fails_leaves_no_one_waiting() -> None:
    class Flaky(AsyncTokens):
        async def get_token(self, *scopes: str) -> Any:
            self.asked += 1
            if self.asked == 1:
                await asyncio.sleep(60)
            if self.asked == 2:
                raise LookupError("no token")
            return SimpleNamespace(token="good", expires_on=time.time() + 99)

    async def main() -> None:
        held = credential(Flaky())
        first, *rest = [asyncio.create_task(held.value_async()) for _ in range(4)]
        await asyncio.sleep(0.01)
        first.cancel()
        answers = await asyncio.wait_for(asyncio.gather(*rest, return_exceptions=True), 5)
        assert sorted(type(answer).__name__ for answer in answers) == [
            "LookupError", "Secret", "Secret",
        ]  # fmt: skip

    asyncio.run(main())


def test_event_loops_in_several_threads_share_one_credential() -> None:
    tokens = AsyncTokens(wait=0.02)
    held = credential(tokens)
    answers: list[str] = []

    def thread(backend: str) -> None:
        async def ask() -> str:
            return (await held.value_async()).reveal()

        answers.append(anyio.run(ask, backend=backend))

    for _ in range(2):
        threads = [threading.Thread(target=thread, args=(b,)) for b in ("asyncio", "trio") * 4]
        for each in threads:
            each.start()
        for each in threads:
            each.join(10)
    assert len(answers) == 16
    assert set(answers) <= {f"Bearer t{n}" for n in range(1, 9)}
    assert tokens.asked <= 8, "the second round found a token"


def test_dial_takes_both_credentials_only_if_they_are_equal() -> None:
    def headers(key: Any, token: Any, both: bool = False) -> dict[str, str]:
        service = dial_service("http://x", key, token, None, allow_both_auth=both)
        return {name: value.reveal() for name, value in service.auth.headers().items()}

    assert headers("a", None) == {"api-key": "a"}
    assert headers(None, "a") == {"authorization": "Bearer a"}
    assert headers("a", "a") == {"api-key": "a", "authorization": "Bearer a"}
    assert headers("a", "b", both=True) == {"api-key": "a", "authorization": "Bearer b"}
    assert headers("a", lambda: "a") == {"api-key": "a", "authorization": "Bearer a"}
    for key, token in (("a", "b"), ("a", lambda: "b"), (lambda: "a", lambda: "b")):
        with pytest.raises(ConfigurationError, match="api_key and bearer_token") as caught:
            headers(key, token)
        assert "allow_both_auth" in (caught.value.remedy or "")


def test_the_environment_is_asked_only_where_no_argument_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DIAL_API_KEY", "from-env")
    monkeypatch.setenv("DIAL_BEARER_TOKEN", "token-env")

    def sent(**arguments: Any) -> dict[str, str]:
        service = Dial(base_url="http://x", **arguments)._core.service
        return {name: value.reveal() for name, value in service.auth.headers().items()}

    assert sent() == {"api-key": "from-env"}
    assert sent(bearer_token="mine") == {"authorization": "Bearer mine"}
    monkeypatch.delenv("DIAL_API_KEY")
    assert sent() == {"authorization": "Bearer token-env"}
    monkeypatch.setenv("DIAL_API_KEY", f"{CANARY}\n")
    with pytest.raises(ConfigurationError, match="api_key") as caught:
        sent()
    assert CANARY not in shown(caught.value)


def test_secrets_do_not_show_themselves() -> None:
    secret = Secret(CANARY, "Bearer ")
    assert CANARY not in f"{secret} {secret!r} {secret:>40} {[secret]} {credential(CANARY)!r}"
    assert secret.reveal() == f"Bearer {CANARY}"
    with pytest.raises(TypeError, match="picklable") as caught:
        pickle.dumps(secret)
    assert CANARY not in str(caught.value)
    assert conceal(secret) is secret


def test_redaction_masks_a_credential_and_its_parts() -> None:
    assert Secret(CANARY, "Bearer ").redact(f"key={CANARY}!") == "key=***!"
    assert Secret(f"Bearer {CANARY}").redact(f"your {CANARY}") == "your ***"
    assert Secret(f"session={CANARY}; theme=dark").redact(f"{CANARY} dark") == "*** dark"
    assert Secret("").redact("text") == "text"
    assert Secret("any").redact("anything") == "anything"
