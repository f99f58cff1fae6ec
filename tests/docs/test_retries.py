"""What the documents say is sent again, held against the operations and the clients."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from polychat._core import exchange, retry
from polychat.aimlapi._platform import AIMLAPI
from polychat.aleph_alpha._platform import ALEPH_ALPHA
from polychat.azure._platform import AZURE
from polychat.dial._platform import DIAL
from polychat.errors import APIConnectionError, InternalServerError, PolychatError

from ..core.clients import TABLE, Silent, made, method_of, use
from ..core.operations import operations

ROOT = Path(__file__).parents[2]
ROOMS = {"dial": DIAL, "aimlapi": AIMLAPI, "azure": AZURE, "aleph_alpha": ALEPH_ALPHA}
CHATS = {
    "dial": ("dial", ".chat.completions", "create"),
    "aimlapi": ("aimlapi", ".chat.completions", "create"),
    "azure": ("azure.ChatCompletionsClient", "", "complete"),
    "aleph_alpha": ("aleph_alpha", "", "chat"),
}
NO_MORE = [
    ("dial", "max_retries", "both"), ("aimlapi", "max_retries", "both"),
    ("azure", "retry_total", "both"), ("azure", "retry_read", "both"),
    ("aleph_alpha", "total_retries", "client"), ("aleph_alpha", "max_retries", "call"),
]  # fmt: skip


def rows(document: str, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, without those of its head."""
    text = (ROOT / document).read_text().partition(f"\n{heading}\n")[2]
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert table is not None, f"{document} has no table of what is sent again"
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table[0].splitlines()]
    return cells[2:]


def page(room: str) -> dict[str, str]:
    """The table of a platform's page."""
    table = rows(f"docs/{room}.md", "## What is sent again")
    names = ("most", "never made", "answered", "broken", "unsafe", "stream")
    return dict(zip(names, (f"{first} {second}" for first, second in table), strict=True))


def sent_by(room: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> dict[str, list[Any]]:
    """The operations of each method of a platform's clients."""
    seen: list[Any] = []
    prepare = exchange.prepare

    def watched(service: Any, request: Any, *args: Any, **options: Any) -> Any:
        seen.append(request.operation)
        return prepare(service, request, *args, **options)

    monkeypatch.setattr(exchange, "prepare", watched)
    found: dict[str, list[Any]] = {}
    for client, path, name in TABLE:
        if client.partition(".")[0] != room:
            continue
        method, given = method_of(made(client, Silent()), path, name, folder)
        with suppress(PolychatError):  # most are answered with what they did not ask for
            use(method(**given))
        called = f"{path.removeprefix('.')}.{name}".removeprefix(".")
        found[called.replace("completions.completions", "completions")] = list(seen)
        assert seen, called
        seen.clear()
    return found


def named(text: str, known: set[str]) -> set[str]:
    """The methods that a row names: by their paths, or many of one name by that alone."""
    found: set[str] = set()
    for name in re.findall(r"`([\w.]+)`", text):
        one = {full for full in known if name in (full, full.rpartition(".")[2])}
        assert one, f"there is no {name}"
        found |= {name} if name in known else one
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_page_lists_what_is_sent_again(
    room: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = sent_by(room, monkeypatch, tmp_path)
    unsafe = {name for name, sent in calls.items() if not all(one.resend for one in sent)}
    reads = {name for name, sent in calls.items() if all(one.method == "GET" for one in sent)}
    told = page(room)
    assert "what reads" in told["broken"]
    if room == "aleph_alpha":
        assert "every other method" in told["broken"]
        assert unsafe == set()
        rest = {op.OPERATION.id for op, _ in operations(room) if not op.OPERATION.resend}
        assert rest == {"newToken", "login"}
        assert "`new_token` and `login`" in told["unsafe"]
    else:
        assert named(told["unsafe"], {*calls}) - {"send_request"} == unsafe
        assert named(told["broken"], {*calls}) - {"send_request"} == {*calls} - unsafe - reads
    assert "every call" in told["never made"]
    assert "nothing" in told["stream"]


@pytest.mark.parametrize("room", ROOMS)
def test_a_page_tells_the_statuses(room: str) -> None:
    told = {int(text) for text in re.findall(r"\d{3}", page(room)["answered"])}
    assert told == ROOMS[room].retry_statuses


@pytest.fixture
def arrivals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """How often a chat arrives whose answer is always lost, or says that it failed; without the
    pauses."""
    for module in (exchange, retry):
        monkeypatch.setattr(module, "backoff", lambda *_, **__: 0.0)
    monkeypatch.delenv("AIMLAPI_MAX_RETRIES", raising=False)

    def count(room: str, *, lost: bool, call: dict[str, int], **settings: int) -> int:
        arrived: list[int] = []

        def answer(_: httpx.Request) -> httpx.Response:
            arrived.append(1)
            if lost:
                raise httpx.ReadError("lost")
            return httpx.Response(503)

        client, path, name = CHATS[room]
        one = made(client, httpx.MockTransport(answer), **settings)
        method, given = method_of(one, path, name, tmp_path)
        with pytest.raises(APIConnectionError if lost else InternalServerError):
            use(method(**given, **call))
        return len(arrived)

    return count


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("room", ROOMS)
def test_a_chat_arrives_as_often_as_is_said(room: str, lost: bool, arrivals: Any) -> None:
    readme = {row[0]: row[1:] for row in rows("README.md", "What is sent again, and when:")}
    place = list(ROOMS).index(room)
    again = int(readme["sent again at most"][place].removesuffix(" times"))
    often = readme["so a chat may arrive, and be billed, up to"][place]
    assert arrivals(room, lost=lost, call={}) == again + 1 == int(often.removesuffix(" times"))
    assert page(room)["most"].startswith(f"at most {again} times")


@pytest.mark.parametrize(("room", "name", "where"), NO_MORE)
def test_a_chat_is_sent_once_where_that_is_asked_for(
    room: str, name: str, where: str, arrivals: Any
) -> None:
    if name != "retry_read":
        row = {row[0]: row[1:] for row in rows("README.md", "What is sent again, and when:")}
        assert f"`{name}=0`" in row["turned off by"][list(ROOMS).index(room)]
    assert f"`{name}" in (ROOT / f"docs/{room}.md").read_text()
    if where in ("client", "both"):
        assert arrivals(room, lost=True, call={}, **{name: 0}) == 1
    if where in ("call", "both"):
        assert arrivals(room, lost=True, call={name: 0}) == 1


@pytest.mark.parametrize("room", ROOMS)
def test_the_readme_tells_the_statuses(room: str) -> None:
    told: set[int] = set()
    for first, *cells in rows("README.md", "What is sent again, and when:"):
        if first.startswith("answered") and cells[list(ROOMS).index(room)] == "every call":
            told |= {int(text) for text in re.findall(r"\d{3}", first)}
    assert told == ROOMS[room].retry_statuses
