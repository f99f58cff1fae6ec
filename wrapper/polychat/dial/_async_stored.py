"""What is stored as JSON: prompts, conversations, applications and toolsets: asynchronous."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Unpack, cast

from polychat._core.client import AsyncCore
from polychat._core.info import ResultList
from polychat._core.options import CallOptions, conceal_options
from polychat._core.paging import Pages

from ._listing import entries, entry
from ._storage import Page, Storage, build, items_of, named
from ._stored import New
from .helpers.storage_resource import URL, AnyStorageResourceType

if TYPE_CHECKING:
    from polychat_rest.dial.models import (
        Application,
        ApplicationLogs,
        Conversation,
        CustomApplication,
        CustomToolset,
        Metadata,
        Prompt,
        Toolset,
    )
    from polychat_rest.dial.params import (
        ConversationParam,
        CustomApplicationParam,
        CustomToolsetParam,
        PromptParam,
    )


class _AsyncStored(Storage[AsyncCore]):
    """Asynchronous."""

    async def _get(self, url: URL, options: Any) -> Any:
        return await self._core.call(self._request("get", url), options)

    async def _save(
        self, url: URL, body: Any, match: str | None, none_match: str | None, options: Any
    ) -> Metadata:
        request = self._request("save", url, if_match=match, if_none_match=none_match, body=body)
        return cast("Metadata", await self._core.call(request, options))

    async def delete(
        self, url: URL, etag_if_match: str | None = None, **options: Unpack[CallOptions]
    ) -> None:
        """Deletes one. Raises `ResourceNotFoundError` and `EtagMismatchError`."""
        await self._core.call(self._request("delete", url, if_match=etag_if_match), options)

    async def move_to(
        self,
        source: URL,
        destination: URL,
        overwrite: bool = False,
        **options: Unpack[CallOptions],
    ) -> None:
        """Moves one within DIAL."""
        await self._core.call(self._move("move", source, destination, overwrite), options)

    async def copy_to(
        self,
        source: URL,
        destination: URL,
        overwrite: bool = False,
        **options: Unpack[CallOptions],
    ) -> None:
        """Copies one within DIAL."""
        await self._core.call(self._move("copy", source, destination, overwrite), options)

    async def get_metadata(
        self,
        url: URL,
        *,
        limit: int | None = None,
        token: str | None = None,
        recursive: bool | None = None,
        permissions: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """What DIAL knows of one, or a page of a folder: of a URL with a slash at its end, or of
        a bucket."""
        page = Page(limit, token, recursive, permissions)
        return cast("Metadata", await self._core.call(self._metadata(url, page), options))

    async def iter(
        self,
        url: URL,
        *,
        recursive: bool | None = None,
        permissions: bool | None = None,
        page_size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncIterator[Metadata]:
        """All items of a folder, page after page. Raises `ParsingDataError` for a listing that
        does not end: a page token that comes again."""
        conceal_options(options)
        folder, pages = self._folder(url), Pages(self._core.service.platform)
        while True:
            page = await self.get_metadata(
                folder.api_path,
                limit=page_size,
                token=pages.token,
                recursive=recursive,
                permissions=permissions,
                **options,
            )
            for item in items_of(page, folder):
                yield item
            if not pages.turn(page.next_token, page):
                return


class AsyncPrompts(_AsyncStored):
    """`Prompts` for asynchronous code."""

    resource_type: AnyStorageResourceType = "prompts"

    async def get(self, url: URL, **options: Unpack[CallOptions]) -> Prompt:
        """A prompt; `etag_of` gives its version."""
        return cast("Prompt", await self._get(url, options))

    async def save(
        self,
        url: URL,
        prompt: Prompt | PromptParam,
        etag_if_match: str | None = None,
        etag_if_none_match: New | None = None,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """Writes a prompt. Raises `EtagMismatchError`."""
        return await self._save(url, prompt, etag_if_match, etag_if_none_match, options)


class AsyncConversations(_AsyncStored):
    """`Conversations` for asynchronous code."""

    resource_type: AnyStorageResourceType = "conversations"

    async def get(self, url: URL, **options: Unpack[CallOptions]) -> Conversation:
        """A conversation; `etag_of` gives its version."""
        return cast("Conversation", await self._get(url, options))

    async def save(
        self,
        url: URL,
        conversation: Conversation | ConversationParam,
        etag_if_match: str | None = None,
        etag_if_none_match: New | None = None,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """Writes a conversation. Raises `EtagMismatchError`."""
        return await self._save(url, conversation, etag_if_match, etag_if_none_match, options)


class AsyncApplications(_AsyncStored):
    """`Applications` for asynchronous code."""

    resource_type: AnyStorageResourceType = "applications"

    async def list(self, **options: Unpack[CallOptions]) -> ResultList[Application]:
        """All applications that the credentials may call: ``GET /openai/applications``."""
        request = build("applications.get_applications")()
        return cast("ResultList[Application]", entries(await self._core.call(request, options)))

    async def get(self, app_id: str, **options: Unpack[CallOptions]) -> Application:
        """An application that can be called: ``GET /openai/applications/{app_id}``."""
        request = build("applications.get_application")(named("app_id", app_id))
        return cast("Application", entry(await self._core.call(request, options)))

    async def read(self, url: URL, **options: Unpack[CallOptions]) -> CustomApplication:
        """An application as it is stored; `etag_of` gives its version."""
        return cast("CustomApplication", await self._get(url, options))

    async def create(
        self,
        url: URL,
        application: CustomApplication | CustomApplicationParam,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """Stores a new application. Raises `EtagMismatchError` where there is one already."""
        return await self._save(url, application, None, "*", options)

    async def update(
        self,
        url: URL,
        application: CustomApplication | CustomApplicationParam,
        etag_if_match: str = "*",
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """Stores an application in place of the one that is there. Raises `EtagMismatchError`
        where there is none, or it has changed."""
        return await self._save(url, application, etag_if_match, None, options)

    async def deploy(self, url: URL, **options: Unpack[CallOptions]) -> Application:
        """Starts a stored application. After a broken connection it is sent again only
        with ``retry_unsafe``."""
        return await self._operate("deploy_application", url, options)

    async def undeploy(self, url: URL, **options: Unpack[CallOptions]) -> Application:
        """Stops a stored application."""
        return await self._operate("undeploy_application", url, options)

    async def redeploy(self, url: URL, **options: Unpack[CallOptions]) -> Application:
        """Starts a stored application again, as it is now."""
        return await self._operate("redeploy_application", url, options)

    async def _operate(self, name: str, url: URL, options: Any) -> Application:
        request = build(f"applications.{name}")(body={"url": self._item(url).api_path})
        return cast("Application", await self._core.call(request, options))

    async def logs(self, url: URL, **options: Unpack[CallOptions]) -> ApplicationLogs:
        """What the instances of a running application wrote."""
        body = {"url": self._item(url).api_path}
        request = build("applications.get_application_logs")(body=body)
        return cast("ApplicationLogs", await self._core.call(request, options))


class AsyncToolsets(_AsyncStored):
    """`Toolsets` for asynchronous code."""

    resource_type: AnyStorageResourceType = "toolsets"

    async def list(self, **options: Unpack[CallOptions]) -> ResultList[Toolset]:
        """All toolsets that the credentials may use: ``GET /openai/toolsets``."""
        request = build("toolsets.get_toolsets")()
        return cast("ResultList[Toolset]", entries(await self._core.call(request, options)))

    async def get(self, toolset_id: str, **options: Unpack[CallOptions]) -> Toolset:
        """A toolset that can be used: ``GET /openai/toolsets/{toolset_id}``."""
        request = build("toolsets.get_toolset")(named("toolset_id", toolset_id))
        return cast("Toolset", entry(await self._core.call(request, options)))

    async def read(self, url: URL, **options: Unpack[CallOptions]) -> CustomToolset:
        """A toolset as it is stored; `etag_of` gives its version."""
        return cast("CustomToolset", await self._get(url, options))

    async def create(
        self, url: URL, toolset: CustomToolset | CustomToolsetParam, **options: Unpack[CallOptions]
    ) -> Metadata:
        """Stores a new toolset. Raises `EtagMismatchError` where there is one already."""
        return await self._save(url, toolset, None, "*", options)

    async def update(
        self,
        url: URL,
        toolset: CustomToolset | CustomToolsetParam,
        etag_if_match: str = "*",
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """Stores a toolset in place of the one that is there. Raises `EtagMismatchError` where
        there is none, or it has changed."""
        return await self._save(url, toolset, etag_if_match, None, options)
