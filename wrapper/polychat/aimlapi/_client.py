"""The AIMLAPI clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from polychat._core.auth import AsyncAuthValue, SyncAuthValue, conceal
from polychat._core.client import AsyncClient, SyncClient
from polychat._core.headers import concealed_headers
from polychat._core.http import AsyncHTTP, SyncHTTP
from polychat._core.options import DEFAULT_TIMEOUT, client_timeout

from ._account import AsyncBilling, AsyncKeys, AsyncUsage, Billing, Keys, Usage
from ._audio import AsyncAudio, Audio
from ._batches import AsyncBatches, Batches
from ._chat import AsyncChat, Chat
from ._embeddings import AsyncEmbeddings, Embeddings
from ._images import AsyncImages, Images
from ._messages import AsyncMessages, Messages
from ._models import AsyncModels, Models
from ._music import AsyncMusic, Music
from ._ocr import AsyncOcr, Ocr
from ._platform import aimlapi_options, aimlapi_service
from ._responses import AsyncResponses, Responses
from ._sending import AimlapiCore, AsyncAimlapiCore
from ._video import AsyncVideo, Video

if TYPE_CHECKING:
    import ssl


class AimlApi(SyncClient):
    """A client of AIMLAPI.

    ``api_key`` (``AIMLAPI_API_KEY``) is a string, a callable that returns one, or a token
    credential. ``base_url`` (``AIMLAPI_API_BASE``) is https://api.aimlapi.com/v1 unless given.
    ``max_retries`` (``AIMLAPI_MAX_RETRIES``) is 2 unless given. ``timeout``
    (``AIMLAPI_TIMEOUT``) in seconds, or `polychat.Timeout`; ``deadline`` in seconds in total;
    ``max_answer_bytes`` the largest answer that is held in memory (512 MiB);
    ``http_client`` an ``httpx.Client`` (or httpx2's) of your own, never closed here;
    ``transport`` an httpx transport; ``verify`` a TLS context or the path of a CA bundle;
    ``proxy`` the URL of a proxy for all requests, in the place of those of the environment.

    Raises `polychat.errors.ConfigurationError` for arguments that cannot work.
    """

    def __init__(
        self,
        *,
        api_key: SyncAuthValue | None = None,
        base_url: str | None = None,
        max_retries: int | None = None,
        timeout: Any = DEFAULT_TIMEOUT,
        deadline: float | None = None,
        default_headers: Mapping[str, str] | None = None,
        http_client: Any = None,
        transport: Any = None,
        verify: ssl.SSLContext | str | bool = True,
        proxy: str | None = None,
        max_answer_bytes: int | None = None,
    ) -> None:
        # What is secret is concealed first, so that no traceback from here shows it.
        api_key, proxy = conceal(api_key), conceal(proxy)
        default_headers = concealed_headers(default_headers)
        timeout = client_timeout(timeout, DEFAULT_TIMEOUT, http_client)
        options = aimlapi_options(max_retries, timeout, deadline, max_answer_bytes)
        service = aimlapi_service(base_url, api_key, default_headers)
        http = SyncHTTP(http_client, transport=transport, verify=verify, proxy=proxy)
        super().__init__(AimlapiCore(service, options, http))

    @property
    def chat(self) -> Chat:
        """Chat completions."""
        return Chat(self._core)

    @property
    def responses(self) -> Responses:
        """Responses, in the form of that API."""
        return Responses(self._core)

    @property
    def messages(self) -> Messages:
        """Messages, in the form of the Claude models."""
        return Messages(self._core)

    @property
    def embeddings(self) -> Embeddings:
        """Embeddings of texts."""
        return Embeddings(self._core)

    @property
    def images(self) -> Images:
        """Pictures."""
        return Images(self._core)

    @property
    def video(self) -> Video:
        """Videos, made in the background."""
        return Video(self._core)

    @property
    def music(self) -> Music:
        """Music, made in the background."""
        return Music(self._core)

    @property
    def audio(self) -> Audio:
        """Speech and transcription."""
        return Audio(self._core)

    @property
    def ocr(self) -> Ocr:
        """Text from documents."""
        return Ocr(self._core)

    @property
    def batches(self) -> Batches:
        """Many requests at once."""
        return Batches(self._core)

    @property
    def models(self) -> Models:
        """The models on offer."""
        return Models(self._core)

    @property
    def keys(self) -> Keys:
        """API keys; needs a management key."""
        return Keys(self._core)

    @property
    def billing(self) -> Billing:
        """Credits, money, transactions."""
        return Billing(self._core)

    @property
    def usage(self) -> Usage:
        """What was used, and by which request."""
        return Usage(self._core)


class AsyncAimlApi(AsyncClient):
    """`AimlApi` for asynchronous code: the same arguments, ``api_key`` may be a coroutine
    function, ``http_client`` is an ``httpx.AsyncClient``. ``transport`` may also be ``"httpx"``
    or ``"aiohttp"``; left out, it is aiohttp where aiohttp is installed. May be made
    outside an event loop and used in one after another.
    """

    def __init__(
        self,
        *,
        api_key: AsyncAuthValue | None = None,
        base_url: str | None = None,
        max_retries: int | None = None,
        timeout: Any = DEFAULT_TIMEOUT,
        deadline: float | None = None,
        default_headers: Mapping[str, str] | None = None,
        http_client: Any = None,
        transport: Any = None,
        verify: ssl.SSLContext | str | bool = True,
        proxy: str | None = None,
        max_answer_bytes: int | None = None,
    ) -> None:
        api_key, proxy = conceal(api_key), conceal(proxy)
        default_headers = concealed_headers(default_headers)
        timeout = client_timeout(timeout, DEFAULT_TIMEOUT, http_client)
        options = aimlapi_options(max_retries, timeout, deadline, max_answer_bytes)
        service = aimlapi_service(base_url, api_key, default_headers)
        http = AsyncHTTP(http_client, transport=transport, verify=verify, proxy=proxy)
        super().__init__(AsyncAimlapiCore(service, options, http))

    @property
    def chat(self) -> AsyncChat:
        """Chat completions."""
        return AsyncChat(self._core)

    @property
    def responses(self) -> AsyncResponses:
        """Responses, in the form of that API."""
        return AsyncResponses(self._core)

    @property
    def messages(self) -> AsyncMessages:
        """Messages, in the form of the Claude models."""
        return AsyncMessages(self._core)

    @property
    def embeddings(self) -> AsyncEmbeddings:
        """Embeddings of texts."""
        return AsyncEmbeddings(self._core)

    @property
    def images(self) -> AsyncImages:
        """Pictures."""
        return AsyncImages(self._core)

    @property
    def video(self) -> AsyncVideo:
        """Videos, made in the background."""
        return AsyncVideo(self._core)

    @property
    def music(self) -> AsyncMusic:
        """Music, made in the background."""
        return AsyncMusic(self._core)

    @property
    def audio(self) -> AsyncAudio:
        """Speech and transcription."""
        return AsyncAudio(self._core)

    @property
    def ocr(self) -> AsyncOcr:
        """Text from documents."""
        return AsyncOcr(self._core)

    @property
    def batches(self) -> AsyncBatches:
        """Many requests at once."""
        return AsyncBatches(self._core)

    @property
    def models(self) -> AsyncModels:
        """The models on offer."""
        return AsyncModels(self._core)

    @property
    def keys(self) -> AsyncKeys:
        """API keys; needs a management key."""
        return AsyncKeys(self._core)

    @property
    def billing(self) -> AsyncBilling:
        """Credits, money, transactions."""
        return AsyncBilling(self._core)

    @property
    def usage(self) -> AsyncUsage:
        """What was used, and by which request."""
        return AsyncUsage(self._core)
