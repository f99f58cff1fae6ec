"""Paths are paths: what the server receives is what was meant, or nothing is sent."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from polychat_rest._path import PathTemplate
from polychat_rest.errors import InvalidPathError

ONE = PathTemplate("/v1/models/{name}/info")
SEVERAL = PathTemplate("/v1/files/{bucket}/{+path}")
CHAT = PathTemplate("/openai/deployments/{+deployment_name}/chat/completions")

NAMES = [
    "gpt-4", "a b", "%4", "a%%", "a?b", "a#b", "é", "🎉", "a+b", "a&b=c", "x:y", "@", "a;b",
    "...", "a..b", "~", "*", "\\", "a\\..\\b", "{name}", "\ufeff", "%", "%zz", "http:",
]  # fmt: skip
LISTED = [
    "my%20app", "%41", "a%2Fb", "a%2fb", "%c3%a9", "%C3%A9", "%FF", "%25", "%252e%252e", "a%2e",
]  # fmt: skip
"""As a service's own listings give ids: encoded already."""
REFUSED = [
    "", ".", "..", "a\0", "a\n", "\r", "\x7f", "\ud800", "\t", "%2e", "%2E%2e", ".%2e", "a%00",
    "%0a", "%7F", "%2F", "a%2F", "..%2Fa", "a%2F..%2F..%2Fb", "a%2F%2E%2E", "a%2f%2fb", "\ud800%20",
]  # fmt: skip


def received(path: str) -> list[str]:
    """The segments that a server sees, after httpx made a URL of it."""
    raw = httpx.URL(f"http://host{path}").raw_path.decode()
    assert raw == path, "httpx leaves it as it is"
    parts = urlsplit(f"http://host{path}")
    assert (parts.netloc, parts.query, parts.fragment) == ("host", "", "")
    return [unquote(segment) for segment in parts.path.split("/")[1:]]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_arrives_as_it_was_meant(name: str) -> None:
    assert received(ONE.render({"name": name})) == ["v1", "models", name, "info"]
    path = SEVERAL.render({"bucket": name, "path": f"{name}/x/{name}"})
    assert received(path) == ["v1", "files", name, name, "x", name]


@pytest.mark.parametrize("name", LISTED)
def test_an_id_from_a_listing_goes_out_as_it_came(name: str) -> None:
    assert ONE.render({"name": name}) == f"/v1/models/{name}/info"
    mixed = f"{name} %ü"  # what it holds beside escapes is encoded
    assert SEVERAL.render({"bucket": name, "path": f"{name}/{mixed}"}) == (
        f"/v1/files/{name}/{name}/{name}%20%25%C3%BC"
    )


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidPathError, match="name="):
        ONE.render({"name": name})
    with pytest.raises(InvalidPathError, match="bucket="):
        SEVERAL.render({"bucket": name, "path": "x"})
    for path in (f"a/{name}/b", f"{name}/b"):
        with pytest.raises(InvalidPathError, match="path="):
            SEVERAL.render({"bucket": "b", "path": path})


def test_one_segment_has_no_slash() -> None:
    with pytest.raises(InvalidPathError, match="without '/'"):
        ONE.render({"name": "a/b"})


def test_folders_keep_their_slash_and_the_root_is_empty() -> None:
    assert SEVERAL.render({"bucket": "b", "path": ""}) == "/v1/files/b/"
    assert SEVERAL.render({"bucket": "b", "path": "a/"}) == "/v1/files/b/a/"
    assert SEVERAL.render({"bucket": "b", "path": "a/c"}) == "/v1/files/b/a/c"
    for path in ("/", "//", "a//", "/a"):
        with pytest.raises(InvalidPathError):
            SEVERAL.render({"bucket": "b", "path": path})


def test_values_that_are_no_strings() -> None:
    assert ONE.render({"name": 7}) == "/v1/models/7/info"
    for value in (None, True, ["a"], {"a": 1}, b"a"):
        with pytest.raises(InvalidPathError, match="name is a"):
            ONE.render({"name": value})


def test_a_folder_in_the_middle_of_a_path_is_refused() -> None:
    """`/deployments//chat/completions` would be another route."""
    for name in ("", "a/"):
        with pytest.raises(InvalidPathError, match="deployment_name="):
            CHAT.render({"deployment_name": name})
    assert CHAT.render({"deployment_name": "a/b"}) == "/openai/deployments/a/b/chat/completions"


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=30))
@example("../../v1/bucket")
@example("a?/../../other/x")
@example("//evil.example/x")
@example("http://evil.example/x")
@example("%2e%2e/%2E%2E/v1/bucket")
@example("..%2F..%2Fv1%2Fbucket")
@example("a%2fb")
@example("%4%41")
def test_any_text(text: str) -> None:
    """A server sees the text, decoded once, in its place; or it is refused."""
    decoded = unquote(text)
    for template, values, meant in (
        (ONE, {"name": text}, ["v1", "models", decoded, "info"]),
        (SEVERAL, {"bucket": "b", "path": text}, ["v1", "files", "b", *decoded.split("/")]),
    ):
        try:
            path = template.render(values)
        except InvalidPathError:
            assert (
                any(s in ("", ".", "..") for s in decoded.split("/"))
                or (template is ONE and "/" in text)
                or any(
                    ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000
                    for c in text + decoded
                )
            )
        else:
            seen = received(path)
            assert (seen if template is ONE else "/".join(seen).split("/")) == meant
            assert not {".", "..", ""} & set("/".join(seen).split("/")[:-1])
