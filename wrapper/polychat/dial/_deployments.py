"""Deployments: the models and applications that can be called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack, cast

from polychat._core.client import AsyncCore, SyncCore
from polychat._core.info import ResultList, result_list
from polychat._core.options import CallOptions

if TYPE_CHECKING:
    from polychat_rest.dial.models import Deployment, DeploymentList


class Deployments:
    """``client.deployments``."""

    def __init__(self, core: SyncCore) -> None:
        self._core = core

    def list(self, **options: Unpack[CallOptions]) -> ResultList[Deployment]:
        """All deployments that the credentials may call: ``GET /openai/deployments``."""
        from polychat_rest.dial.api.deployments.get_deployments import build_request

        listing = cast("DeploymentList", self._core.call(build_request(), options))
        return result_list(listing.data, listing)


class AsyncDeployments:
    """``client.deployments`` of the async client."""

    def __init__(self, core: AsyncCore) -> None:
        self._core = core

    async def list(self, **options: Unpack[CallOptions]) -> ResultList[Deployment]:
        """All deployments that the credentials may call: ``GET /openai/deployments``."""
        from polychat_rest.dial.api.deployments.get_deployments import build_request

        listing = cast("DeploymentList", await self._core.call(build_request(), options))
        return result_list(listing.data, listing)
