"""LangChain's standard suite, unchanged: no test is overridden, none marked as failing.

The same file runs under langchain-core 1.x and 0.3.x; what one of them lacks is not set.
"""

from __future__ import annotations

from typing import Any, Literal

import pytest
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_tests.integration_tests import (
    ChatModelIntegrationTests,
    EmbeddingsIntegrationTests,
)
from langchain_tests.unit_tests import ChatModelUnitTests, EmbeddingsUnitTests

from polychat.emulator import Emulator
from polychat.integrations.langchain import AimlapiEmbeddings, ChatAimlapi, allow_loading

ENVIRONMENT = {"AIMLAPI_API_KEY": "key", "AIMLAPI_API_BASE": "https://aimlapi.example/v1"}
DETAILS: list[Any] = ["audio_input", "audio_output", "reasoning_output", "cache_read_input"]


class TestUnit(ChatModelUnitTests):
    @pytest.fixture(autouse=True)
    def _loading(self) -> None:
        allow_loading()  # the suite loads with allowed_objects="all"

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatAimlapi

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "echo", "api_key": "key"}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        expected = {"aimlapi_api_key": "key", "aimlapi_api_base": "https://aimlapi.example/v1"}
        return ENVIRONMENT, {"model": "echo"}, expected


class Features:
    """What the model can do, for the suite: everything that it asks about."""

    supports_json_mode = True
    supports_image_inputs = True
    supports_image_urls = True
    supports_pdf_inputs = True
    supports_audio_inputs = True
    supports_video_inputs = True
    supports_anthropic_inputs = True
    supports_image_tool_message = True
    supports_pdf_tool_message = True
    returns_usage_metadata = True
    supports_model_override = True
    model_override_value = "echo-2"
    has_tool_calling = True
    has_tool_choice = True
    has_structured_output = True
    supported_usage_metadata_details: dict[Literal["invoke", "stream"], list[Any]] = {
        "invoke": DETAILS, "stream": DETAILS,
    }  # fmt: skip

    url: str

    @pytest.fixture(autouse=True)
    def _server(self, aimlapi_emulator: Emulator) -> None:
        type(self).url = aimlapi_emulator.url("aimlapi")

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatAimlapi

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "echo", "base_url": self.url}

    def _told(self, content: Any, *, stream: bool, **options: Any) -> AIMessage:
        model = ChatAimlapi(model="echo", base_url=self.url, **options)
        if not stream:
            answer = model.invoke([("human", content)])
            assert isinstance(answer, AIMessage)
            return answer
        whole: Any = None
        for chunk in model.stream([("human", content)]):
            whole = chunk if whole is None else whole + chunk
        assert isinstance(whole, AIMessageChunk)
        return whole

    def invoke_with_audio_input(self, *, stream: bool = False) -> AIMessage:
        sound = {"type": "audio", "base64": "UklGRg==", "mime_type": "audio/wav"}
        return self._told([{"type": "text", "text": "What is said?"}, sound], stream=stream)

    def invoke_with_audio_output(self, *, stream: bool = False) -> AIMessage:
        return self._told("Say it", stream=stream, modalities=["text", "audio"],
                          audio={"format": "wav", "voice": "alloy"})  # fmt: skip

    def invoke_with_reasoning_output(self, *, stream: bool = False) -> AIMessage:
        return self._told("Think", stream=stream, reasoning_effort="low")

    def invoke_with_cache_read_input(self, *, stream: bool = False) -> AIMessage:
        part = {"type": "text", "text": "A long text", "cache_control": {"type": "ephemeral"}}
        return self._told([part], stream=stream)


class TestIntegration(Features, ChatModelIntegrationTests):
    """Structured output by calls of functions, which is the default."""


class TestIntegrationJsonSchema(Features, ChatModelIntegrationTests):
    """Structured output by ``json_schema``."""

    @property
    def structured_output_kwargs(self) -> dict[str, Any]:
        return {"method": "json_schema"}


class TestEmbeddingsUnit(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return AimlapiEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": "emulator/embed", "api_key": "key"}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        expected = {"aimlapi_api_key": "key", "aimlapi_api_base": "https://aimlapi.example/v1"}
        return ENVIRONMENT, {"model": "emulator/embed"}, expected


class TestEmbeddingsIntegration(EmbeddingsIntegrationTests):
    url: str

    @pytest.fixture(autouse=True)
    def _server(self, aimlapi_emulator: Emulator) -> None:
        type(self).url = aimlapi_emulator.url("aimlapi")

    @property
    def embeddings_class(self) -> type[Embeddings]:
        return AimlapiEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": "emulator/embed", "base_url": self.url}
