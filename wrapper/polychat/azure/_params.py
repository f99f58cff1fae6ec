"""The keywords of clients and calls, for type checkers; nothing here runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import IO, Any, Literal, TypedDict

from polychat_rest.azure.params import (
    ImageGenerationPromptParam,
    ImageGenerationSizeParam,
    StreamOptionsParam,
    UserSecurityContextParam,
)

from ._endpoint import Route
from .models import (
    ChatCompletionsNamedToolChoice,
    ChatCompletionsResponseFormat,
    ChatCompletionsToolChoicePreset,
    ChatCompletionsToolDefinition,
    ChatRequestMessage,
    EmbeddingEncodingFormat,
    EmbeddingInputType,
    ImageEmbeddingInput,
    JsonSchemaFormat,
)

Body = MutableMapping[str, Any] | IO[bytes] | bytes
Messages = Sequence[ChatRequestMessage] | Sequence[Mapping[str, Any]]
Images = Sequence[ImageEmbeddingInput] | Sequence[Mapping[str, Any]]


class CallKeywords(TypedDict, total=False):
    """Of every call: see `polychat.azure._keywords.Keywords`. Times are in seconds."""

    model_extras: dict[str, Any] | None
    api_version: str | None
    headers: Mapping[str, str]
    params: Mapping[str, Any]
    content_type: str
    request_id: str | None
    auto_request_id: bool
    user_agent: str
    user_agent_overwrite: bool
    user_agent_use_env: bool
    base_user_agent: str
    sdk_moniker: str
    raw_request_hook: Callable[[Any], Any]
    raw_response_hook: Callable[[Any], Any]
    logging_enable: bool
    error_map: Mapping[int, Any]
    timeout: float | None
    connection_timeout: float | None
    read_timeout: float | None
    retry_total: int
    retry_connect: int
    retry_read: int
    retry_status: int
    retry_backoff_factor: float
    retry_backoff_max: float
    retry_mode: Any
    retry_on_status_codes: Iterable[int]
    permit_redirects: bool
    redirect_max: int
    max_answer_bytes: int | None
    connection_verify: bool | str
    connection_cert: Any
    proxies: Mapping[str, str] | None


class ClientKeywords(CallKeywords, total=False):
    """Of every client."""

    route: Route | None
    """``"models"`` or ``"openai/v1"``, where the endpoint's URL does not show it."""
    credential_scopes: Sequence[str]
    enforce_https: bool
    """False lets a token go over plain http to this machine."""
    transport: Any
    http_client: Any
    proxy: str | None
    """The URL of a proxy for all requests, in the place of those of the environment."""


class ChatFields(TypedDict, total=False):
    """Fields of a chat request; a client takes them too, as defaults of its calls."""

    frequency_penalty: float | None
    presence_penalty: float | None
    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    response_format: (
        Literal["text", "json_object"] | JsonSchemaFormat | ChatCompletionsResponseFormat | None
    )
    stop: Sequence[str] | None
    tools: Sequence[ChatCompletionsToolDefinition] | Sequence[Mapping[str, Any]] | None
    tool_choice: (
        str | ChatCompletionsToolChoicePreset | ChatCompletionsNamedToolChoice
        | Mapping[str, Any] | None
    )  # fmt: skip
    seed: int | None
    model: str | None
    modalities: Sequence[str] | None
    max_completion_tokens: int | None
    reasoning_effort: str | None
    parallel_tool_calls: bool | None
    logprobs: bool | None
    top_logprobs: int | None
    n: int | None
    stream_options: StreamOptionsParam | None
    user_security_context: UserSecurityContextParam | None


class EmbedFields(TypedDict, total=False):
    """Fields of an embeddings request; a client takes them too, as defaults of its calls."""

    dimensions: int | None
    encoding_format: str | EmbeddingEncodingFormat | None
    input_type: str | EmbeddingInputType | None
    model: str | None


class ImageFields(TypedDict, total=False):
    """Fields of a request for images; a client takes them too, as defaults of its calls."""

    size: str | ImageGenerationSizeParam
    n: int
    negative_prompt: str | None
    image_prompt: ImageGenerationPromptParam | None
    output_format: str | None
    quality: str | None
    model: str | None
    seed: int | None


class ChatClientParams(ChatFields, ClientKeywords): ...


class ChatParams(ChatFields, CallKeywords): ...


class EmbedClientParams(EmbedFields, ClientKeywords): ...


class EmbedParams(EmbedFields, CallKeywords): ...


class ImageClientParams(ImageFields, ClientKeywords): ...


class ImageParams(ImageFields, CallKeywords): ...
