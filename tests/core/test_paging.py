"""Listings end: a page token that comes again, or is no text, is an error."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from polychat._core.info import ResponseInfo
from polychat._core.paging import Pages
from polychat._core.platform import Platform
from polychat.errors import PolychatError, ResponseParseError


class Page:
    __response__ = ResponseInfo(200, {}, "req-1", 2)


class Dressed(ResponseParseError):
    pass


def dress(error: PolychatError) -> PolychatError:
    return Dressed(error.message, platform=error.platform)


def tokens_asked(given: Any) -> list[Any]:
    pages = Pages(Platform(name="p"))
    asked: list[Any] = [pages.token]
    for token in given:
        if not pages.turn(token, Page()):
            return asked
        asked.append(pages.token)
    raise AssertionError("it did not end")


@pytest.mark.parametrize("last", [None, ""])
def test_an_empty_token_ends(last: Any) -> None:
    assert tokens_asked(["a", "b", "0", last]) == [None, "a", "b", "0"]
    assert tokens_asked([last]) == [None]


@pytest.mark.parametrize("cycle", [["a"], ["a", "b"], ["a", "b", "c", "d"]])
@pytest.mark.parametrize("before", [[], ["x", "y"]])
def test_a_token_that_comes_again_is_an_error(cycle: list[str], before: list[str]) -> None:
    with pytest.raises(ResponseParseError, match="'a' came again") as caught:
        tokens_asked(itertools.chain(before, itertools.cycle(cycle)))
    assert (caught.value.request_id, caught.value.attempts) == ("req-1", 2)


@pytest.mark.parametrize("token", [0, 7, False, ["a"], {"a": 1}, 1.5])
def test_a_token_that_is_no_text_is_an_error(token: Any) -> None:
    with pytest.raises(ResponseParseError, match=f"is a {type(token).__name__}, not text"):
        tokens_asked([token])


def test_the_error_is_the_platforms_own_and_short() -> None:
    pages = Pages(Platform(name="p", dress=dress))
    token = "t" * 100_000
    assert pages.turn(token, Page())
    with pytest.raises(Dressed) as caught:
        pages.turn(token, Page())
    assert len(str(caught.value)) < 200
