"""Sharing, publishing, and what happens to resources: asynchronous."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

from polychat._core.client import AsyncCore
from polychat._core.options import CallOptions

from ._sharing import Access, Shared, at, grant_body, link, links, publication_body, with_access
from ._storage import build
from .helpers.storage_resource import URL

if TYPE_CHECKING:
    from polychat._core.stream import AsyncStream
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
    from polychat_rest.dial.params import PublicationParam

    from ._sharing import PublicationParams


class _Resource:
    def __init__(self, core: AsyncCore) -> None:
        self._core = core

    async def _post(self, name: str, body: Any, options: Any) -> Any:
        return await self._core.call(build(name)(body=body), options)


class AsyncSharing(_Resource):
    """`Sharing` for asynchronous code."""

    async def share(
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
        return cast("InvitationLink", await self._post("sharing.share_resource", body, options))

    async def list(
        self,
        resource_types: Sequence[Shared],
        with_: Literal["me", "others"] = "me",
        **options: Unpack[CallOptions],
    ) -> SharedResources:
        """What others shared with the caller, or the caller with others."""
        body = {"resourceTypes": list(resource_types), "with": with_}
        return cast(
            "SharedResources", await self._post("sharing.get_shared_resources", body, options)
        )

    async def revoke(
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
        await self._post("sharing.revoke_shared_resources", body, options)

    async def discard(self, resources: Sequence[URL], **options: Unpack[CallOptions]) -> None:
        """Gives up what others shared with the caller."""
        body = {"resources": links(self._core, resources)}
        await self._post("sharing.discard_shared_resources", body, options)

    async def copy(self, source: URL, destination: URL, **options: Unpack[CallOptions]) -> None:
        """Shares `destination` with those with whom `source` is shared."""
        urls = link(self._core, source), link(self._core, destination)
        body = dict(zip(("sourceUrl", "destinationUrl"), urls, strict=True))
        await self._post("sharing.copy_shared_resources", body, options)


class AsyncInvitations(_Resource):
    """`Invitations` for asynchronous code."""

    async def list(self, **options: Unpack[CallOptions]) -> InvitationCollection:
        """The invitations that the caller made."""
        request = build("sharing.get_invitations")()
        return cast("InvitationCollection", await self._core.call(request, options))

    async def get(self, invitation_id: str, **options: Unpack[CallOptions]) -> Invitation:
        """One invitation, not accepted by looking at it."""
        request = build("sharing.get_invitation")(invitation_id)
        return cast("Invitation", await self._core.call(request, options))

    async def accept(self, invitation_id: str, **options: Unpack[CallOptions]) -> Invitation:
        """Accepts an invitation."""
        request = build("sharing.get_invitation")(invitation_id, accept=True)
        return cast("Invitation", await self._core.call(request, options))

    async def delete(self, invitation_id: str, **options: Unpack[CallOptions]) -> None:
        """Deletes an invitation that the caller made."""
        await self._core.call(build("sharing.delete_invitation")(invitation_id), options)


class AsyncResourcePermissions(_Resource):
    """`ResourcePermissions` for asynchronous code."""

    async def grant(
        self,
        resources: Sequence[URL],
        receiver: str,
        permissions: Sequence[str] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Lets the deployment `receiver` use resources; ``["READ"]`` unless others are given."""
        await self._post(
            "sharing.grant_per_request_permissions",
            grant_body(self._core, resources, receiver, permissions),
            options,
        )

    async def revoke(
        self,
        resources: Sequence[URL],
        receiver: str,
        permissions: Sequence[str] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Takes that back."""
        await self._post(
            "sharing.revoke_per_request_permissions",
            grant_body(self._core, resources, receiver, permissions),
            options,
        )

    async def list(
        self, with_: Literal["ME", "OTHERS"] = "ME", **options: Unpack[CallOptions]
    ) -> ResourcePermissionList | PerRequestReceiverList:
        """What was granted to the caller, or by the caller to others."""
        found = await self._post("sharing.get_per_request_permissions", {"with": with_}, options)
        return cast("ResourcePermissionList | PerRequestReceiverList", found)


class AsyncPublications(_Resource):
    """`Publications` for asynchronous code."""

    async def list(self, url: str, **options: Unpack[CallOptions]) -> PublicationList:
        """The publications below a folder, such as ``publications/{bucket}/``."""
        body = at(url)
        return cast(
            "PublicationList", await self._post("publications.get_publications", body, options)
        )

    async def get(self, url: str, **options: Unpack[CallOptions]) -> Publication:
        """One publication."""
        return await self._act("publications.get_publication", at(url), options)

    async def create(self, **params: Unpack[PublicationParams]) -> Publication:
        """Asks for resources to be made public."""
        body, options = publication_body(cast("dict[str, Any]", params))
        return await self._act("publications.create_publication", body, options)

    async def update(
        self, publication: Publication | PublicationParam, **options: Unpack[CallOptions]
    ) -> Publication:
        """Changes what was asked for."""
        return await self._act("publications.update_publication", publication, options)

    async def delete(self, url: str, **options: Unpack[CallOptions]) -> None:
        """Withdraws a publication."""
        await self._post("publications.delete_publication", at(url), options)

    async def approve(self, url: str, **options: Unpack[CallOptions]) -> Publication:
        """Makes it public."""
        return await self._act("publications.approve_publication", at(url), options)

    async def reject(
        self, url: str, comment: str | None = None, **options: Unpack[CallOptions]
    ) -> Publication:
        """Refuses it."""
        body = at(url) if comment is None else {**at(url), "comment": comment}
        return await self._act("publications.reject_publication", body, options)

    async def resources(
        self, resource_types: Sequence[Shared], **options: Unpack[CallOptions]
    ) -> Sequence[Metadata]:
        """What is in publications that the caller may see."""
        body = {"resourceTypes": list(resource_types)}
        found = await self._post("publications.list_published_resources", body, options)
        return cast("Sequence[Metadata]", found)

    async def rules(self, url: str, **options: Unpack[CallOptions]) -> Rules:
        """Who may see a public folder, and the folders above it."""
        return cast(
            "Rules", await self._post("publications.get_publication_rules", at(url), options)
        )

    async def _act(self, name: str, body: Any, options: Any) -> Publication:
        return cast("Publication", await self._post(name, body, options))


class AsyncNotifications(_Resource):
    """`Notifications` for asynchronous code."""

    async def list(self, **options: Unpack[CallOptions]) -> NotificationList:
        """What happened to the caller's publications and shares."""
        request = build("notifications.get_notifications")()
        return cast("NotificationList", await self._core.call(request, options))

    async def delete(self, ids: Sequence[str], **options: Unpack[CallOptions]) -> None:
        """Deletes notifications."""
        await self._post("notifications.delete_notifications", {"ids": list(ids)}, options)


class AsyncResources(_Resource):
    """`Resources` for asynchronous code."""

    async def subscribe(
        self, urls: Sequence[URL], **options: Unpack[CallOptions]
    ) -> AsyncStream[ResourceEvent]:
        """The changes of resources, as they happen, without end. DIAL's heartbeats keep it from
        falling silent."""
        from polychat_rest.dial.models import ResourceEvent

        request = build("resources.subscribe_to_resources")(
            body={"resources": links(self._core, urls)}
        )
        return await self._core.stream(request, ResourceEvent.from_owned, options)
