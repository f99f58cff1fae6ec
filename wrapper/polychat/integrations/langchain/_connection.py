"""What all models here share: where they connect to, with which key, and the clients."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from langchain_core.utils import secret_from_env
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
)

from polychat._core.keywords import unknown_keyword
from polychat.aimlapi import AimlApi, AsyncAimlApi
from polychat.errors import ConfigurationError, UnknownKeywordError

AIMLAPI_HEADERS = {
    "HTTP-Referer": "https://github.com/langchain-ai/langchain",
    "X-Title": "LangChain",
    "X-AIMLAPI-Partner-ID": "part_18CxLUehxepR5hLOIyrIXbv0",  # LangChain's own
    "X-AIMLAPI-Source": "agent/langchain",
}
"""Tell AIMLAPI which framework asks. ``default_headers`` adds to them and can replace them."""
DEFAULT_BASE = "https://api.aimlapi.com/v1"


def _base_from_environment() -> str:
    return os.environ.get("AIMLAPI_API_BASE") or DEFAULT_BASE


class _Clients:
    """The clients of a model and of its shallow copies. LangChain never closes a model: the
    connections end with the last of them. A deep copy has clients of its own."""

    def __init__(
        self, settings: Mapping[str, Any], http_client: Any, http_async_client: Any
    ) -> None:
        self._given = settings, http_client, http_async_client
        self.sync = AimlApi(**settings, http_client=http_client)
        self.asynchronous = AsyncAimlApi(**settings, http_client=http_async_client)
        weakref.finalize(self, self.sync.close)

    def __deepcopy__(self, _: Any) -> _Clients:
        return _Clients(*self._given)


class Connection(BaseModel):
    """The fields of a connection, and the clients that are made of them. A pickle has no key: the
    model that is made of it takes ``AIMLAPI_API_KEY``."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        populate_by_name=True, arbitrary_types_allowed=True, extra="forbid"
    )

    aimlapi_api_key: SecretStr | None = Field(
        alias="api_key", default_factory=secret_from_env("AIMLAPI_API_KEY", default=None)
    )
    """Without a key here or in ``AIMLAPI_API_KEY`` no model can be made."""
    aimlapi_api_base: str = Field(alias="base_url", default_factory=_base_from_environment)
    """The URL of the API, with its ``/v1``."""
    request_timeout: Any = Field(default=None, alias="timeout")
    """Seconds, a `polychat.Timeout` or an ``httpx.Timeout``."""
    max_retries: int | None = None
    """None: ``AIMLAPI_MAX_RETRIES``, else 2."""
    default_headers: Mapping[str, str] | None = Field(default=None, repr=False)
    default_query: Mapping[str, Any] | None = None
    http_client: Any = Field(default=None, exclude=True)
    """An ``httpx.Client`` of your own; never closed here."""
    http_async_client: Any = Field(default=None, exclude=True)

    _clients: _Clients = PrivateAttr()

    def __init__(self, *args: Any, **values: Any) -> None:
        """Raises `ConfigurationError`. pydantic's own error would show what was given: a key."""
        for name in ("api_key", "aimlapi_api_key"):
            if isinstance(values.get(name), str):
                values[name] = SecretStr(values[name])
        failure: ConfigurationError | None = None
        try:
            super().__init__(*args, **values)
        except ValidationError as error:
            failure = _plain_error(type(self), error)
        if failure is not None:  # outside of the except: pydantic's error is not its context
            raise failure

    @field_validator("aimlapi_api_base")
    @classmethod
    def _root(cls, value: str) -> str:
        """The URLs that `langchain_aimlapi` takes for its completion and its video models."""
        return value.rstrip("/").removesuffix("/chat/completions").removesuffix("/v2")

    @property
    def lc_secrets(self) -> dict[str, str]:
        """Which field is a secret, and the variable that it is in when a model is loaded."""
        return {"aimlapi_api_key": "AIMLAPI_API_KEY"}

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """LangChain can write these models down; the key is never written."""
        return True

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        """The package from which LangChain loads them again."""
        return ["polychat", "integrations", "langchain"]

    def model_post_init(self, context: Any, /) -> None:
        """Makes the clients. Raises `ConfigurationError`, such as for a missing key."""
        super().model_post_init(context)
        key = self.aimlapi_api_key
        if key is None or not key.get_secret_value():
            raise ConfigurationError(
                "aimlapi_api_key is missing",
                platform="aimlapi",
                remedy="Pass api_key=... or set AIMLAPI_API_KEY",
            )
        common: dict[str, Any] = {
            "api_key": key.get_secret_value(),
            "base_url": self.aimlapi_api_base,
            "max_retries": self.max_retries,
            "default_headers": {**AIMLAPI_HEADERS, **(self.default_headers or {})},
        }
        if self.request_timeout is not None:
            common["timeout"] = self.request_timeout
        self._clients = _Clients(common, self.http_client, self.http_async_client)

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        fields = {**state["__dict__"], "aimlapi_api_key": None}
        return {**state, "__dict__": fields, "__pydantic_private__": None}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        super().__setstate__(state)
        self.aimlapi_api_key = secret_from_env("AIMLAPI_API_KEY", default=None)()
        self.model_post_init(None)

    @property
    def _client(self) -> AimlApi:
        return self._clients.sync

    @property
    def _async_client(self) -> AsyncAimlApi:
        return self._clients.asynchronous

    def close(self) -> None:
        """Closes the connections of synchronous calls; the model cannot be called again."""
        self._client.close()

    async def aclose(self) -> None:
        """Closes the connections of asynchronous calls; the model cannot be called again."""
        await self._async_client.aclose()

    def _options(self) -> dict[str, Any]:
        """What goes with every call."""
        return {"extra_query": self.default_query} if self.default_query else {}


def _plain_error(cls: type[BaseModel], error: ValidationError) -> ConfigurationError:
    told: list[str] = []
    for one in error.errors(include_url=False, include_input=False):
        cause = one.get("ctx", {}).get("error")
        if isinstance(cause, ConfigurationError):
            return cause.with_traceback(None)
        if one["type"] == "extra_forbidden":
            aliases = [field.alias for field in cls.model_fields.values() if field.alias]
            return unknown_argument(cls, str(one["loc"][0]), [*cls.model_fields, *aliases])
        told.append(f"{'.'.join(map(str, one['loc']))}: {one['msg']}")
    return ConfigurationError("; ".join(told), platform="aimlapi")


def unknown_argument(cls: type[BaseModel], name: str, known: Iterable[str]) -> UnknownKeywordError:
    """The error for an argument that a model does not take."""
    body = f"extra_body={{{name!r}: ...}}"
    if "extra_body" not in cls.model_fields:
        body = f"model_kwargs={{'extra_body': {{{name!r}: ...}}}}"
    return unknown_keyword(
        name,
        known,
        remedy=f"Pass {body} for a field that AIMLAPI's spec does not know yet",
        method=cls.__name__,
        platform="aimlapi",
    )


def given(**fields: Any) -> dict[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def method(function: Callable[..., Any]) -> Callable[..., Any]:
    """A client's method for requests whose fields are known only when the program runs."""
    return function
