"""Names are names: what the server stores is what was meant, or nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from polychat.dial import Dial, DialException, InvalidDialURLError
from polychat.dial._targets import local_path
from polychat.dial.helpers.storage_resource import parse_storage_resource
from polychat.emulator import Emulator

PIECES = [" ", "%41", "%2e", "%2F", "%", "?", "#", "..", ".", "/", "😀", "\0", "é", "\\", "&", "a"]
NAMES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join) | st.text(max_size=8)


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def client(server: Emulator) -> Iterator[Dial]:
    with Dial(base_url=server.url("dial"), api_key="names", max_retries=0) as dial:
        yield dial


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(NAMES)
@example("a?/../../other/x")
@example("%2e%2e/%2e%2e/other")
@example("100%41")
@example("../../../v1/bucket")
def test_what_arrives_is_what_was_meant_or_nothing_is_sent(
    server: Emulator, client: Dial, name: str
) -> None:
    """As a path of plain names, and percent-encoded as a URL."""
    server.reset()
    home = client.my_files_home()
    seen = len(server.requests)
    path = home / "in" / PurePosixPath(name)
    refused_by_dial: list[int] = []
    below = path.parts[len(home.parts) :]
    meant = f"{home}/{'/'.join(below)}"
    for url in (path, "/".join(quote(part, safe="") for part in path.parts)):
        try:
            item = client.files.upload(url, b"1")
        except DialException as error:
            stored = [key for key in server._app.world.store.items if key.startswith(str(home))]
            if isinstance(error, InvalidDialURLError):
                assert len(server.requests) == seen  # nothing was sent
                odd = {"..", ".", ""} & set(path.parts) or any(c < " " or c == "\x7f" for c in name)
                assert odd or path.is_absolute() or _surrogate(name)
            else:  # DIAL itself refuses some names: braces, and a dot at the end
                refused_by_dial.append(error.status_code)
            assert not stored
            assert set(refused_by_dial) <= {400}
            return
        seen = len(server.requests)
        assert unquote(item.url) == meant
        assert list(server._app.world.store.items) == [meant]


def _surrogate(name: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in name)


@settings(max_examples=100, deadline=None)
@given(NAMES)
@example("%2e%2e/%2e")
@example("a%2F..%2Fb")
def test_an_id_stays_in_its_place(name: str) -> None:
    from polychat.dial._catalog import deployment
    from polychat.dial._storage import build
    from polychat_rest.errors import InvalidPathError

    decoded = unquote(name)
    parts = decoded.split("/")
    try:
        path = build("deployments.get_deployment")(deployment(name)).path()
    except (DialException, InvalidPathError):
        bad = {"", ".", ".."} & set(parts) or any(c < " " or c == "\x7f" for c in decoded)
        assert bad or _surrogate(name)
        return
    assert unquote(path) == f"/openai/deployments/{decoded}"
    assert "?" not in path
    assert "#" not in path
    assert not {"", ".", ".."} & set(parts)


@pytest.mark.parametrize(
    "url",
    [
        "", "/", "/v1/files/b/x", "v1/files/b/x", "files", "files/", "files/b", "files//x",
        "things/b/x", "files/b/../x", "files/b/./x", "files/b/%2e%2e/x", "files/b/a%2Fb",
        "files/b/a%00", "files/b/a\n", "files/b/%FF", "http://other/v1/files/b/x",
        "http://dial@evil/v1/files/b/x", "http://user:p@dial/v1/files/b/x", "//other/v1/files/b/x",
        "https://dial/v1/files/b/x", "http://dial:81/v1/files/b/x", "http://dial/v2/files/b/x",
        "http://dial/v1/files/b/x?a=b", "http://dial/v1/files/b/x#f", "http://dial/v1/../x/b/y",
        "http://[::1/v1/files/b/x", "ftp://dial/v1/files/b/x",
    ],
)  # fmt: skip
def test_urls_that_name_nothing_here_are_refused(url: str) -> None:
    with pytest.raises(DialException) as caught:
        parse_storage_resource(
            url=url, dial_api_url="http://dial/v1/", expected_resource_type="files"
        )
    assert caught.value.status_code == 400


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("files/b/a b", "a b"),
        ("files/b/a%20b", "a b"),
        ("files/b/100%", "100%"),
        ("files/b/a%zz", "a%zz"),
        ("files/b/a?b#c", "a?b#c"),
        ("files/b/folder/", "folder/"),
        ("http://dial/v1/files/b/a%3Fb", "a?b"),
        ("HTTP://DIAL:80/v1/files/b/x", "x"),
        (PurePosixPath("files/b/a%20b"), "a%20b"),
        (PurePosixPath("files/b/a?b"), "a?b"),
    ],
)
def test_urls_are_decoded_once(url: str | PurePosixPath, path: str) -> None:
    found = parse_storage_resource(url=url, dial_api_url="http://dial/v1/")
    assert found.path == path
    assert found.absolute_url == f"http://dial/v1/{found.api_path}"
    assert unquote(found.api_path) == f"files/b/{path}"
    assert unquote("/".join(found.place)) == f"b/{path}"
    assert found.is_folder == path.endswith("/")


@pytest.mark.parametrize(
    "name", ["..", "a/../../b", "%2e%2e/b", "a%2Fb", "%2Fetc", "a//b", "", "a%00b", "x%2F..%2Fy"]
)
def test_a_download_never_leaves_its_folder(tmp_path: object, name: str) -> None:
    from pathlib import Path

    folder = parse_storage_resource(url="files/b/tree/", dial_api_url="http://dial/v1/")
    with pytest.raises(InvalidDialURLError):
        local_path(Path("target"), folder, f"files/b/tree/{name}")
    with pytest.raises(InvalidDialURLError):
        local_path(Path("target"), folder, "files/b/elsewhere/x")
    assert local_path(Path("t"), folder, "files/b/tree/a%20b/c") == Path("t/a b/c")
