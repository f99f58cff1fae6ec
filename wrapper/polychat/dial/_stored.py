"""What is stored as JSON: prompts, conversations, applications and toolsets: synchronous."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

from polychat._core.client import SyncCore
from polychat._core.info import ResultList, response_of
from polychat._core.options import CallOptions, conceal_options
from polychat._core.paging import Pages

from ._listing import entries, entry
from ._storage import Page, Storage, build, items_of, named
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

New = Literal["*"]


def etag_of(result: Any) -> str | None:
    """The ETag of what a call returned: in its answer's headers, or of the item itself."""
    return response_of(result).headers.get("etag") or getattr(result, "etag", None)


class _Stored(Storage[SyncCore]):
    """Synchronous."""

    def _get(self, url: URL, options: Any) -> Any:
        return self._core.call(self._request("get", url), options)

    def _save(
        self, url: URL, body: Any, match: str | None, none_match: str | None, options: Any
    ) -> Metadata:
        request = self._request("save", url, if_match=match, if_none_match=none_match, body=body)
        return cast("Metadata", self._core.call(request, options))

    def delete(
        self, url: URL, etag_if_match: str | None = None, **options: Unpack[CallOptions]
    ) -> None:
        """Deletes one. Raises `ResourceNotFoundError` and `EtagMismatchError`."""
        self._core.call(self._request("delete", url, if_match=etag_if_match), options)

    def move_to(
        self,
        source: URL,
        destination: URL,
        overwrite: bool = False,
        **options: Unpack[CallOptions],
    ) -> None:
        """Moves one within DIAL."""
        self._core.call(self._move("move", source, destination, overwrite), options)

    def copy_to(
        self,
        source: URL,
        destination: URL,
        overwrite: bool = False,
        **options: Unpack[CallOptions],
    ) -> None:
        """Copies one within DIAL."""
        self._core.call(self._move("copy", source, destination, overwrite), options)

    def get_metadata(
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
        return cast("Metadata", self._core.call(self._metadata(url, page), options))

    def iter(
        self,
        url: URL,
        *,
        recursive: bool | None = None,
        permissions: bool | None = None,
        page_size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Iterator[Metadata]:
        """All items of a folder, page after page. Raises `ParsingDataError` for a listing that
        does not end: a page token that comes again."""
        conceal_options(options)
        folder, pages = self._folder(url), Pages(self._core.service.platform)
        while True:
            page = self.get_metadata(
                folder.api_path,
                limit=page_size,
                token=pages.token,
                recursive=recursive,
                permissions=permissions,
                **options,
            )
            yield from items_of(page, folder)
            if not pages.turn(page.next_token, page):
                return


class Prompts(_Stored):
    """Prompts in DIAL's storage, at ``prompts/{bucket}/{path}``."""

    resource_type: AnyStorageResourceType = "prompts"

    def get(self, url: URL, **options: Unpack[CallOptions]) -> Prompt:
        """A prompt; `etag_of` gives its version."""
        return cast("Prompt", self._get(url, options))

    def save(
        self,
        url: URL,
        prompt: Prompt | PromptParam,
        etag_if_match: str | None = None,
        etag_if_none_match: New | None = None,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """Writes a prompt. Raises `EtagMismatchError`."""
        return self._save(url, prompt, etag_if_match, etag_if_none_match, options)


class Conversations(_Stored):
    """Conversations in DIAL's storage, at ``conversations/{bucket}/{path}``."""

    resource_type: AnyStorageResourceType = "conversations"

    def get(self, url: URL, **options: Unpack[CallOptions]) -> Conversation:
        """A conversation; `etag_of` gives its version."""
        return cast("Conversation", self._get(url, options))

    def save(
        self,
        url: URL,
        conversation: Conversation | ConversationParam,
        etag_if_match: str | None = None,
        etag_if_none_match: New | None = None,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """Writes a conversation. Raises `EtagMismatchError`."""
        return self._save(url, conversation, etag_if_match, etag_if_none_match, options)


class Applications(_Stored):
    """Applications: those that can be called, and those that are stored at
    ``applications/{bucket}/{path}``."""

    resource_type: AnyStorageResourceType = "applications"

    def list(self, **options: Unpack[CallOptions]) -> ResultList[Application]:
        """All applications that the credentials may call: ``GET /openai/applications``."""
        request = build("applications.get_applications")()
        return cast("ResultList[Application]", entries(self._core.call(request, options)))

    def get(self, app_id: str, **options: Unpack[CallOptions]) -> Application:
        """An application that can be called: ``GET /openai/applications/{app_id}``."""
        request = build("applications.get_application")(named("app_id", app_id))
        return cast("Application", entry(self._core.call(request, options)))

    def read(self, url: URL, **options: Unpack[CallOptions]) -> CustomApplication:
        """An application as it is stored; `etag_of` gives its version."""
        return cast("CustomApplication", self._get(url, options))

    def create(
        self,
        url: URL,
        application: CustomApplication | CustomApplicationParam,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """Stores a new application. Raises `EtagMismatchError` where there is one already."""
        return self._save(url, application, None, "*", options)

    def update(
        self,
        url: URL,
        application: CustomApplication | CustomApplicationParam,
        etag_if_match: str = "*",
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """Stores an application in place of the one that is there. Raises `EtagMismatchError`
        where there is none, or it has changed."""
        return self._save(url, application, etag_if_match, None, options)

    def deploy(self, url: URL, **options: Unpack[CallOptions]) -> Application:
        """Starts a stored application. After a broken connection it is sent again only
        with ``retry_unsafe``."""
        return self._operate("deploy_application", url, options)

    def undeploy(self, url: URL, **options: Unpack[CallOptions]) -> Application:
        """Stops a stored application."""
        return self._operate("undeploy_application", url, options)

    def redeploy(self, url: URL, **options: Unpack[CallOptions]) -> Application:
        """Starts a stored application again, as it is now."""
        return self._operate("redeploy_application", url, options)

    def _operate(self, name: str, url: URL, options: Any) -> Application:
        request = build(f"applications.{name}")(body={"url": self._item(url).api_path})
        return cast("Application", self._core.call(request, options))

    def logs(self, url: URL, **options: Unpack[CallOptions]) -> ApplicationLogs:
        """What the instances of a running application wrote."""
        body = {"url": self._item(url).api_path}
        request = build("applications.get_application_logs")(body=body)
        return cast("ApplicationLogs", self._core.call(request, options))


class Toolsets(_Stored):
    """Toolsets: those that can be used, and those that are stored at
    ``toolsets/{bucket}/{path}``."""

    resource_type: AnyStorageResourceType = "toolsets"

    def list(self, **options: Unpack[CallOptions]) -> ResultList[Toolset]:
        """All toolsets that the credentials may use: ``GET /openai/toolsets``."""
        request = build("toolsets.get_toolsets")()
        return cast("ResultList[Toolset]", entries(self._core.call(request, options)))

    def get(self, toolset_id: str, **options: Unpack[CallOptions]) -> Toolset:
        """A toolset that can be used: ``GET /openai/toolsets/{toolset_id}``."""
        request = build("toolsets.get_toolset")(named("toolset_id", toolset_id))
        return cast("Toolset", entry(self._core.call(request, options)))

    def read(self, url: URL, **options: Unpack[CallOptions]) -> CustomToolset:
        """A toolset as it is stored; `etag_of` gives its version."""
        return cast("CustomToolset", self._get(url, options))

    def create(
        self, url: URL, toolset: CustomToolset | CustomToolsetParam, **options: Unpack[CallOptions]
    ) -> Metadata:
        """Stores a new toolset. Raises `EtagMismatchError` where there is one already."""
        return self._save(url, toolset, None, "*", options)

    def update(
        self,
        url: URL,
        toolset: CustomToolset | CustomToolsetParam,
        etag_if_match: str = "*",
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """Stores a toolset in place of the one that is there. Raises `EtagMismatchError` where
        there is none, or it has changed."""
        return self._save(url, toolset, etag_if_match, None, options)
