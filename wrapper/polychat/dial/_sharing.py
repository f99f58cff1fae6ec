"""Sharing, publishing, and what happens to resources: synchronous, and the bodies of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

from polychat._core.client import SyncCore
from polychat._core.options import CallOptions, take_options
from polychat_rest._path import encode_segment
from polychat_rest.shapes import is_array, is_object

from ._exception import InvalidRequestError
from ._platform import check_body
from ._storage import build, encoded
from .helpers.storage_resource import URL, parse_storage_resource

if TYPE_CHECKING:
    from polychat._core.stream import Stream
    from polychat_rest.dial.models import (
        Invitation,
        InvitationCollection,
        InvitationLink,
        Metadata,
        NotificationList,
        PerRequestReceiverList,
        Publication,
        PublicationList,
        ResourceEvent,
        ResourcePermissionList,
        Rules,
        SharedResources,
    )
    from polychat_rest.dial.params import PublicationParam, PublicationRequestParam

    class PublicationParams(PublicationRequestParam, CallOptions):
        """The fields of a request to publish, and the options of a call."""


Access = Literal["READ", "WRITE", "SHARE"]
Shared = Literal["FILE", "CONVERSATION", "PROMPT", "APPLICATION", "TOOL_SET", "SKILL"]


def link(core: Any, url: URL) -> str:
    """The encoded path of a resource or folder. Raises `InvalidDialURLError`."""
    api = f"{core.service.base_url}/v1/"
    if str(url).startswith("skills/"):
        api = f"{core.service.base_url}/v2/"
    return parse_storage_resource(url=url, dial_api_url=api, allow_empty_bucket_path=True).api_path


def links(core: Any, urls: Sequence[URL]) -> list[dict[str, Any]]:
    """Resources as DIAL takes them. Raises `InvalidDialURLError`."""
    return [{"url": link(core, url)} for url in urls]


def with_access(core: Any, urls: Sequence[URL], access: Sequence[str]) -> list[dict[str, Any]]:
    """Resources and what may be done with them."""
    return [{**one, "permissions": list(access)} for one in links(core, urls)]


def at(url: URL) -> dict[str, Any]:
    """What names a publication, or a folder of them or of public resources."""
    return {"url": outgoing(url)}


def outgoing(url: URL) -> str:
    """A URL of a body, encoded once: the escapes of a ``str`` stay as they came. Raises
    `InvalidRequestError` for what is no text."""
    try:
        if isinstance(url, PurePosixPath):
            return encoded(url.parts)
        if "://" in url:
            return url
        return "/".join(encode_segment(part) for part in url.split("/"))
    except (TypeError, AttributeError, UnicodeEncodeError) as error:
        raise InvalidRequestError(f"url={url!r} is not a URL") from error


def publication_body(params: dict[str, Any]) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """What is to be published, its URLs encoded, and the options of the call. Raises
    `UnknownKeywordError`."""
    options = take_options(params)
    check_body(build("publications.create_publication"), params)
    body = {name: value for name, value in params.items() if value is not None}
    if isinstance(body.get("targetFolder"), (str, PurePosixPath)):
        body["targetFolder"] = outgoing(body["targetFolder"])
    if is_array(body.get("resources")):
        body["resources"] = [_with_urls(one) for one in body["resources"]]
    return body, options


def _with_urls(resource: Any) -> Any:
    if not is_object(resource):
        return resource
    return {
        name: outgoing(value) if name.endswith("Url") and value is not None else value
        for name, value in resource.items()
    }


class _Resource:
    def __init__(self, core: SyncCore) -> None:
        self._core = core

    def _post(self, name: str, body: Any, options: Any) -> Any:
        return self._core.call(build(name)(body=body), options)


class Sharing(_Resource):
    """``client.sharing``: giving others rights to resources, by a link."""

    def share(
        self,
        resources: Sequence[URL],
        permissions: Sequence[Access] = ("READ",),
        *,
        max_accepted_users: int | None = None,
        **options: Unpack[CallOptions],
    ) -> InvitationLink:
        """Makes an invitation; who opens its link gets the permissions."""
        shared = with_access(self._core, resources, permissions)
        body: dict[str, Any] = {"invitationType": "link", "resources": shared}
        if max_accepted_users is not None:
            body["maxAcceptedUsers"] = max_accepted_users
        return cast("InvitationLink", self._post("sharing.share_resource", body, options))

    def list(
        self,
        resource_types: Sequence[Shared],
        with_: Literal["me", "others"] = "me",
        **options: Unpack[CallOptions],
    ) -> SharedResources:
        """What others shared with the caller, or the caller with others."""
        body = {"resourceTypes": list(resource_types), "with": with_}
        return cast("SharedResources", self._post("sharing.get_shared_resources", body, options))

    def revoke(
        self,
        resources: Sequence[URL],
        permissions: Sequence[Access] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Takes back what the caller shared; all permissions unless some are given."""
        body = {
            "resources": links(self._core, resources)
            if permissions is None
            else with_access(self._core, resources, permissions)
        }
        self._post("sharing.revoke_shared_resources", body, options)

    def discard(self, resources: Sequence[URL], **options: Unpack[CallOptions]) -> None:
        """Gives up what others shared with the caller."""
        body = {"resources": links(self._core, resources)}
        self._post("sharing.discard_shared_resources", body, options)

    def copy(self, source: URL, destination: URL, **options: Unpack[CallOptions]) -> None:
        """Shares `destination` with those with whom `source` is shared."""
        urls = link(self._core, source), link(self._core, destination)
        body = dict(zip(("sourceUrl", "destinationUrl"), urls, strict=True))
        self._post("sharing.copy_shared_resources", body, options)


class Invitations(_Resource):
    """``client.invitations``."""

    def list(self, **options: Unpack[CallOptions]) -> InvitationCollection:
        """The invitations that the caller made."""
        request = build("sharing.get_invitations")()
        return cast("InvitationCollection", self._core.call(request, options))

    def get(self, invitation_id: str, **options: Unpack[CallOptions]) -> Invitation:
        """One invitation, not accepted by looking at it."""
        request = build("sharing.get_invitation")(invitation_id)
        return cast("Invitation", self._core.call(request, options))

    def accept(self, invitation_id: str, **options: Unpack[CallOptions]) -> Invitation:
        """Accepts an invitation."""
        request = build("sharing.get_invitation")(invitation_id, accept=True)
        return cast("Invitation", self._core.call(request, options))

    def delete(self, invitation_id: str, **options: Unpack[CallOptions]) -> None:
        """Deletes an invitation that the caller made."""
        self._core.call(build("sharing.delete_invitation")(invitation_id), options)


class ResourcePermissions(_Resource):
    """``client.resource_permissions``: rights for the time of one request, which only an
    application that was called with a key of its own can give."""

    def grant(
        self,
        resources: Sequence[URL],
        receiver: str,
        permissions: Sequence[str] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Lets the deployment `receiver` use resources; ``["READ"]`` unless others are given."""
        self._post(
            "sharing.grant_per_request_permissions",
            grant_body(self._core, resources, receiver, permissions),
            options,
        )

    def revoke(
        self,
        resources: Sequence[URL],
        receiver: str,
        permissions: Sequence[str] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Takes that back."""
        self._post(
            "sharing.revoke_per_request_permissions",
            grant_body(self._core, resources, receiver, permissions),
            options,
        )

    def list(
        self, with_: Literal["ME", "OTHERS"] = "ME", **options: Unpack[CallOptions]
    ) -> ResourcePermissionList | PerRequestReceiverList:
        """What was granted to the caller, or by the caller to others."""
        found = self._post("sharing.get_per_request_permissions", {"with": with_}, options)
        return cast("ResourcePermissionList | PerRequestReceiverList", found)


def grant_body(
    core: Any, resources: Sequence[URL], receiver: str, permissions: Sequence[str] | None
) -> dict[str, Any]:
    """Rights for the time of a request."""
    granted = with_access(core, resources, ["READ"] if permissions is None else permissions)
    return {"resourcePermissions": granted, "receiver": receiver}


class Publications(_Resource):
    """``client.publications``: making resources public, after review."""

    def list(self, url: str, **options: Unpack[CallOptions]) -> PublicationList:
        """The publications below a folder, such as ``publications/{bucket}/``."""
        body = at(url)
        return cast("PublicationList", self._post("publications.get_publications", body, options))

    def get(self, url: str, **options: Unpack[CallOptions]) -> Publication:
        """One publication."""
        return self._act("publications.get_publication", at(url), options)

    def create(self, **params: Unpack[PublicationParams]) -> Publication:
        """Asks for resources to be made public."""
        body, options = publication_body(cast("dict[str, Any]", params))
        return self._act("publications.create_publication", body, options)

    def update(
        self, publication: Publication | PublicationParam, **options: Unpack[CallOptions]
    ) -> Publication:
        """Changes what was asked for."""
        return self._act("publications.update_publication", publication, options)

    def delete(self, url: str, **options: Unpack[CallOptions]) -> None:
        """Withdraws a publication."""
        self._post("publications.delete_publication", at(url), options)

    def approve(self, url: str, **options: Unpack[CallOptions]) -> Publication:
        """Makes it public."""
        return self._act("publications.approve_publication", at(url), options)

    def reject(
        self, url: str, comment: str | None = None, **options: Unpack[CallOptions]
    ) -> Publication:
        """Refuses it."""
        body = at(url) if comment is None else {**at(url), "comment": comment}
        return self._act("publications.reject_publication", body, options)

    def resources(
        self, resource_types: Sequence[Shared], **options: Unpack[CallOptions]
    ) -> Sequence[Metadata]:
        """What is in publications that the caller may see."""
        body = {"resourceTypes": list(resource_types)}
        found = self._post("publications.list_published_resources", body, options)
        return cast("Sequence[Metadata]", found)

    def rules(self, url: str, **options: Unpack[CallOptions]) -> Rules:
        """Who may see a public folder, and the folders above it."""
        return cast("Rules", self._post("publications.get_publication_rules", at(url), options))

    def _act(self, name: str, body: Any, options: Any) -> Publication:
        return cast("Publication", self._post(name, body, options))


class Notifications(_Resource):
    """``client.notifications``."""

    def list(self, **options: Unpack[CallOptions]) -> NotificationList:
        """What happened to the caller's publications and shares."""
        request = build("notifications.get_notifications")()
        return cast("NotificationList", self._core.call(request, options))

    def delete(self, ids: Sequence[str], **options: Unpack[CallOptions]) -> None:
        """Deletes notifications."""
        self._post("notifications.delete_notifications", {"ids": list(ids)}, options)


class Resources(_Resource):
    """``client.resources``: of any type."""

    def subscribe(
        self, urls: Sequence[URL], **options: Unpack[CallOptions]
    ) -> Stream[ResourceEvent]:
        """The changes of resources, as they happen, without end. DIAL's heartbeats keep it from
        falling silent."""
        from polychat_rest.dial.models import ResourceEvent

        request = build("resources.subscribe_to_resources")(
            body={"resources": links(self._core, urls)}
        )
        return self._core.stream(request, ResourceEvent.from_owned, options)
