"""What the synchronous and the asynchronous clients share: everything but the waiting."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from polychat._core.auth import conceal as conceal_text
from polychat._core.client import COMMON_HEADERS, AsyncCore, SyncCore
from polychat._core.http import AsyncHTTP, SyncHTTP
from polychat._core.options import client_timeout
from polychat._core.outgoing import Service
from polychat.errors import APIStatusError, NotFoundError, UnsupportedFeatureError

from . import _calls
from ._auth import conceal as conceal_credential
from ._auth import read_credential
from ._calls import Call, Target
from ._endpoint import API_VERSION, read_endpoint
from ._keywords import DEFAULTS, Keywords, conceal
from ._platform import AZURE
from ._transport import Way, connect, way
from .models import ModelInfo

CoreT = TypeVar("CoreT", SyncCore, AsyncCore)

NO_INFO = "Model information is not available on this endpoint (`/info` route not supported)."
NO_LOADING = (
    "`load_client` function does not work on this endpoint (`/info` route not supported). "
    "Please construct one of the clients (e.g. `ChatCompletionsClient`) directly."
)


_OWN = ("route", "credential_scopes", "enforce_https", "transport", "http_client")
"""The keywords of a constructor alone."""


class Configuration(NamedTuple):
    """What a client was made with, for code that looks at its private ``_config``."""

    endpoint: str
    api_version: str | None
    credential_scopes: list[str]


class BaseClient(Generic[CoreT]):
    """A client's endpoint, credentials, keywords and connections."""

    _operation: ClassVar[str] = "chat"
    _api_version: ClassVar[str] = API_VERSION
    _http_class: ClassVar[type[Any]]
    _core_class: ClassVar[type[Any]]

    _core: CoreT
    _model_info: ModelInfo | None

    def __init__(self, endpoint: str | None = None, credential: Any = None, **given: Any) -> None:
        credential = conceal_credential(credential)
        conceal(given)
        self._model_info = None
        where = read_endpoint(endpoint, given.pop("route", None))
        scopes = given.pop("credential_scopes", None)
        enforce = given.pop("enforce_https", True)
        self._transport = given.pop("transport", None)
        self._proxy = conceal_text(given.pop("proxy", None))
        client = given.pop("http_client", None)
        own = client_timeout(None, None, client)
        if own is not None:
            given = {"connection_timeout": own.connect, "read_timeout": own.read, **given}
        extras: dict[str, Any] = given.pop("model_extras", None) or {}
        defaults = _calls.defaults(self._operation, given)
        takes = (*_calls.beside(self._operation), *_OWN)
        query = {k: v for k, v in where.query.items() if k != "api-version"}
        keywords = (
            Keywords(params=query).with_(given, by=type(self).__name__, fields=takes)
            if given or query
            else DEFAULTS
        )
        auth = read_credential(credential, where, scopes, enforce_https=enforce)
        self._target = Target(where, keywords, defaults, extras, self._api_version)
        service = Service(
            AZURE, where.base_url, auth, {"accept-encoding": COMMON_HEADERS["accept-encoding"]}
        )
        first = connect(self._http_class, keywords, where, self._transport, client, self._proxy)
        self._ways: dict[Any, Way] = {way(keywords): first}
        self._core = self._core_class(service, keywords.options(), first.http)
        self._config = Configuration(
            endpoint or where.base_url,
            _calls.version(self._target, keywords),
            list(scopes or [where.scope]),
        )

    @property
    def rest(self) -> CoreT:
        """For the low-level endpoint functions of `polychat_rest.azure`: they get this client's
        credentials, retries and typed errors."""
        return self._core

    def _core_for(self, call: Call) -> CoreT:
        """What carries a call: the client's own, or one with the call's keywords."""
        keywords = call.keywords
        if keywords is self._target.keywords:
            return self._core
        key = way(keywords)
        found = self._ways.get(key)
        if found is None:
            where = self._target.endpoint
            found = connect(self._http_class, keywords, where, self._transport, None, self._proxy)
            found = self._ways.setdefault(key, found)
        return self._core_class(self._core.service, keywords.options(), found.http)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        core: Any = getattr(self, "_core", None)  # a traceback shows it while it is being made
        return f"<{type(self).__name__} {'not made' if core is None else core.service.base_url}>"

    def __str__(self) -> str:
        info = getattr(self, "_model_info", None)
        return f"{self!r}\n{info}" if info is not None else repr(self)


class SyncBase(BaseClient[SyncCore]):
    """Decides nothing; see `polychat.azure._sync`."""

    _http_class = SyncHTTP
    _core_class = SyncCore


class AsyncBase(BaseClient[AsyncCore]):
    """Decides nothing; see `polychat.azure.aio`."""

    _http_class = AsyncHTTP
    _core_class = AsyncCore


def mapped(error: APIStatusError, call: Call, target: Target) -> BaseException:
    """The error that the caller's ``error_map`` wants for a status; `error` where none."""
    from ._rest import HttpRequest, HttpResponse

    response: HttpResponse | None = getattr(error, "response", None)
    if response is not None and response.request is None:
        url = target.endpoint.base_url + call.request.path()
        response.request = HttpRequest(call.request.operation.method, url)
    wanted = call.keywords.error_map.get(error.status)
    if wanted is None:
        return error
    made: BaseException = wanted(response=response)
    made.__cause__ = error
    return made


def explained(error: NotFoundError | UnsupportedFeatureError, message: str) -> None:
    """Says in a client's words why there is no model information."""
    error.message = message
    error.args = (message,)


CHAT = ("chat_completion", "chat_completions", "chat", "completion", "chat-completion",
        "chat-completions", "chat completion", "chat completions")  # fmt: skip
EMBEDDINGS = ("embeddings", "embedding", "text_embedding", "text-embeddings", "text embedding",
              "text embeddings")  # fmt: skip
IMAGE_EMBEDDINGS = ("image_embeddings", "image_embedding", "image-embeddings", "image-embedding",
                    "image embedding", "image embeddings")  # fmt: skip


def client_name(info: ModelInfo) -> str:
    """The client for a model, by the type that its endpoint tells; services spell it in many
    ways. Raises ValueError."""
    kind = info.model_type
    if not kind:
        raise ValueError(
            "The AI model information is missing a value for `model type`."
            " Cannot create an appropriate client."
        )
    for name, kinds in (
        ("ChatCompletionsClient", CHAT),
        ("EmbeddingsClient", EMBEDDINGS),
        ("ImageEmbeddingsClient", IMAGE_EMBEDDINGS),
    ):
        if kind in kinds:
            return name
    raise ValueError(f"No client available to support AI model type `{kind}`")
