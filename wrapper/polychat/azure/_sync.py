"""The synchronous clients."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal, Self, Unpack, overload

from polychat._core.effects import run
from polychat.errors import APIStatusError, NotFoundError, UnsupportedFeatureError

from . import _calls, _observe
from ._base import NO_INFO, NO_LOADING, SyncBase, client_name, explained, mapped
from ._calls import UNSET, Call
from ._endpoint import IMAGES_API_VERSION
from ._keywords import conceal
from .models import (
    ChatCompletions,
    EmbeddingsResult,
    ImageGenerationsResult,
    ModelInfo,
    StreamingChatCompletions,
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
    from ._rest import HttpRequest, HttpResponse
    from ._send import StreamedResponse


class _Client(SyncBase):
    """What the clients have in common: `get_model_info`, `send_request`, `close`."""

    def _send(self, call: Call) -> Any:
        observer = _observe.active
        if observer is None:
            return self._carry(call)
        seen = observer.begin(self._target, call)
        try:
            result = self._carry(call)
        except BaseException as error:
            seen.failed(error)
            seen.ended()
            raise
        finally:
            seen.left()
        if isinstance(result, StreamingChatCompletions):
            result.observe(seen)
        else:
            seen.saw(result)
            seen.ended()
        return result

    def _carry(self, call: Call) -> Any:
        core = self._core_for(call)
        try:
            if call.stream:
                return core.opened(call.request.as_stream(), StreamingChatCompletions)
            return core.call(call.request)
        except APIStatusError as error:
            wanted = mapped(error, call, self._target)
            if wanted is error:
                raise
            raise wanted  # noqa: B904  # its cause is set

    def get_model_info(
        self, *, model: str | None = None, **kwargs: Unpack[CallKeywords]
    ) -> ModelInfo:
        """What the endpoint's model is: ``GET /info``, asked once a client. ``model`` names one
        where the endpoint serves several.

        Only serverless and managed compute endpoints have it; ``ResourceNotFoundError`` tells of
        the others.
        """
        conceal(kwargs)
        info = self._model_info
        if info is None:
            try:
                info = self._send(_calls.info(self._target, {**kwargs, "model": model}))
            except (NotFoundError, UnsupportedFeatureError) as error:
                explained(error, NO_INFO)
                raise
            self._model_info = info
        return info

    @overload
    def send_request(
        self, request: HttpRequest, *, stream: Literal[False] = False,
        **kwargs: Unpack[CallKeywords],
    ) -> HttpResponse: ...  # fmt: skip
    @overload
    def send_request(
        self, request: Any, *, stream: bool = False, **kwargs: Unpack[CallKeywords]
    ) -> HttpResponse | StreamedResponse: ...
    def send_request(self, request: Any, *, stream: bool = False, **kwargs: Any) -> Any:
        """Sends any request: ours or azure-core's ``HttpRequest``, its URL relative to the
        endpoint or absolute. Credentials go to the endpoint's origin only.

        The answer is returned whatever its status.
        """
        conceal(kwargs)
        from ._send import Sending

        sending = Sending(self._target, self._core_for, request, stream=stream, given=kwargs)
        return run(sending.steps(), sending.http)

    def close(self) -> None:
        """Closes the connections, unless they are those of an ``http_client`` or ``transport``
        that was passed in."""
        for each in self._ways.values():
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class ChatCompletionsClient(_Client):
    """A client for chat.

    ``endpoint`` is the URL of a serverless or managed compute endpoint, of GitHub Models, of a
    deployment of Azure OpenAI, of Foundry (``.../models``) or of its successor
    (``.../openai/v1``); ``AZURE_INFERENCE_ENDPOINT`` if it is left out. ``credential`` is an
    ``AzureKeyCredential`` or a token credential; ``AZURE_INFERENCE_CREDENTIAL`` holds a key.
    The other keywords are defaults for `complete` (`ChatFields`) and those of azure-core
    (`ClientKeywords`) in `polychat.azure._params`.

    Raises `polychat.errors.ConfigurationError`, a ValueError, for arguments that cannot work and
    TypeError for those that there are not.
    """

    if TYPE_CHECKING:

        def __init__(
            self,
            endpoint: str | None = None,
            credential: KeyCredential | TokenCredential | None = None,
            **kwargs: Unpack[ChatClientParams],
        ) -> None: ...

    @overload
    def complete(
        self, *, messages: Messages, stream: Literal[False] | None = False,
        **kwargs: Unpack[ChatParams],
    ) -> ChatCompletions: ...  # fmt: skip
    @overload
    def complete(
        self, *, messages: Messages, stream: Literal[True], **kwargs: Unpack[ChatParams]
    ) -> StreamingChatCompletions: ...
    @overload
    def complete(
        self, *, messages: Messages, stream: bool | None, **kwargs: Unpack[ChatParams]
    ) -> ChatCompletions | StreamingChatCompletions: ...
    @overload
    def complete(
        self, body: MutableMapping[str, Any] | IO[bytes] | bytes, *, stream: bool | None = None,
        **kwargs: Unpack[CallKeywords],
    ) -> ChatCompletions | StreamingChatCompletions: ...  # fmt: skip
    def complete(
        self,
        body: Any = UNSET,
        *,
        messages: Any = UNSET,
        stream: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        """The answer to a conversation, whole or, with ``stream=True``, in updates.

        Give ``messages`` and the fields of the request, or all of it as ``body``: a dict, or
        JSON as bytes or an open file. ``model_extras`` go into the body beside the fields.

        Raises ``HttpResponseError``, ``ServiceRequestError`` and ``ServiceResponseError``, see
        `polychat.azure.exceptions`.
        """
        conceal(kwargs)
        given = {"stream": stream, **kwargs}
        if messages is not UNSET:
            given["messages"] = messages
        return self._send(_calls.chat(self._target, body, given))


class EmbeddingsClient(_Client):
    """A client for the vectors of texts; for the arguments see `ChatCompletionsClient`."""

    _operation: ClassVar[str] = "embed"

    if TYPE_CHECKING:

        def __init__(
            self,
            endpoint: str | None = None,
            credential: KeyCredential | TokenCredential | None = None,
            **kwargs: Unpack[EmbedClientParams],
        ) -> None: ...

    @overload
    def embed(self, *, input: list[str], **kwargs: Unpack[EmbedParams]) -> EmbeddingsResult: ...
    @overload
    def embed(self, body: Body, **kwargs: Unpack[CallKeywords]) -> EmbeddingsResult: ...
    def embed(self, body: Any = UNSET, *, input: Any = UNSET, **kwargs: Any) -> EmbeddingsResult:
        """The vectors of texts. Raises as `ChatCompletionsClient.complete` does."""
        conceal(kwargs)
        given = kwargs if input is UNSET else {"input": input, **kwargs}
        return self._send(_calls.embed(self._target, body, given))  # type: ignore[no-any-return]


class ImageEmbeddingsClient(_Client):
    """A client for the vectors of images; for the arguments see `ChatCompletionsClient`."""

    _operation: ClassVar[str] = "embed_images"

    if TYPE_CHECKING:

        def __init__(
            self,
            endpoint: str | None = None,
            credential: KeyCredential | TokenCredential | None = None,
            **kwargs: Unpack[EmbedClientParams],
        ) -> None: ...

    @overload
    def embed(self, *, input: Images, **kwargs: Unpack[EmbedParams]) -> EmbeddingsResult: ...
    @overload
    def embed(self, body: Body, **kwargs: Unpack[CallKeywords]) -> EmbeddingsResult: ...
    def embed(self, body: Any = UNSET, *, input: Any = UNSET, **kwargs: Any) -> EmbeddingsResult:
        """The vectors of images. Raises as `ChatCompletionsClient.complete` does."""
        conceal(kwargs)
        given = kwargs if input is UNSET else {"input": input, **kwargs}
        return self._send(_calls.embed_images(self._target, body, given))  # type: ignore[no-any-return]


class ImageGenerationsClient(_Client):
    """A client that makes images. azure-ai-inference has none; its API has them from version
    ``2025-02-01-preview`` on, which is this client's default."""

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
    def generate(self, *, prompt: str, **kwargs: Unpack[ImageParams]) -> ImageGenerationsResult: ...
    @overload
    def generate(self, body: Body, **kwargs: Unpack[CallKeywords]) -> ImageGenerationsResult: ...
    def generate(
        self, body: Any = UNSET, *, prompt: Any = UNSET, **kwargs: Any
    ) -> ImageGenerationsResult:
        """Images after a description; each is billed, so the request is not sent again when it
        may have been received. Raises as `ChatCompletionsClient.complete` does."""
        conceal(kwargs)
        given = kwargs if prompt is UNSET else {"prompt": prompt, **kwargs}
        return self._send(_calls.images(self._target, body, given))  # type: ignore[no-any-return]


def load_client(
    endpoint: str | None = None,
    credential: KeyCredential | TokenCredential | None = None,
    **kwargs: Any,
) -> ChatCompletionsClient | EmbeddingsClient | ImageEmbeddingsClient:
    """The client for an endpoint's model, which the endpoint is asked for.

    Raises ``ResourceNotFoundError`` where it cannot tell, and ValueError where its model is one
    that no client is for.
    """
    with ChatCompletionsClient(endpoint, credential, **kwargs) as asking:
        try:
            info = asking.get_model_info()
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
