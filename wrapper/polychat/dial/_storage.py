"""Requests to DIAL's storage: pure functions that both colours of the resources send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from urllib.parse import quote, unquote

from polychat._core.client import AsyncCore, SyncCore

from ._exception import InvalidDialURLError, InvalidRequestError
from .helpers.storage_resource import (
    URL,
    AnyStorageResourceType,
    DialStorageResource,
    DialStorageResourceMixin,
    api_prefix_for,
    parse_storage_resource,
)

if TYPE_CHECKING:
    from polychat_rest.dial.models import Metadata
    from polychat_rest.protocol import Request

CoreT = TypeVar("CoreT", SyncCore, AsyncCore)

_ONE = {
    "files": "file",
    "conversations": "conversation",
    "prompts": "prompt",
    "applications": "application",
    "toolsets": "toolset",
    "skills": "skill",
}
_CUSTOM = ("applications", "toolsets")
"""Kinds whose stored form and whose listed form are different operations."""


def build(name: str) -> Any:
    """The ``build_request`` of a generated endpoint module, such as ``deployments.tokenize``."""
    return import_module(f"polychat_rest.dial.api.{name}").build_request


def named(argument: str, value: Any) -> str:
    """The id of something that can be called. Raises `InvalidRequestError` for what is none."""
    if not isinstance(value, str) or not value or value.endswith("/"):
        raise InvalidRequestError(f"{argument}={value!r} is not an id")
    return value


def encoded(names: Iterable[str]) -> str:
    """Plain names as the path that the generated endpoints take, in which a ``%41`` is an ``A``."""
    return "/".join(quote(name, safe="") for name in names)


def operation(kind: AnyStorageResourceType, verb: str) -> Any:
    """The ``build_request`` of one of the storage's operations: download, get, save, upload,
    delete or metadata of a kind."""
    one = _ONE[kind]
    if verb == "metadata":
        tag = "skills" if kind == "skills" else "metadata"
        name = f"{tag}.get_{one}_metadata"
    else:
        name = f"{kind}.{verb}_{'custom_' if kind in _CUSTOM else ''}{one}"
    return build(name)


class Page(NamedTuple):
    """Which page of a folder, and of what."""

    limit: int | None = None
    token: str | None = None
    recursive: bool | None = None
    permissions: bool | None = None


FIRST = Page()


class Storage(DialStorageResourceMixin, Generic[CoreT]):
    """The resources of one type, in either colour."""

    def __init__(self, core: CoreT) -> None:
        self._core: CoreT = core
        self.dial_api_url: str = f"{core.service.base_url}/{api_prefix_for(self.resource_type)}"

    def _item(self, url: URL) -> DialStorageResource:
        """What `url` names, which must not be a folder."""
        resource = self.get_storage_resource(url)
        if resource.is_folder:
            raise InvalidDialURLError(f"url={str(url)!r} is a folder, not one resource")
        return resource

    def _folder(self, url: URL) -> DialStorageResource:
        """What `url` names, as a folder whether or not it ends with a slash."""
        resource = self.get_storage_resource(url, allow_empty_bucket_path=True)
        if resource.is_folder:
            return resource
        return self.get_storage_resource(resource.api_path + "/")

    def _request(
        self, verb: str, url: URL, *, if_match: str | None = None, **more: Any
    ) -> Request[Any]:
        place = self._item(url).place
        if if_match is not None:
            more["if_match"] = if_match
        request: Request[Any] = operation(self.resource_type, verb)(*place, **more)
        return request

    def _metadata(self, url: URL, page: Page = FIRST) -> Request[Any]:
        return metadata_request(self.get_storage_resource(url, allow_empty_bucket_path=True), page)

    def _move(self, verb: str, source: URL, destination: URL, overwrite: bool) -> Request[Any]:
        """A copy or a move within DIAL."""
        body = {
            "sourceUrl": self._item(source).api_path,
            "destinationUrl": self._item(destination).api_path,
            "overwrite": overwrite,
        }
        request: Request[Any] = build(f"resources.{verb}_resource")(body=body)
        return request


def metadata_request(resource: DialStorageResource, page: Page = FIRST) -> Request[Any]:
    """The metadata of a resource, or a page of a folder."""
    given: Mapping[str, Any] = {k: v for k, v in page._asdict().items() if v is not None}
    build = operation(resource.resource_type, "metadata")
    request: Request[Any] = build(*resource.place, **given)
    return request


def metadata_of(kind: AnyStorageResourceType, url: URL, api: str) -> DialStorageResource:
    """What a URL of a kind names; the bucket itself is allowed."""
    return parse_storage_resource(
        url=url, dial_api_url=api, expected_resource_type=kind, allow_empty_bucket_path=True
    )


def items_of(page: Metadata, folder: DialStorageResource) -> Iterator[Metadata]:
    """The items of a page that are such; what is none is passed over. So is an item with the URL
    of the folder itself: a blob whose name ends in a slash, which stands for the folder."""
    from polychat_rest.dial.models import Metadata

    own = unquote(folder.api_path)
    items: Any = page.items  # of whatever shape they came
    for item in items or ():
        if isinstance(item, Metadata) and unquote(str(item.url)) != own:
            yield item


def is_file(item: Metadata) -> bool:
    """Whether an item can be read: it is not a folder, nor a blob that stands for one."""
    return item.node_type != "FOLDER" and not str(item.url).endswith("/")
