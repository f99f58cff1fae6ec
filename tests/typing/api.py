"""The public API as users write it, for mypy and pyright in strict mode. Checked, never run.

`assert_type` fails the check if a type is wider or narrower than it says; a line with an ignore
is an error that a user must be told about, and the check fails if it is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, assert_type

from polychat import errors, response_of
from polychat.aimlapi import AimlApi, AsyncAimlApi
from polychat.dial import AsyncDial, Dial
from polychat_rest.dial import models
from polychat_rest.dial.api.buckets import get_user_bucket

if TYPE_CHECKING:
    from polychat_rest.dial.params import ChatCompletionRequestParam


def plain(client: Dial) -> str | None:
    """A plain answer and its fields."""
    answer = client.chat.completions.create(
        deployment_name="echo",
        messages=[{"role": "user", "content": "Hello"}],
        temperature=0.5,
    )
    assert_type(answer, models.ChatCompletionResponse)
    return answer.choices[0].message.content


def streamed(client: Dial) -> None:
    """A stream is told from an answer by the literal."""
    with client.chat.completions.create(
        deployment_name="echo", messages=[{"role": "user", "content": "Hello"}], stream=True
    ) as stream:
        assert_type(stream.headers, Mapping[str, str])
        for chunk in stream:
            assert_type(chunk, models.ChatCompletionChunk)


async def asynchronous(client: AsyncDial) -> None:
    """The same calls, awaited."""
    answer = await client.chat.completions.create(
        deployment_name="echo", messages=[{"role": "user", "content": "Hello"}], stream=False
    )
    assert_type(answer, models.ChatCompletionResponse)
    async with await client.chat.completions.create(
        deployment_name="echo", messages=[{"role": "user", "content": "Hello"}], stream=True
    ) as stream:
        async for chunk in stream:
            assert_type(chunk, models.ChatCompletionChunk)


def other_platform(client: AimlApi) -> None:
    """AIMLAPI names the model where DIAL names the deployment."""
    answer = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "Hello"}]
    )
    assert_type(answer.choices[0].message.content, str | None)
    print([model.id for model in client.models.list()])


async def other_platform_asynchronous(client: AsyncAimlApi) -> None:
    """Its asynchronous twin."""
    async with await client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "Hello"}], stream=True
    ) as stream:
        async for chunk in stream:
            assert_type(chunk.choices[0].delta.content, str | None)


def options(client: Dial) -> None:
    """Options for a copy of a client, and for a call."""
    hasty = client.with_options(max_retries=0, timeout=2.0, deadline=10.0)
    assert_type(hasty, Dial)
    hasty.deployments.list(timeout=1.0, extra_headers={"x-trace": "1"})


def low_level(client: Dial) -> None:
    """Endpoint functions with a facade's pipeline."""
    bucket = get_user_bucket.sync(client=client.rest)
    assert_type(bucket, models.Bucket | models.ErrorData)
    print(response_of(client.deployments.list()).attempts)


def bodies_in_variables() -> ChatCompletionRequestParam:
    """Request bodies have types of their own."""
    return {"messages": [{"role": "user", "content": "Hello"}]}


def failures(client: Dial) -> str | None:
    """What errors tell."""
    try:
        client.deployments.list()
    except errors.RateLimitError as error:
        assert_type(error.retry_after, float | None)
        assert_type(error.status, int)
        return error.display_message
    except errors.StreamError as error:
        return error.text
    except errors.PolychatError as error:
        assert_type(error.attempts, int)
        return error.remedy
    return None


def keys(fetch: Callable[[], str]) -> tuple[Dial, Dial]:
    """A credential is a string or something that gives one."""
    url = "https://dial.example.com"
    return Dial(base_url=url, api_key="key"), Dial(base_url=url, bearer_token=fetch)


def refused(client: Dial) -> None:
    """What the checkers must not let pass."""
    client.chat.completions.create(deployment_name="echo")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.chat.completions.create(  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
        deployment_name="echo",
        messages=[{"role": "user", "content": "Hello"}],
        temperature="hot",  # pyright: ignore[reportArgumentType]
    )
