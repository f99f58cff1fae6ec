"""A DIAL application on aidial-sdk with what DIAL knows beside chat, and Core's routes to it."""

from __future__ import annotations

import re
from typing import Any

from aidial_sdk import DIALApp
from aidial_sdk.chat_completion import ChatCompletion, Request, Response
from aidial_sdk.deployment.configuration import ConfigurationRequest
from aidial_sdk.deployment.rate import RateRequest
from aidial_sdk.deployment.tokenize import TokenizeRequest, TokenizeResponse, TokenizeSuccess
from aidial_sdk.deployment.truncate_prompt import (
    TruncatePromptError,
    TruncatePromptRequest,
    TruncatePromptResponse,
    TruncatePromptSuccess,
)
from aidial_sdk.embeddings import Embeddings
from aidial_sdk.embeddings import Request as EmbeddingsRequest
from aidial_sdk.embeddings.response import Embedding, EmbeddingResponse, Usage

RATED: list[tuple[str, bool]] = []


class Words(ChatCompletion):
    """Counts words as tokens."""

    async def chat_completion(self, request: Request, response: Response) -> None:
        with response.create_single_choice() as choice:
            with choice.create_stage("one") as stage:
                stage.append_content("first ")
                stage.append_content("stage")
                stage.add_attachment(title="in stage", data="x")
            choice.add_attachment(title="a", data="1")
            for word in request.messages[-1].text().split():
                choice.append_content(word + " ")
            choice.add_attachment(title="b", url="files/b/x")
            choice.set_state({"words": [1, 2], "text": "state"})
        response.set_usage(1, 2)
        response.add_usage_per_model("m", 1, 2)
        response.set_discarded_messages([0])

    async def rate_response(self, request: RateRequest) -> None:
        RATED.append((request.response_id, request.rate))

    async def tokenize(self, request: TokenizeRequest) -> TokenizeResponse:
        outputs = [
            TokenizeSuccess(
                token_count=len(
                    (one.value if one.type == "string" else one.value.messages[-1].text()).split()
                )
            )
            for one in request.inputs
        ]
        return TokenizeResponse(outputs=outputs)

    async def truncate_prompt(self, request: TruncatePromptRequest) -> TruncatePromptResponse:
        outputs: list[Any] = []
        for one in request.inputs:
            if one.max_prompt_tokens is None:
                outputs.append(TruncatePromptError(error="no limit"))
            else:
                cut = len(one.messages) - one.max_prompt_tokens
                outputs.append(TruncatePromptSuccess(discarded_messages=list(range(cut))))
        return TruncatePromptResponse(outputs=outputs)

    async def configuration(self, request: ConfigurationRequest) -> dict[str, Any]:
        return {"type": "object", "properties": {"depth": {"type": "integer"}}}


class Lengths(Embeddings):
    """The vector of a text is its length."""

    async def embeddings(self, request: EmbeddingsRequest) -> EmbeddingResponse:
        texts = request.input if isinstance(request.input, list) else [request.input]
        data = [Embedding(embedding=[float(len(t))], index=i) for i, t in enumerate(texts)]
        usage = Usage(prompt_tokens=len(texts), total_tokens=len(texts))
        return EmbeddingResponse(data=data, model="lengths", usage=usage)


_FEATURE = re.compile(
    r"/v1/(?:deployments/(.+)/(tokenize|truncate_prompt|configuration)|(.+)/(rate))"
)


def build() -> Any:
    """The application, behind the routes that DIAL Core gives to the features of deployments."""
    app = DIALApp()
    app.add_chat_completion("words", Words())
    app.add_embeddings("lengths", Lengths())

    async def core(scope: Any, receive: Any, send: Any) -> None:
        found = _FEATURE.fullmatch(scope.get("path", ""))
        if found:
            path = f"/openai/deployments/{found[1] or found[3]}/{found[2] or found[4]}"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await app(scope, receive, send)

    return core
