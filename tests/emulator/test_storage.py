"""DIAL's storage: ETags, folders, pages, move and copy, in memory and in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from polychat.emulator import Emulator
from polychat.emulator.files import Store

METADATA = "application/vnd.dial.metadata+json"


@pytest.fixture(scope="module", params=["memory", "folder"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emulator]:
    folder = None if request.param == "memory" else tmp_path_factory.mktemp("store")
    with Emulator(folder) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def one_client(server: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url("dial"), headers={"Api-Key": "alice"}) as client:
        yield client


@pytest.fixture
def client(server: Emulator, one_client: httpx.Client) -> httpx.Client:
    server.reset()
    return one_client


@pytest.fixture
def bucket(client: httpx.Client) -> str:
    name: str = client.get("/v1/bucket").json()["bucket"]
    assert name.isalnum()
    return name


def put(client: httpx.Client, url: str, content: bytes = b"data", **headers: str) -> httpx.Response:
    files = {"file": ("ignored.txt", content, "text/x-test")}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.put(f"/v1/files/{url}", files=files, headers=named)


def test_a_file_goes_up_and_comes_down(client: httpx.Client, bucket: str) -> None:
    saved = put(client, f"{bucket}/a/b%20c@.txt", b"\0one")
    document = saved.json()
    assert document["url"] == f"files/{bucket}/a/b%20c@.txt"
    assert (document["name"], document["parentPath"]) == ("b c@.txt", "a")
    assert (document["nodeType"], document["resourceType"]) == ("ITEM", "FILE")
    assert document["contentLength"] == 4
    assert saved.headers["etag"] == document["etag"]
    assert '"' not in saved.headers["etag"]
    read = client.get(f"/v1/files/{bucket}/a/b%20c@.txt")
    assert read.content == b"\0one"
    assert read.headers["content-type"] == document["contentType"] == "text/x-test"
    assert read.headers["etag"] == document["etag"]
    assert read.headers["content-length"] == "4"


def test_equal_contents_have_equal_etags(client: httpx.Client, bucket: str) -> None:
    one, same = (put(client, f"{bucket}/{name}").headers["etag"] for name in "ab")
    other = put(client, f"{bucket}/c", b"other").headers["etag"]
    assert one == same != other


def test_an_overwritten_file_keeps_when_it_was_made(client: httpx.Client, bucket: str) -> None:
    one, other = (put(client, f"{bucket}/x", content).json() for content in (b"1", b"22"))
    assert one["createdAt"] == other["createdAt"]
    assert one["updatedAt"] < other["updatedAt"]
    assert client.get(f"/v1/files/{bucket}/x").content == b"22"


def test_if_match(client: httpx.Client, bucket: str) -> None:
    url = f"{bucket}/x"
    refused = put(client, url, If_Match="*")
    assert (refused.status_code, refused.text) == (412, "ETag * is rejected")
    etag = put(client, url).headers["etag"]
    assert put(client, url, If_Match="123").text == "ETag 123 is rejected"
    assert put(client, url, If_Match=f'"{etag}"').status_code == 200
    assert put(client, url, If_Match=f"other, {etag}").status_code == 200
    assert put(client, url, If_Match="*").status_code == 200
    wrong = client.delete(f"/v1/files/{url}", headers={"If-Match": "123"})
    assert wrong.status_code == 412
    assert client.delete(f"/v1/files/{url}", headers={"If-Match": etag}).status_code == 200


def test_if_none_match(client: httpx.Client, bucket: str) -> None:
    assert put(client, f"{bucket}/x", If_None_Match="*").status_code == 200
    again = put(client, f"{bucket}/x", If_None_Match="*")
    assert (again.status_code, again.text) == (412, "Resource already exists")
    other = put(client, f"{bucket}/x", If_None_Match="abc")
    assert (other.status_code, other.text) == (400, "only header if-none-match=* is supported")


def test_what_is_deleted_is_gone(client: httpx.Client, bucket: str) -> None:
    put(client, f"{bucket}/x")
    deleted = client.delete(f"/v1/files/{bucket}/x")
    assert (deleted.status_code, deleted.content) == (200, b"")
    missing = client.get(f"/v1/files/{bucket}/x")
    assert (missing.status_code, missing.content) == (404, b"")
    assert client.delete(f"/v1/files/{bucket}/x").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("{bucket}/folder/", 400, "File name is missing"),
        ("bad-bucket/x", 400, "Url has invalid bucket: bad-bucket"),
        ("{bucket}/a%2Fb", 400, "invalid path segment"),
        ("{bucket}/%7Bx%7D", 400, "invalid path segment"),
        ("{bucket}/name.", 400, "invalid path segment"),
        ("{bucket}/a//b", 400, "empty path segment"),
        ("{bucket}/" + "x" * 900, 400, "longer than 900"),
        ("0123456789abcdef/x", 403, "access"),
    ],
)
def test_wrong_paths(client: httpx.Client, bucket: str, path: str, status: int, text: str) -> None:
    answer = put(client, path.format(bucket=bucket))
    assert answer.status_code == status
    assert text in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


def test_forms_that_have_no_file(client: httpx.Client, bucket: str) -> None:
    url = f"/v1/files/{bucket}/x"
    other = client.put(url, files={"other": b"x"})
    assert (other.status_code, other.text) == (400, "the form has no part 'file'")
    assert client.put(url, content=b"raw").status_code == 400
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert client.put(url, content=b"no form", headers=headers).status_code == 400
    assert client.get(url).status_code == 404


def test_a_folder_is_not_downloaded(client: httpx.Client, bucket: str) -> None:
    answer = client.get(f"/v1/files/{bucket}/folder/")
    assert (answer.status_code, answer.text) == (400, "Can't download a folder")


def metadata(client: httpx.Client, url: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/v1/metadata/files/{url}", params=query)
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def names(document: dict[str, Any]) -> list[str]:
    return [item["name"] for item in document["items"]]


def test_an_empty_bucket_and_an_unknown_folder(client: httpx.Client, bucket: str) -> None:
    root = metadata(client, f"{bucket}/")
    assert (root["items"], root["name"], root["parentPath"]) == ([], None, None)
    assert (root["nodeType"], root["url"]) == ("FOLDER", f"files/{bucket}/")
    assert client.get(f"/v1/metadata/files/{bucket}/no/").status_code == 404
    assert client.get(f"/v1/metadata/files/{bucket}/no").status_code == 404


def test_folders_hold_their_children_only(client: httpx.Client, bucket: str) -> None:
    for path in ("top.txt", "a/one", "a/two", "a/deep/three", "ab/four"):
        put(client, f"{bucket}/{path}")
    root = metadata(client, f"{bucket}/")
    assert names(root) == ["a", "ab", "top.txt"]
    folder, item = root["items"][0], root["items"][2]
    assert folder["url"] == f"files/{bucket}/a/"
    assert (folder["nodeType"], folder["items"]) == ("FOLDER", None)
    assert "etag" not in item
    assert names(metadata(client, f"{bucket}/a/")) == ["deep", "one", "two"]
    flat = metadata(client, f"{bucket}/", recursive="true")
    assert names(flat) == ["three", "one", "two", "four", "top.txt"]
    assert flat["items"][0]["parentPath"] == "a/deep"
    assert {node["nodeType"] for node in flat["items"]} == {"ITEM"}


def test_an_item_has_its_etag(client: httpx.Client, bucket: str) -> None:
    etag = put(client, f"{bucket}/x").headers["etag"]
    item = metadata(client, f"{bucket}/x", permissions="true")
    assert (item["etag"], item["permissions"]) == (etag, ["READ", "WRITE"])
    assert "permissions" not in metadata(client, f"{bucket}/x")


def test_pages(client: httpx.Client, bucket: str) -> None:
    wanted = [f"f{number}" for number in range(5)]
    for name in wanted:
        put(client, f"{bucket}/{name}")
    found, query = list[str](), dict[str, Any](limit=2)
    pages = 0
    while True:
        page = metadata(client, f"{bucket}/", **query)
        found += names(page)
        pages += 1
        if "nextToken" not in page:
            break
        query["token"] = page["nextToken"]
    assert (found, pages) == (wanted, 3)
    for limit in ("1001", "-1", "x"):
        url = f"/v1/metadata/files/{bucket}/"
        assert client.get(url, params={"limit": limit}).status_code == 400
        assert client.get(url, params={"token": "é"}).status_code == 400


def test_the_metadata_type_is_echoed(client: httpx.Client, bucket: str) -> None:
    url = f"/v1/metadata/files/{bucket}/"
    assert client.get(url).headers["content-type"] == "application/json"
    echoed = client.get(url, headers={"Accept": METADATA})
    assert echoed.headers["content-type"] == METADATA


def test_buckets_are_of_their_callers(client: httpx.Client, bucket: str) -> None:
    put(client, f"{bucket}/x")
    other = client.get(f"/v1/files/{bucket}/x", headers={"Api-Key": "bob"})
    assert other.status_code == 403
    theirs = client.get("/v1/bucket", headers={"Api-Key": "bob"}).json()["bucket"]
    assert theirs != bucket


def test_move_and_copy(client: httpx.Client, bucket: str) -> None:
    put(client, f"{bucket}/x", b"moved")

    def do(verb: str, source: str, target: str, **more: Any) -> httpx.Response:
        body = {"sourceUrl": f"files/{bucket}/{source}", "destinationUrl": target, **more}
        return client.post(f"/v1/ops/resource/{verb}", json=body)

    there = f"files/{bucket}/a%20b/y"
    copied = do("copy", "x", there)
    assert (copied.status_code, copied.content) == (200, b"")
    assert client.get(f"/v1/{there}").content == b"moved"
    assert do("move", "x", there).status_code == 400
    assert do("move", "x", there, overwrite=True).status_code == 200
    assert client.get(f"/v1/files/{bucket}/x").status_code == 404
    assert do("copy", "x", there).status_code == 404
    assert do("copy", "a%20b/y", there).status_code == 400
    assert do("copy", "a%20b/y", f"prompts/{bucket}/y").status_code == 400
    assert do("copy", "a%20b/y", "files/someoneelse/y").status_code == 403
    assert client.post("/v1/ops/resource/move", json={"sourceUrl": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("kind", "document", "resource_type"),
    [
        ("prompts", {"id": "i", "name": "n", "folderId": "f", "content": "c é"}, "PROMPT"),
        ("conversations", {"id": "i", "name": "n", "messages": []}, "CONVERSATION"),
        ("applications", {"display_name": "n", "endpoint": "http://x"}, "APPLICATION"),
    ],
)
def test_json_resources(
    client: httpx.Client, bucket: str, kind: str, document: dict[str, Any], resource_type: str
) -> None:
    url = f"/v1/{kind}/{bucket}/folder/thing"
    missing = client.get(url)
    assert missing.status_code == 404
    assert missing.text == f"Not found: {kind}/{bucket}/folder/thing"
    saved = client.put(url, json=document)
    assert saved.json()["resourceType"] == resource_type
    read = client.get(url)
    assert (read.json(), read.headers["etag"]) == (document, saved.headers["etag"])
    assert client.put(url, json=document, headers={"If-Match": "x"}).status_code == 412
    listed = client.get(f"/v1/metadata/{kind}/{bucket}/folder/").json()
    assert names(listed) == ["thing"]
    assert client.delete(url).status_code == 200
    assert client.get(url).status_code == 404


def test_a_large_file_passes(client: httpx.Client, bucket: str) -> None:
    content = bytes(range(256)) * 16384  # 4 MiB
    assert put(client, f"{bucket}/large", content).json()["contentLength"] == len(content)
    assert client.get(f"/v1/files/{bucket}/large").content == content


def test_a_folder_can_be_used_again(tmp_path: Path) -> None:
    with Emulator(tmp_path) as emulator:
        url = emulator.url("dial")
        bucket = httpx.get(f"{url}/v1/bucket", headers={"Api-Key": "k"}).json()["bucket"]
        for name in ("kept", "gone"):
            files = {"file": ("f", name.encode())}
            path = f"{url}/v1/files/{bucket}/{name}"
            httpx.put(path, files=files, headers={"Api-Key": "k"}).raise_for_status()
        httpx.delete(f"{url}/v1/files/{bucket}/gone", headers={"Api-Key": "k"})
    with Emulator(tmp_path) as emulator:
        url = emulator.url("dial")
        headers = {"Api-Key": "k"}
        assert httpx.get(f"{url}/v1/files/{bucket}/kept", headers=headers).content == b"kept"
        assert httpx.get(f"{url}/v1/files/{bucket}/gone", headers=headers).status_code == 404


def test_contents_that_nobody_needs_are_removed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("files/b/x", b"old", "text/plain")
    item = store.put("files/b/x", b"new", "text/plain")
    store.begin().discard()
    assert [path.read_bytes() for path in (tmp_path / "content").iterdir()] == [b"new"]
    store.delete(item)
    assert list((tmp_path / "content").iterdir()) == []


def test_a_download_survives_that_its_file_is_replaced(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        store = Store(folder)
        reading = store.read(store.put("files/b/x", b"old", "text/plain"))
        store.put("files/b/x", b"new", "text/plain")
        assert b"".join(reading) == b"old"
