"""The asynchronous clients of Azure AI Inference: `polychat.azure`'s, with coroutines for calls.

They may be made outside an event loop and used in one after another. Close them with
``async with`` or ``await client.close()``.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal, Self, Unpack, overload

from polychat._core.effects import run_async
from polychat._core.exchange import exchange
from polychat.errors import APIStatusError, NotFoundError, UnsupportedFeatureError

from . import _calls, _observe
from ._base import NO_INFO, NO_LOADING, AsyncBase, client_name, explained, mapped
from ._calls import UNSET, Call
from ._endpoint import IMAGES_API_VERSION
from ._keywords import conceal
from .models import (
    AsyncStreamingChatCompletions,
    ChatCompletions,
    EmbeddingsResult,
    ImageGenerationsResult,
    ModelInfo,
)

if TYPE_CHECKING:
    from polychat._core.auth import TokenCredential

    from ._auth import KeyCredential
    from ._params import (
        Body,
        CallKeywords,
        ChatClientParams,
        ChatParams,
        EmbedClientParams,
        EmbedParams,
        ImageClientParams,
        ImageParams,
        Images,
        Messages,
    )
    from ._rest import HttpResponse

__all__ = [
    "ChatCompletionsClient",
    "EmbeddingsClient",
    "ImageEmbeddingsClient",
    "ImageGenerationsClient",
    "load_client",
]


class _Client(AsyncBase):
    async def _send(self, call: Call) -> Any:
        observer = _observe.active
        if observer is None:
            return await self._carry(call)
        seen = observer.begin(self._target, call)
        try:
            result = await self._carry(call)
        except BaseException as error:
            seen.failed(error)
            seen.ended()
            raise
        finally:
            seen.left()
        if isinstance(result, AsyncStreamingChatCompletions):
            result.observe(seen)
        else:
            seen.saw(result)
            seen.ended()
        return result

    async def _carry(self, call: Call) -> Any:
        core = self._core_for(call)
        try:
            if call.stream:
                steps = exchange(core.service, call.request.as_stream(), core.options, stream=True)
                return AsyncStreamingChatCompletions(await run_async(steps, core.http))
            return await core.call(call.request)
        except APIStatusError as error:
            wanted = mapped(error, call, self._target)
            if wanted is error:
                raise
            raise wanted  # noqa: B904  # its cause is set

    async def get_model_info(
        self, *, model: str | None = None, **kwargs: Unpack[CallKeywords]
    ) -> ModelInfo:
        """As `polychat.azure.ChatCompletionsClient.get_model_info`."""
        conceal(kwargs)
        info = self._model_info
        if info is None:
            try:
                info = await self._send(_calls.info(self._target, {**kwargs, "model": model}))
            except (NotFoundError, UnsupportedFeatureError) as error:
                explained(error, NO_INFO)
                raise
            self._model_info = info
        return info

    async def send_request(
        self, request: Any, *, stream: bool = False, **kwargs: Unpack[CallKeywords]
    ) -> HttpResponse:
        """As `polychat.azure.ChatCompletionsClient.send_request`; with ``stream=True`` the answer
        is a `polychat.azure._send.StreamedResponse`."""
        conceal(kwargs)
        from ._send import Sending

        sending = Sending(self._target, self._core_for, request, stream=stream, given=kwargs)
        return await run_async(sending.steps(), sending.http)

    async def close(self) -> None:
        """Closes the connections, unless they are those of an ``http_client`` or ``transport``
        that was passed in."""
        for each in self._ways.values():
            await each.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()


class ChatCompletionsClient(_Client):
    """`polychat.azure.ChatCompletionsClient` for asynchronous code."""

    if TYPE_CHECKING:

        def __init__(
            self,
            endpoint: str | None = None,
            credential: KeyCredential | TokenCredential | None = None,
            **kwargs: Unpack[ChatClientParams],
        ) -> None: ...

    @overload
    async def complete(
        self, *, messages: Messages, stream: Literal[False] | None = False,
        **kwargs: Unpack[ChatParams],
    ) -> ChatCompletions: ...  # fmt: skip
    @overload
    async def complete(
        self, *, messages: Messages, stream: Literal[True], **kwargs: Unpack[ChatParams]
    ) -> AsyncStreamingChatCompletions: ...
    @overload
    async def complete(
        self, *, messages: Messages, stream: bool | None, **kwargs: Unpack[ChatParams]
    ) -> ChatCompletions | AsyncStreamingChatCompletions: ...
    @overload
    async def complete(
        self, body: MutableMapping[str, Any] | IO[bytes] | bytes, *, stream: bool | None = None,
        **kwargs: Unpack[CallKeywords],
    ) -> ChatCompletions | AsyncStreamingChatCompletions: ...  # fmt: skip
    async def complete(
        self,
        body: Any = UNSET,
        *,
        messages: Any = UNSET,
        stream: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        """As `polychat.azure.ChatCompletionsClient.complete`; a streamed answer is read with
        ``async for``."""
        conceal(kwargs)
        given = {"stream": stream, **kwargs}
        if messages is not UNSET:
            given["messages"] = messages
        return await self._send(_calls.chat(self._target, body, given))


class EmbeddingsClient(_Client):
    """`polychat.azure.EmbeddingsClient` for asynchronous code."""

    _operation: ClassVar[str] = "embed"

    if TYPE_CHECKING:

        def __init__(
            self,
            endpoint: str | None = None,
            credential: KeyCredential | TokenCredential | None = None,
            **kwargs: Unpack[EmbedClientParams],
        ) -> None: ...

    @overload
    async def embed(
        self, *, input: list[str], **kwargs: Unpack[EmbedParams]
    ) -> EmbeddingsResult: ...
    @overload
    async def embed(self, body: Body, **kwargs: Unpack[CallKeywords]) -> EmbeddingsResult: ...
    async def embed(
        self, body: Any = UNSET, *, input: Any = UNSET, **kwargs: Any
    ) -> EmbeddingsResult:
        """As `polychat.azure.EmbeddingsClient.embed`."""
        conceal(kwargs)
        given = kwargs if input is UNSET else {"input": input, **kwargs}
        return await self._send(_calls.embed(self._target, body, given))  # type: ignore[no-any-return]


class ImageEmbeddingsClient(_Client):
    """`polychat.azure.ImageEmbeddingsClient` for asynchronous code."""

    _operation: ClassVar[str] = "embed_images"

    if TYPE_CHECKING:

        def __init__(
            self,
            endpoint: str | None = None,
            credential: KeyCredential | TokenCredential | None = None,
            **kwargs: Unpack[EmbedClientParams],
        ) -> None: ...

    @overload
    async def embed(self, *, input: Images, **kwargs: Unpack[EmbedParams]) -> EmbeddingsResult: ...
    @overload
    async def embed(self, body: Body, **kwargs: Unpack[CallKeywords]) -> EmbeddingsResult: ...
    async def embed(
        self, body: Any = UNSET, *, input: Any = UNSET, **kwargs: Any
    ) -> EmbeddingsResult:
        """As `polychat.azure.ImageEmbeddingsClient.embed`."""
        conceal(kwargs)
        given = kwargs if input is UNSET else {"input": input, **kwargs}
        return await self._send(_calls.embed_images(self._target, body, given))  # type: ignore[no-any-return]


class ImageGenerationsClient(_Client):
    """`polychat.azure.ImageGenerationsClient` for asynchronous code."""

    _operation: ClassVar[str] = "images"
    _api_version: ClassVar[str] = IMAGES_API_VERSION

    if TYPE_CHECKING:

        def __init__(
            self,
            endpoint: str | None = None,
            credential: KeyCredential | TokenCredential | None = None,
            **kwargs: Unpack[ImageClientParams],
        ) -> None: ...

    @overload
    async def generate(
        self, *, prompt: str, **kwargs: Unpack[ImageParams]
    ) -> ImageGenerationsResult: ...
    @overload
    async def generate(
        self, body: Body, **kwargs: Unpack[CallKeywords]
    ) -> ImageGenerationsResult: ...
    async def generate(
        self, body: Any = UNSET, *, prompt: Any = UNSET, **kwargs: Any
    ) -> ImageGenerationsResult:
        """As `polychat.azure.ImageGenerationsClient.generate`."""
        conceal(kwargs)
        given = kwargs if prompt is UNSET else {"prompt": prompt, **kwargs}
        return await self._send(_calls.images(self._target, body, given))  # type: ignore[no-any-return]


async def load_client(
    endpoint: str | None = None,
    credential: KeyCredential | TokenCredential | None = None,
    **kwargs: Any,
) -> ChatCompletionsClient | EmbeddingsClient | ImageEmbeddingsClient:
    """As `polychat.azure.load_client`, with asynchronous clients."""
    async with ChatCompletionsClient(endpoint, credential, **kwargs) as asking:
        try:
            info = await asking.get_model_info()
        except (NotFoundError, UnsupportedFeatureError) as error:
            explained(error, NO_LOADING)
            raise
    classes: dict[str, Any] = {
        cls.__name__: cls
        for cls in (ChatCompletionsClient, EmbeddingsClient, ImageEmbeddingsClient)
    }
    client = classes[client_name(info)](endpoint, credential, **kwargs)
    client._model_info = info  # noqa: SLF001  # so that it is not asked for again
    return client  # type: ignore[no-any-return]
