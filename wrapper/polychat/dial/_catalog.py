"""What can be called, who calls, and where their things are: synchronous."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

from polychat._core.client import SyncCore
from polychat._core.info import ResultList, result_list
from polychat._core.options import CallOptions, conceal_options, take_options

from ._listing import entries, entry
from ._platform import check_body
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
        EmbeddingRequestParam,
        TokenizeInputRequestParam,
        TokenizeInputStringParam,
    )

    class EmbeddingParams(EmbeddingRequestParam, CallOptions):
        """The fields of an embedding request, and the options of a call."""


Kind = Literal["model", "application", "toolset"]


def deployment(deployment_id: Any) -> str:
    """A deployment's id. Raises `InvalidRequestError`."""
    return named("deployment_id", deployment_id)


class _Resource:
    def __init__(self, core: SyncCore) -> None:
        self._core = core


class Deployments(_Resource):
    """``client.deployments``: models and applications that can be called."""

    def list(self, **options: Unpack[CallOptions]) -> ResultList[Deployment]:
        """All deployments that the credentials may call: ``GET /openai/deployments``."""
        request = build("deployments.get_deployments")()
        return cast("ResultList[Deployment]", entries(self._core.call(request, options)))

    def list_names(
        self, types: Sequence[Kind] | None = None, **options: Unpack[CallOptions]
    ) -> ResultList[DeploymentName]:
        """Ids and kinds only, of the kinds that are asked for, or of all."""
        request = build("deployments.get_deployment_names")(type=types or None)
        return cast("ResultList[DeploymentName]", self._core.call(request, options))

    def list_all(self, **options: Unpack[CallOptions]) -> ResultList[Deployment]:
        """Models, applications and toolsets in one list: ``GET /v1/deployments``."""
        found: Any = self._core.call(build("deployments.list_deployments")(), options)
        return result_list(map(entry, found), found)

    def get(self, deployment_id: str, **options: Unpack[CallOptions]) -> Deployment:
        """One deployment. Raises `ResourceNotFoundError`."""
        request = build("deployments.get_deployment")(deployment(deployment_id))
        return cast("Deployment", entry(self._core.call(request, options)))

    def get_configuration_schema(
        self, deployment_id: str, **options: Unpack[CallOptions]
    ) -> dict[str, Any]:
        """The JSON Schema of what ``custom_fields.configuration`` may hold."""
        request = build("deployments.configuration_deployment")(deployment(deployment_id))
        return cast("dict[str, Any]", self._core.call(request, options))

    def get_limits(self, deployment_id: str, **options: Unpack[CallOptions]) -> LimitStats:
        """How much of it the caller has used, and may use."""
        request = build("deployments.get_deployment_limits")(deployment(deployment_id))
        return cast("LimitStats", self._core.call(request, options))

    def rate(
        self, deployment_id: str, *, response_id: str, rate: bool, **options: Unpack[CallOptions]
    ) -> None:
        """Says whether an answer, by its ``id``, was good."""
        body = {"responseId": response_id, "rate": rate}
        self._core.call(
            build("deployments.rate_deployment")(deployment(deployment_id), body=body),
            options,
        )

    def tokenize(
        self,
        deployment_id: str,
        inputs: Sequence[str | TokenizeInputStringParam | TokenizeInputRequestParam],
        **options: Unpack[CallOptions],
    ) -> TokenizeResponse:
        """Counts the tokens of texts and chat requests; one output for each input."""
        body = {"inputs": [tokenize_input(one) for one in inputs]}
        request = build("deployments.tokenize")(deployment(deployment_id), body=body)
        return cast("TokenizeResponse", self._core.call(request, options))

    def truncate_prompt(
        self,
        deployment_id: str,
        inputs: Sequence[ChatCompletionRequestParam],
        **options: Unpack[CallOptions],
    ) -> TruncatePromptResponse:
        """Which messages of chat requests are dropped to keep to their ``max_prompt_tokens``."""
        body = {"inputs": list(inputs)}
        request = build("deployments.truncate_prompt")(deployment(deployment_id), body=body)
        return cast("TruncatePromptResponse", self._core.call(request, options))


def tokenize_input(given: Any) -> Any:
    """An input as DIAL takes it; a bare text stands for itself."""
    return {"type": "string", "value": given} if isinstance(given, str) else given


class Embeddings(_Resource):
    """``client.embeddings``."""

    def __init__(self, core: SyncCore, api_version: str | None) -> None:
        super().__init__(core)
        self._api_version = api_version

    def create(
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
        return cast("EmbeddingResponse", self._core.call(request, options))


def embedding_request(
    deployment_name: str, api_version: str | None, params: dict[str, Any]
) -> tuple[Any, Mapping[str, Any]]:
    """The request of an embedding call, and its options. Raises `UnknownKeywordError`."""
    options = take_options(params)
    make = build("embeddings.send_embeddings_request")
    check_body(make, params)
    body = {name: value for name, value in params.items() if value is not None}
    return make(deployment_name, body=body, api_version=api_version), options


class Application(_Resource):
    """``client.application``, as aidial-client names it; `applications` does more."""

    def list(self, **options: Unpack[CallOptions]) -> ResultList[ApplicationType]:
        """All applications that the credentials may call."""
        request = build("applications.get_applications")()
        return cast("ResultList[ApplicationType]", entries(self._core.call(request, options)))

    def get(self, app_id: str, **options: Unpack[CallOptions]) -> ApplicationType:
        """One application. Raises `ResourceNotFoundError`."""
        request = build("applications.get_application")(named("app_id", app_id))
        return cast("ApplicationType", entry(self._core.call(request, options)))


class Model(_Resource):
    """``client.model`` and ``client.models``."""

    def list(self, **options: Unpack[CallOptions]) -> ResultList[ModelInfo]:
        """All models that the credentials may call."""
        request = build("models.get_models")()
        return cast("ResultList[ModelInfo]", entries(self._core.call(request, options)))

    def get(self, model_name: str, **options: Unpack[CallOptions]) -> ModelInfo:
        """One model. Raises `ResourceNotFoundError`."""
        request = build("models.get_model")(named("model_name", model_name))
        return cast("ModelInfo", entry(self._core.call(request, options)))


class Toolset(_Resource):
    """``client.toolset``, as aidial-client names it; `toolsets` does more."""

    def get(self, toolset_id: str, **options: Unpack[CallOptions]) -> ToolsetInfo:
        """One toolset. Raises `ResourceNotFoundError`."""
        request = build("toolsets.get_toolset")(named("toolset_id", toolset_id))
        return cast("ToolsetInfo", entry(self._core.call(request, options)))


class User(_Resource):
    """``client.user``."""

    def info(self, **options: Unpack[CallOptions]) -> UserInfo:
        """The caller's roles, and the project of the key or the claims of the token."""
        return cast("UserInfo", self._core.call(build("user.get_user_info")(), options))


class Bucket(_Resource):
    """``client.bucket``: where the caller's things are."""

    def get_raw(self, **options: Unpack[CallOptions]) -> BucketResponse:
        """DIAL's answer."""
        return cast("BucketResponse", self._core.call(build("buckets.get_user_bucket")(), options))

    def get_bucket(self, **options: Unpack[CallOptions]) -> str:
        """The caller's bucket."""
        conceal_options(options)
        return self.get_raw(**options).bucket

    def get_appdata(self, **options: Unpack[CallOptions]) -> AppData | None:
        """Where an application keeps what belongs to its user; None for others."""
        conceal_options(options)
        appdata = self.get_raw(**options).appdata
        return AppData.parse(appdata) if appdata else None


class Metadata(_Resource):
    """``client.metadata``: of resources of any type."""

    def get(
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
        return cast("MetadataType", self._core.call(metadata_request(named, page), options))
