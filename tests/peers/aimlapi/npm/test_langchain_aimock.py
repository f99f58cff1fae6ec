"""LangChain's standard suite against @copilotkit/aimock, which writes the wire format itself."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from langchain_core.embeddings import Embeddings
from langchain_tests.integration_tests import (
    ChatModelIntegrationTests,
    EmbeddingsIntegrationTests,
)

from polychat.integrations.langchain import AimlapiEmbeddings

from ..test_langchain_standard import Features


class _Aimock(Features):
    """The same against a server that others wrote. It counts no kinds of tokens."""

    supported_usage_metadata_details: dict[Literal["invoke", "stream"], list[Any]] = {
        "invoke": [], "stream": [],
    }  # fmt: skip

    @pytest.fixture(autouse=True)
    def _server(self, aimock_url: str) -> None:
        type(self).url = aimock_url


class TestAimock(_Aimock, ChatModelIntegrationTests):
    """Structured output by calls of functions."""


class TestAimockJsonSchema(_Aimock, ChatModelIntegrationTests):
    """Structured output by ``json_schema``."""

    @property
    def structured_output_kwargs(self) -> dict[str, Any]:
        return {"method": "json_schema"}


class TestEmbeddingsAimock(EmbeddingsIntegrationTests):
    url: str

    @pytest.fixture(autouse=True)
    def _server(self, aimock_url: str) -> None:
        type(self).url = aimock_url

    @property
    def embeddings_class(self) -> type[Embeddings]:
        return AimlapiEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": "text-embedding-3-small", "base_url": self.url}
