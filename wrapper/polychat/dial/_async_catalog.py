"""What can be called, who calls, and where their things are: asynchronous."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

from polychat._core.client import AsyncCore
from polychat._core.info import ResultList, result_list
from polychat._core.options import CallOptions, conceal_options

from ._catalog import Kind, deployment, embedding_request, tokenize_input
from ._listing import entries, entry
from ._storage import Page, build, metadata_of, metadata_request, named
from .helpers.storage_resource import URL
from .types.bucket import AppData

if TYPE_CHECKING:
    from polychat_rest.dial.models import (
        Application as ApplicationType,
    )
    from polychat_rest.dial.models import (
        Bucket as BucketResponse,
    )
    from polychat_rest.dial.models import (
        Deployment,
        DeploymentName,
        EmbeddingResponse,
        LimitStats,
        TokenizeResponse,
        TruncatePromptResponse,
        UserInfo,
    )
    from polychat_rest.dial.models import (
        Metadata as MetadataType,
    )
    from polychat_rest.dial.models import (
        Model as ModelInfo,
    )
    from polychat_rest.dial.models import (
        Toolset as ToolsetInfo,
    )
    from polychat_rest.dial.params import (
        ChatCompletionRequestParam,
        TokenizeInputRequestParam,
        TokenizeInputStringParam,
    )

    from ._catalog import EmbeddingParams


class _Resource:
    def __init__(self, core: AsyncCore) -> None:
        self._core = core


class AsyncDeployments(_Resource):
    """`Deployments` for asynchronous code."""

    async def list(self, **options: Unpack[CallOptions]) -> ResultList[Deployment]:
        """All deployments that the credentials may call: ``GET /openai/deployments``."""
        request = build("deployments.get_deployments")()
        return cast("ResultList[Deployment]", entries(await self._core.call(request, options)))

    async def list_names(
        self, types: Sequence[Kind] | None = None, **options: Unpack[CallOptions]
    ) -> ResultList[DeploymentName]:
        """Ids and kinds only, of the kinds that are asked for, or of all."""
        request = build("deployments.get_deployment_names")(type=types or None)
        return cast("ResultList[DeploymentName]", await self._core.call(request, options))

    async def list_all(self, **options: Unpack[CallOptions]) -> ResultList[Deployment]:
        """Models, applications and toolsets in one list: ``GET /v1/deployments``."""
        found: Any = await self._core.call(build("deployments.list_deployments")(), options)
        return result_list(map(entry, found), found)

    async def get(self, deployment_id: str, **options: Unpack[CallOptions]) -> Deployment:
        """One deployment. Raises `ResourceNotFoundError`."""
        request = build("deployments.get_deployment")(deployment(deployment_id))
        return cast("Deployment", entry(await self._core.call(request, options)))

    async def get_configuration_schema(
        self, deployment_id: str, **options: Unpack[CallOptions]
    ) -> dict[str, Any]:
        """The JSON Schema of what ``custom_fields.configuration`` may hold."""
        request = build("deployments.configuration_deployment")(deployment(deployment_id))
        return cast("dict[str, Any]", await self._core.call(request, options))

    async def get_limits(self, deployment_id: str, **options: Unpack[CallOptions]) -> LimitStats:
        """How much of it the caller has used, and may use."""
        request = build("deployments.get_deployment_limits")(deployment(deployment_id))
        return cast("LimitStats", await self._core.call(request, options))

    async def rate(
        self, deployment_id: str, *, response_id: str, rate: bool, **options: Unpack[CallOptions]
    ) -> None:
        """Says whether an answer, by its ``id``, was good."""
        body = {"responseId": response_id, "rate": rate}
        await self._core.call(
            build("deployments.rate_deployment")(deployment(deployment_id), body=body),
            options,
        )

    async def tokenize(
        self,
        deployment_id: str,
        inputs: Sequence[str | TokenizeInputStringParam | TokenizeInputRequestParam],
        **options: Unpack[CallOptions],
    ) -> TokenizeResponse:
        """Counts the tokens of texts and chat requests; one output for each input."""
        body = {"inputs": [tokenize_input(one) for one in inputs]}
        request = build("deployments.tokenize")(deployment(deployment_id), body=body)
        return cast("TokenizeResponse", await self._core.call(request, options))

    async def truncate_prompt(
        self,
        deployment_id: str,
        inputs: Sequence[ChatCompletionRequestParam],
        **options: Unpack[CallOptions],
    ) -> TruncatePromptResponse:
        """Which messages of chat requests are dropped to keep to their ``max_prompt_tokens``."""
        body = {"inputs": list(inputs)}
        request = build("deployments.truncate_prompt")(deployment(deployment_id), body=body)
        return cast("TruncatePromptResponse", await self._core.call(request, options))


class AsyncEmbeddings(_Resource):
    """`Embeddings` for asynchronous code."""

    def __init__(self, core: AsyncCore, api_version: str | None) -> None:
        super().__init__(core)
        self._api_version = api_version

    async def create(
        self,
        *,
        deployment_name: str,
        api_version: str | None = None,
        **params: Unpack[EmbeddingParams],
    ) -> EmbeddingResponse:
        """Vectors of texts and attachments, one for each input."""
        request, options = embedding_request(
            deployment_name, api_version or self._api_version, cast("dict[str, Any]", params)
        )
        return cast("EmbeddingResponse", await self._core.call(request, options))


class AsyncApplication(_Resource):
    """`Application` for asynchronous code."""

    async def list(self, **options: Unpack[CallOptions]) -> ResultList[ApplicationType]:
        """All applications that the credentials may call."""
        request = build("applications.get_applications")()
        return cast("ResultList[ApplicationType]", entries(await self._core.call(request, options)))

    async def get(self, app_id: str, **options: Unpack[CallOptions]) -> ApplicationType:
        """One application. Raises `ResourceNotFoundError`."""
        request = build("applications.get_application")(named("app_id", app_id))
        return cast("ApplicationType", entry(await self._core.call(request, options)))


class AsyncModel(_Resource):
    """`Model` for asynchronous code."""

    async def list(self, **options: Unpack[CallOptions]) -> ResultList[ModelInfo]:
        """All models that the credentials may call."""
        request = build("models.get_models")()
        return cast("ResultList[ModelInfo]", entries(await self._core.call(request, options)))

    async def get(self, model_name: str, **options: Unpack[CallOptions]) -> ModelInfo:
        """One model. Raises `ResourceNotFoundError`."""
        request = build("models.get_model")(named("model_name", model_name))
        return cast("ModelInfo", entry(await self._core.call(request, options)))


class AsyncToolset(_Resource):
    """`Toolset` for asynchronous code."""

    async def get(self, toolset_id: str, **options: Unpack[CallOptions]) -> ToolsetInfo:
        """One toolset. Raises `ResourceNotFoundError`."""
        request = build("toolsets.get_toolset")(named("toolset_id", toolset_id))
        return cast("ToolsetInfo", entry(await self._core.call(request, options)))


class AsyncUser(_Resource):
    """`User` for asynchronous code."""

    async def info(self, **options: Unpack[CallOptions]) -> UserInfo:
        """The caller's roles, and the project of the key or the claims of the token."""
        return cast("UserInfo", await self._core.call(build("user.get_user_info")(), options))


class AsyncBucket(_Resource):
    """`Bucket` for asynchronous code."""

    async def get_raw(self, **options: Unpack[CallOptions]) -> BucketResponse:
        """DIAL's answer."""
        return cast(
            "BucketResponse", await self._core.call(build("buckets.get_user_bucket")(), options)
        )

    async def get_bucket(self, **options: Unpack[CallOptions]) -> str:
        """The caller's bucket."""
        conceal_options(options)
        return (await self.get_raw(**options)).bucket

    async def get_appdata(self, **options: Unpack[CallOptions]) -> AppData | None:
        """Where an application keeps what belongs to its user; None for others."""
        conceal_options(options)
        appdata = (await self.get_raw(**options)).appdata
        return AppData.parse(appdata) if appdata else None


class AsyncMetadata(_Resource):
    """`Metadata` for asynchronous code."""

    async def get(
        self,
        resource: Literal["files", "conversations", "prompts", "applications", "toolsets"],
        relative_url: URL,
        *,
        limit: int | None = None,
        token: str | None = None,
        recursive: bool | None = None,
        permissions: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> MetadataType:
        """What DIAL knows of a resource, or a page of a folder."""
        page = Page(limit, token, recursive, permissions)
        named = metadata_of(resource, relative_url, f"{self._core.service.base_url}/v1/")
        return cast("MetadataType", await self._core.call(metadata_request(named, page), options))
