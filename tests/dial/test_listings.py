"""`iter` and `walk` end, whatever tokens and items a listing gives, in both colours."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from polychat import errors
from polychat.dial import DialException, ParsingDataError
from tests.dial.scripted import Asked, Reply, document, folder, scripted

KINDS = ("files", "prompts", "conversations", "applications", "toolsets")
WAYS: dict[str, Callable[[Any], Any]] = {
    "files.walk": lambda dial: dial.files.walk("files/b/d/"),
    **{f"{kind}.iter": lambda dial, k=kind: getattr(dial, k).iter(f"{k}/b/d/") for kind in KINDS},
}


def follow(tokens: dict[str | None, str]) -> Callable[..., Reply]:
    """A listing whose page of a token holds the token as an item, and gives the next token."""

    def script(asked: Asked) -> Reply:
        token, kind = asked.query.get("token"), asked.path.split("/")[3]
        return document(folder(f"after-{token}", kind=kind, nextToken=tokens.get(token)))

    return script


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("tokens", "pages"),
    [
        ({None: "T", "T": "T"}, 2),
        ({None: "A", "A": "B", "B": "A"}, 3),
        ({None: "A", "A": "B", "B": "C", "C": "B"}, 4),
    ],
)
def test_a_token_that_comes_again_is_an_error_after_what_had_come(
    make: Any, way: str, tokens: dict[str | None, str], pages: int
) -> None:
    with scripted(follow(tokens)) as url:
        seen: list[str] = []
        with pytest.raises(ParsingDataError, match="came again") as caught:
            seen.extend(item.name for item in islice(WAYS[way](make(base_url=url)), 50))
    assert isinstance(caught.value, errors.ResponseParseError)
    assert len(seen) == len(set(seen)) == pages


@pytest.mark.parametrize("way", WAYS)
def test_an_empty_token_ends(make: Any, way: str) -> None:
    with scripted(follow({None: "A", "A": ""})) as url:
        found = [item.name for item in WAYS[way](make(base_url=url))]
    assert found == ["after-None", "after-A"]


@pytest.mark.parametrize("way", WAYS)
def test_a_folder_is_no_item_of_itself(make: Any, way: str) -> None:
    """DIAL lists a blob whose name ends in a slash as an item with the folder's URL."""
    kind = way.partition(".")[0]
    with scripted(lambda _: document(folder("", "a.txt", kind=kind))) as url:
        assert [item.name for item in WAYS[way](make(base_url=url))] == ["a.txt"]


def test_a_folder_with_blobs_that_end_in_a_slash_comes_down(make: Any, tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        if "/metadata/" in asked.path:
            return document(folder("", "sub/", "a.txt", "sub/b.txt", "a.txt"))
        return 200, {}, asked.path.encode()

    with scripted(script) as url:
        dial = make(base_url=url)
        assert [item.name for item in dial.files.walk("files/b/d")] == [
            "a.txt", "sub/b.txt", "a.txt",
        ]  # fmt: skip
        written = dial.files.download_folder("files/b/d", tmp_path)
    assert written == [str(tmp_path / "a.txt"), str(tmp_path / "sub" / "b.txt")]
    assert (tmp_path / "sub" / "b.txt").read_bytes() == b"/v1/files/b/d/sub/b.txt"


@pytest.mark.parametrize("odd", [{"url": None}, {"url": 5}, {"url": ["x"]}])
def test_an_item_without_a_url_is_listed_and_cannot_be_written(
    make: Any, tmp_path: Path, odd: dict[str, Any]
) -> None:
    page = folder("a.txt", "b.txt")
    page["items"][1].update(odd)
    with scripted(lambda _: document(page)) as url:
        dial = make(base_url=url)
        assert [item.name for item in dial.files.walk("files/b/d")] == ["a.txt", "b.txt"]
        with pytest.raises(DialException, match="cannot be written"):
            dial.files.download_folder("files/b/d", tmp_path)
    assert list(tmp_path.iterdir()) == []
