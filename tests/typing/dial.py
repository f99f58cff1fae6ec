"""How users of DIAL write it, for the type checkers: nothing here is run."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import assert_type

from polychat import errors
from polychat.dial import (
    AsyncDial,
    AsyncDialClientPool,
    Dial,
    DialClientPool,
    DialException,
    EtagMismatchError,
    SigninResult,
    etag_of,
    merge_chunks,
)
from polychat.dial.types.chat import ChatCompletionChunk, ChatCompletionResponse, Message
from polychat.dial.types.deployment import Deployment
from polychat.dial.types.file import FileDownloadResponse
from polychat.dial.types.metadata import FileMetadata
from polychat.dial.types.prompt import Prompt


def files(client: Dial) -> None:
    home = client.my_files_home()
    item = client.files.upload(home / "a.txt", b"text", etag_if_none_match="*")
    assert_type(item, FileMetadata)
    client.files.upload(str(home) + "/b", ("b.txt", "text/plain", io.BytesIO(b"x")))
    client.files.upload(item.url, Path("x"), on_progress=lambda sent, total: print(sent, total))
    response = client.files.download(home / "a.txt", timeout=5)
    assert_type(response, FileDownloadResponse)
    assert_type(response.get_content(), bytes)
    for piece in response:
        assert_type(piece, bytes)
    with client.files.stream_download(home / "a.txt") as streamed:
        streamed.write_to("x")
    for found in client.files.walk(home):
        assert_type(found.content_length, int | None)
    assert_type(client.files.upload_folder("x", home, concurrency=4), list[FileMetadata])
    assert_type(client.files.download_folder(home, "x"), list[str])
    assert_type(etag_of(item), str | None)


def chats(client: Dial) -> ChatCompletionResponse:
    messages: list[Message] = [{"role": "user", "content": "Hi"}]
    answer = client.chat.completions.create(deployment_name="gpt", messages=messages)
    assert_type(answer, ChatCompletionResponse)
    assert_type(answer.choices[0].message.content, str | None)
    chunks: list[ChatCompletionChunk] = []
    with client.chat.completions.create(
        deployment_name="gpt", messages=messages, stream=True, max_prompt_tokens="infinity"
    ) as stream:
        for chunk in stream:
            assert_type(chunk, ChatCompletionChunk)
            chunks.append(chunk)
    return merge_chunks(chunks)


def others(client: Dial) -> None:
    for one in client.deployments.list():
        assert_type(one, Deployment)
    prompt = client.prompts.get("prompts/b/p")
    assert_type(prompt, Prompt)
    client.prompts.save("prompts/b/p", Prompt(id="i", name="n", folder_id="f"), etag_of(prompt))
    client.applications.create("applications/b/a", {"display_name": "A", "endpoint": "http://a"})
    outcome = client.client_channel.signin_toolsets(channel_id="c", toolset_ids=["t"])
    assert_type(outcome, dict[str, SigninResult])
    skill = client.skills / "writing" / "tone"
    assert_type(skill.files(path="SKILL.md").read(), FileDownloadResponse)
    vectors = client.embeddings.create(deployment_name="e", input=["a"], dimensions=4)
    assert_type(vectors.data[0].index, int)
    with client.resources.subscribe(["files/b/x"]) as events:
        for event in events:
            assert_type(event.url, str | None)


def failures(client: Dial) -> None:
    try:
        client.files.delete("files/b/x", etag_if_match="abc")
    except EtagMismatchError as error:
        assert_type(error.status_code, int)
        assert_type(error.attempts, int)
    except DialException as error:
        assert_type(error.code, str | None)
    except errors.PolychatError as error:
        assert_type(error.request_id, str | None)


async def asynchronous(client: AsyncDial, pieces: AsyncIterator[bytes]) -> None:
    home = await client.my_files_home()
    assert_type(await client.files.upload(home / "x", pieces), FileMetadata)
    async with client.files.stream_download(home / "x") as streamed:
        async for piece in streamed:
            assert_type(piece, bytes)
    async for item in client.files.iter(home, recursive=True):
        assert_type(item, FileMetadata)
    async with await client.chat.completions.create(
        deployment_name="gpt", messages=[{"role": "user", "content": "Hi"}], stream=True
    ) as stream:
        async for chunk in stream:
            assert_type(chunk, ChatCompletionChunk)


async def pools() -> None:
    with DialClientPool() as pool:
        assert_type(pool.create_client(base_url="http://h", api_key=lambda: "k"), Dial)

    async def token() -> str:
        return "t"

    async with AsyncDialClientPool() as other:
        assert_type(other.create_client(base_url="http://h", bearer_token=token), AsyncDial)
