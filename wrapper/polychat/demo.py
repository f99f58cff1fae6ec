"""``python -m polychat.demo``: what polychat does, shown against the local emulator.

Every step below is a function whose body is printed and then run, so what you read on the screen
is what happened. Nothing leaves this machine and no key is needed; the extra ``emulator`` is. The
exit code is 0 if every step gave what it must give, else 1.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import sys
import textwrap
from collections.abc import Callable
from typing import Any, NamedTuple

from polychat.aimlapi import AimlApi
from polychat.dial import AsyncDial, Dial
from polychat.emulator import Emulator
from polychat_rest.aimlapi.models import FunctionToolCall
from polychat_rest.aleph_alpha.api.tasks import complete
from polychat_rest.aleph_alpha.models import CompletionRequest, StreamChunk
from polychat_rest.azure import AuthenticatedClient
from polychat_rest.azure.api.chat import get_chat_completions
from polychat_rest.azure.models import ChatCompletions
from polychat_rest.dial.api.applications import get_applications
from polychat_rest.dial.api.buckets import get_user_bucket
from polychat_rest.dial.api.files import download_file, upload_file
from polychat_rest.dial.api.metadata import get_file_metadata
from polychat_rest.dial.models import ApplicationList, Bucket, FileUpload, Metadata
from polychat_rest.dial.types import File

WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The temperature in a city, in degrees Celsius.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["Oslo", "Paris"]}},
            "required": ["city"],
        },
    },
}


def get_weather(city: str) -> str:
    """The tool that the models may call. It is our code, so it runs here."""
    return f"{ {'Oslo': 3, 'Paris': 14}[city] } degrees in {city}"


class Step(NamedTuple):
    """A function to be shown, and what it must return."""

    title: str
    function: Callable[..., object]
    expected: object


STEPS: list[Step] = []


def step(title: str, expected: object) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Adds a function to the demo. Its parameters name the clients that it is given."""

    def add(function: Callable[..., object]) -> Callable[..., object]:
        STEPS.append(Step(title, function, expected))
        return function

    return add


@step("AI DIAL: a chat", "Hello, DIAL!")
def dial_chat(dial: Dial) -> object:
    """The emulator's deployments answer with the last message."""
    answer = dial.chat.completions.create(
        deployment_name="echo",
        messages=[{"role": "user", "content": "Hello, DIAL!"}],
    )
    return answer.choices[0].message.content


@step("AI DIAL: a streamed chat", "One word arrives after another.")
def dial_stream(dial: Dial) -> object:
    """Each chunk is printed as it arrives, between bars."""
    text = ""
    with dial.chat.completions.create(
        deployment_name="echo",
        messages=[{"role": "user", "content": "One word arrives after another."}],
        stream=True,
    ) as stream:
        for chunk in stream:
            piece = chunk.choices[0].delta.content or ""
            print(piece, end="|", flush=True)
            text += piece
    print()
    return text


@step("AI DIAL: a tool call, there and back", "3 degrees in Oslo")
def dial_tool(dial: Dial) -> object:
    """The model asks for a call, we make it, and the model answers with what it gave."""
    messages: list[Any] = [{"role": "user", "content": "How cold is it in Oslo?"}]
    asked = dial.chat.completions.create(deployment_name="echo", messages=messages, tools=[WEATHER])
    message = asked.choices[0].message
    call = (message.tool_calls or [])[0]
    result = get_weather(**json.loads(call.function.arguments))
    messages += [
        message.to_dict(),
        {"role": "tool", "tool_call_id": call.id, "content": result},
    ]
    answer = dial.chat.completions.create(
        deployment_name="echo", messages=messages, tools=[WEATHER]
    )
    return answer.choices[0].message.content


@step("AI DIAL: two chats at once, asynchronously", ["first", "second"])
def dial_async(dial_url: str) -> object:
    """`AsyncDial` has the same methods; they are awaited."""

    async def ask(client: AsyncDial, text: str) -> str | None:
        answer = await client.chat.completions.create(
            deployment_name="echo", messages=[{"role": "user", "content": text}]
        )
        return answer.choices[0].message.content

    async def main() -> list[str | None]:
        async with AsyncDial(base_url=dial_url, api_key="any") as client:
            return [*await asyncio.gather(ask(client, "first"), ask(client, "second"))]

    return asyncio.run(main())


@step("AI DIAL: a file goes up", "notes/hello.txt")
def dial_upload(dial: Dial) -> object:
    """Low-level functions take `dial.rest`: the same auth, retries and errors as above."""
    bucket = get_user_bucket.sync(client=dial.rest)
    assert isinstance(bucket, Bucket)
    saved = upload_file.sync(
        bucket.bucket,
        "notes/hello.txt",
        body=FileUpload(file=File(b"Hello, file!", "hello.txt", "text/plain")),
        client=dial.rest,
    )
    assert isinstance(saved, Metadata)
    return saved.url.removeprefix(f"files/{bucket.bucket}/")


@step("AI DIAL: the folder is listed", [("hello.txt", 12, "text/plain")])
def dial_listing(dial: Dial, bucket: str) -> object:
    """A path that ends in a slash is a folder."""
    folder = get_file_metadata.sync(bucket, "notes/", client=dial.rest)
    assert isinstance(folder, Metadata)
    return [(item.name, item.content_length, item.content_type) for item in folder.items or []]


@step("AI DIAL: the file comes down", b"Hello, file!")
def dial_download(dial: Dial, bucket: str) -> object:
    """`download` gives the content in pieces, so it may be larger than the memory."""
    with download_file.download(bucket, "notes/hello.txt", client=dial.rest) as pieces:
        return b"".join(pieces)


@step("AI DIAL: the applications", ["stages"])
def dial_applications(dial: Dial) -> object:
    """The emulator has one, which shows DIAL's stages."""
    listing = get_applications.sync(client=dial.rest)
    assert isinstance(listing, ApplicationList)
    return [application.id for application in listing.data]


@step("AIMLAPI: a chat", "Hello, AIMLAPI!")
def aimlapi_chat(aimlapi: AimlApi) -> object:
    """Another platform, the same shape of call: its deployments are called models."""
    answer = aimlapi.chat.completions.create(
        model="echo", messages=[{"role": "user", "content": "Hello, AIMLAPI!"}]
    )
    return answer.choices[0].message.content


@step("AIMLAPI: a streamed chat", "Streams are the same everywhere.")
def aimlapi_stream(aimlapi: AimlApi) -> object:
    """Each chunk is printed as it arrives, between bars."""
    text = ""
    with aimlapi.chat.completions.create(
        model="echo",
        messages=[{"role": "user", "content": "Streams are the same everywhere."}],
        stream=True,
    ) as stream:
        for chunk in stream:
            piece = chunk.choices[0].delta.content or ""
            print(piece, end="|", flush=True)
            text += piece
    print()
    return text


@step("AIMLAPI: a tool call, there and back", "14 degrees in Paris")
def aimlapi_tool(aimlapi: AimlApi) -> object:
    """The same tool, called for by another platform's model."""
    messages: list[Any] = [{"role": "user", "content": "How warm is it in Paris?"}]
    asked = aimlapi.chat.completions.create(model="echo", messages=messages, tools=[WEATHER])
    message = asked.choices[0].message
    call = (message.tool_calls or [])[0]
    assert isinstance(call, FunctionToolCall)
    result = get_weather(**json.loads(call.function.arguments))
    messages += [message.to_dict(), {"role": "tool", "tool_call_id": call.id, "content": result}]
    answer = aimlapi.chat.completions.create(model="echo", messages=messages, tools=[WEATHER])
    return answer.choices[0].message.content


@step("AIMLAPI: the models that chat", ["echo"])
def aimlapi_models(aimlapi: AimlApi) -> object:
    """The list needs no key."""
    return [model.id for model in aimlapi.models.list() if model.type == "chat-completion"]


@step("Azure AI Inference: a chat, low-level", "Hello, Azure!")
def azure_chat(azure: AuthenticatedClient) -> object:
    """This platform's facade comes later; its endpoints are here already."""
    answer = get_chat_completions.sync(
        body={"messages": [{"role": "user", "content": "Hello, Azure!"}]},
        api_version="2024-05-01-preview",
        client=azure,
    )
    assert isinstance(answer, ChatCompletions)
    return answer.choices[0].message.content


@step("Aleph Alpha: a streamed completion, low-level", "Hello, Aleph Alpha!")
def aleph_alpha_completion(aleph_alpha: AuthenticatedClient) -> object:
    """Its completions have a stream of their own kind: typed events, without an end marker."""
    request = CompletionRequest(model="echo", prompt="Hello, Aleph Alpha!", stream=True)
    with complete.stream(body=request, client=aleph_alpha) as events:
        return "".join(event.completion for event in events if isinstance(event, StreamChunk))


def code_of(function: Callable[..., object]) -> str:
    """The body of a function as it is written, without its docstring."""
    source = textwrap.dedent(inspect.getsource(function))
    defined = ast.parse(source).body[0]
    assert isinstance(defined, ast.FunctionDef)
    first = defined.body[1].lineno
    return textwrap.dedent("\n".join(source.splitlines()[first - 1 :]))


def show(number: int, one: Step, clients: dict[str, Any]) -> bool:
    """Prints a step, runs it and prints what it gave; True if that is what it must give."""
    print(f"{number}. {one.title}")
    print(textwrap.indent(inspect.getdoc(one.function) or "", "   "))
    print(textwrap.indent("\n" + code_of(one.function), "       ") + "\n")
    result = one.function(
        **{name: clients[name] for name in inspect.signature(one.function).parameters}
    )
    print(f"-> {result!r}\n")
    if result != one.expected:
        print(f"This is wrong: it must be {one.expected!r}.\n")
    return result == one.expected


def main() -> int:
    """Runs all steps against an emulator on a free port of loopback."""
    with (
        Emulator() as emulator,
        Dial(base_url=emulator.url("dial"), api_key="any") as dial,
        AimlApi(base_url=emulator.url("aimlapi"), api_key="any") as aimlapi,
        AuthenticatedClient(
            emulator.url("azure"), "any", prefix="", auth_header_name="api-key"
        ) as azure,
        AuthenticatedClient(emulator.url("aleph_alpha"), "any") as aleph_alpha,
    ):
        bucket = get_user_bucket.sync(client=dial.rest)
        assert isinstance(bucket, Bucket)
        clients = {
            "dial": dial,
            "dial_url": emulator.url("dial"),
            "bucket": bucket.bucket,
            "aimlapi": aimlapi,
            "azure": azure,
            "aleph_alpha": aleph_alpha,
        }
        print(f"The emulator of the four platforms listens on port {emulator.port}.\n")
        right = [show(number, one, clients) for number, one in enumerate(STEPS, 1)]
    print(f"{sum(right)} of {len(right)} steps gave what they must.")
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
