"""The asynchronous DIAL client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from polychat._core.auth import AsyncAuthValue, conceal
from polychat._core.client import AsyncClient, AsyncCore
from polychat._core.headers import concealed_headers
from polychat._core.http import AsyncHTTP
from polychat._core.options import Options, client_timeout

from ._chat import AsyncChat
from ._places import DIAL_TIMEOUT, Places, appdata_home, home, plain_headers
from ._platform import dial_service

if TYPE_CHECKING:
    import ssl
    from pathlib import PurePosixPath

    from ._async_catalog import (
        AsyncApplication,
        AsyncBucket,
        AsyncDeployments,
        AsyncEmbeddings,
        AsyncMetadata,
        AsyncModel,
        AsyncToolset,
        AsyncUser,
    )
    from ._async_files import AsyncFiles
    from ._async_sharing import (
        AsyncInvitations,
        AsyncNotifications,
        AsyncPublications,
        AsyncResourcePermissions,
        AsyncResources,
        AsyncSharing,
    )
    from ._async_stored import AsyncApplications, AsyncConversations, AsyncPrompts, AsyncToolsets
    from ._client_channel import AsyncClientChannel
    from ._skills import AsyncSkillsRef
    from .types.bucket import AppData


class AsyncDial(Places, AsyncClient):
    """`Dial` for asynchronous code: the same arguments, auth callables may be coroutine
    functions, ``http_client`` is an ``httpx.AsyncClient``. ``transport`` may also be ``"httpx"``
    or ``"aiohttp"``; left out, it is aiohttp where aiohttp is installed. May be made
    outside an event loop and used in one after another.
    """

    _core: AsyncCore

    def __init__(
        self,
        *,
        base_url: str | None = None,
        api_key: AsyncAuthValue | None = None,
        bearer_token: AsyncAuthValue | None = None,
        max_retries: int = 2,
        timeout: Any = DIAL_TIMEOUT,
        api_version: str | None = None,
        http_client: Any = None,
        default_headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        allow_both_auth: bool = False,
        transport: Any = None,
        verify: ssl.SSLContext | str | bool = True,
        proxy: str | None = None,
        max_answer_bytes: int | None = None,
    ) -> None:
        # What is secret is concealed first, so that no traceback from here shows it.
        api_key, bearer_token, proxy = conceal(api_key), conceal(bearer_token), conceal(proxy)
        default_headers = concealed_headers(default_headers)
        timeout = client_timeout(timeout, DIAL_TIMEOUT, http_client)
        options = Options().with_(
            {
                "max_retries": max_retries,
                "timeout": timeout,
                "deadline": deadline,
                "max_answer_bytes": max_answer_bytes,
            }
        )
        service = dial_service(
            base_url, api_key, bearer_token, default_headers, allow_both_auth=allow_both_auth
        )
        self._pooled = isinstance(http_client, AsyncHTTP)
        http = AsyncHTTP.of(http_client, transport=transport, verify=verify, proxy=proxy)
        super().__init__(AsyncCore(service, options, http))
        self._api_version = api_version
        self._my_bucket: str | None = None
        self._my_appdata: list[AppData | None] = []

    async def aclose(self) -> None:
        """Closes the connections; not those of a pool or of an ``http_client`` that was passed
        in."""
        if not self._pooled:
            await super().aclose()

    async def auth_headers(self) -> dict[str, str]:
        """The credentials of a request, in plain text: take care where they go."""
        return plain_headers(await self._core.service.auth.headers_async())

    async def my_bucket(self) -> str:
        """The caller's bucket, asked for once."""
        if self._my_bucket is None:
            self._my_bucket = await self.bucket.get_bucket()
        return self._my_bucket

    async def my_files_home(self) -> PurePosixPath:
        """``files/{bucket}``."""
        return home("files", await self.my_bucket())

    async def my_conversations_home(self) -> PurePosixPath:
        """``conversations/{bucket}``."""
        return home("conversations", await self.my_bucket())

    async def my_prompts_home(self) -> PurePosixPath:
        """``prompts/{bucket}``."""
        return home("prompts", await self.my_bucket())

    async def my_appdata(self) -> AppData | None:
        """Where an application keeps what belongs to its user, asked for once."""
        if not self._my_appdata:
            self._my_appdata = [await self.bucket.get_appdata()]
        return self._my_appdata[0]

    async def my_appdata_home(self) -> PurePosixPath | None:
        """``{bucket}/appdata/{application}``, below ``files`` and its like, as plain names."""
        appdata = await self.my_appdata()
        return None if appdata is None else appdata_home(appdata)

    @property
    def chat(self) -> AsyncChat:
        """Chat completions."""
        return AsyncChat(self._core, self._api_version)

    @property
    def embeddings(self) -> AsyncEmbeddings:
        """Vectors of texts and attachments."""
        from ._async_catalog import AsyncEmbeddings

        return AsyncEmbeddings(self._core, self._api_version)

    @property
    def skills(self) -> AsyncSkillsRef:
        """Skills, by references."""
        from ._skills import AsyncSkillsRef

        return AsyncSkillsRef(self._core, self.my_bucket)

    @property
    def deployments(self) -> AsyncDeployments:
        """Models and applications that can be called."""
        from ._async_catalog import AsyncDeployments

        return AsyncDeployments(self._core)

    @property
    def applications(self) -> AsyncApplications:
        """Applications: called, stored, deployed."""
        from ._async_stored import AsyncApplications

        return AsyncApplications(self._core)

    @property
    def application(self) -> AsyncApplication:
        """`applications`, as aidial-client has it."""
        from ._async_catalog import AsyncApplication

        return AsyncApplication(self._core)

    @property
    def models(self) -> AsyncModel:
        """Models."""
        from ._async_catalog import AsyncModel

        return AsyncModel(self._core)

    @property
    def model(self) -> AsyncModel:
        """The same as `models`."""
        from ._async_catalog import AsyncModel

        return AsyncModel(self._core)

    @property
    def toolsets(self) -> AsyncToolsets:
        """Toolsets: used and stored."""
        from ._async_stored import AsyncToolsets

        return AsyncToolsets(self._core)

    @property
    def toolset(self) -> AsyncToolset:
        """`toolsets`, as aidial-client has it."""
        from ._async_catalog import AsyncToolset

        return AsyncToolset(self._core)

    @property
    def user(self) -> AsyncUser:
        """The caller."""
        from ._async_catalog import AsyncUser

        return AsyncUser(self._core)

    @property
    def bucket(self) -> AsyncBucket:
        """Where the caller's things are."""
        from ._async_catalog import AsyncBucket

        return AsyncBucket(self._core)

    @property
    def metadata(self) -> AsyncMetadata:
        """Metadata of anything stored."""
        from ._async_catalog import AsyncMetadata

        return AsyncMetadata(self._core)

    @property
    def files(self) -> AsyncFiles:
        """Files."""
        from ._async_files import AsyncFiles

        return AsyncFiles(self._core)

    @property
    def prompts(self) -> AsyncPrompts:
        """Stored prompts."""
        from ._async_stored import AsyncPrompts

        return AsyncPrompts(self._core)

    @property
    def conversations(self) -> AsyncConversations:
        """Stored conversations."""
        from ._async_stored import AsyncConversations

        return AsyncConversations(self._core)

    @property
    def sharing(self) -> AsyncSharing:
        """Giving others rights to resources."""
        from ._async_sharing import AsyncSharing

        return AsyncSharing(self._core)

    @property
    def invitations(self) -> AsyncInvitations:
        """Links by which rights are given."""
        from ._async_sharing import AsyncInvitations

        return AsyncInvitations(self._core)

    @property
    def resource_permissions(self) -> AsyncResourcePermissions:
        """Rights for the time of a request."""
        from ._async_sharing import AsyncResourcePermissions

        return AsyncResourcePermissions(self._core)

    @property
    def publications(self) -> AsyncPublications:
        """Making resources public."""
        from ._async_sharing import AsyncPublications

        return AsyncPublications(self._core)

    @property
    def notifications(self) -> AsyncNotifications:
        """What happened to publications and shares."""
        from ._async_sharing import AsyncNotifications

        return AsyncNotifications(self._core)

    @property
    def resources(self) -> AsyncResources:
        """Changes of resources, as they happen."""
        from ._async_sharing import AsyncResources

        return AsyncResources(self._core)

    @property
    def client_channel(self) -> AsyncClientChannel:
        """Asking the user's client."""
        from ._client_channel import AsyncClientChannel

        return AsyncClientChannel(self._core)
