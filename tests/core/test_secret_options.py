"""A credential among the options of a call stands plain in no frame, by every method of every
client, however the call fails."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from polychat.errors import ConfigurationError

from .clients import TABLE, made, method_of, use

CANARY = "canary-8b1f7e42"
TESTS = str(Path(__file__).parents[1])


def broken(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("it broke")


ANSWERS: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    "nothing": broken,
    "a status": lambda request: httpx.Response(400, json={"error": {"message": "told"}}),
    "a page": lambda request: httpx.Response(200, html="<html>"),
    "a document of another kind": lambda request: httpx.Response(200, json={"bucket": "b"}),
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(("client", "path", "name"), TABLE, ids=lambda value: str(value))
def test_no_frame_shows_a_credential_of_a_call(
    client: str, path: str, name: str, answer: str, tmp_path: Path
) -> None:
    sent: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(repr(request.headers.raw))
        return ANSWERS[answer](request)

    azure = "azure" in client
    none = {"retry_total": 0} if azure else {"max_retries": 0}
    one = made(client, httpx.MockTransport(handle))
    method, given = method_of(one, path, name, tmp_path)
    headers: dict[str, Any] = {"Authorization": f"Bearer {CANARY}", "X-Auth-Token": CANARY}
    try:
        use(method(**given, **{"headers" if azure else "extra_headers": headers}, **none))
    except Exception as error:  # noqa: BLE001  # whatever it is, it shows nothing
        check(error)
    else:
        assert "document" in answer or "page" in answer or "send_request" in name
    assert sent
    assert all(text.count(CANARY) == 2 for text in sent)


@pytest.mark.parametrize("more", [{"nonsense": 1}, {"timeout": -1}, {"read_timeout": -1}])
@pytest.mark.parametrize(("client", "path", "name"), TABLE, ids=lambda value: str(value))
def test_no_frame_shows_it_where_nothing_is_sent(
    client: str, path: str, name: str, more: dict[str, int], tmp_path: Path
) -> None:
    one = made(client, httpx.MockTransport(broken))
    method, given = method_of(one, path, name, tmp_path)
    headers = {"Authorization": CANARY, "X-Auth-Token": CANARY}
    with pytest.raises(ConfigurationError) as caught:
        use(
            method(
                **given, **{"headers" if "azure" in client else "extra_headers": headers}, **more
            )
        )
    check(caught.value)


def check(error: BaseException | None) -> None:
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if not frame.f_code.co_filename.startswith(TESTS):
                for name, value in list(frame.f_locals.items()):
                    assert CANARY not in repr(value), f"{frame.f_code.co_qualname}: {name}"
        error = error.__cause__ or error.__context__
