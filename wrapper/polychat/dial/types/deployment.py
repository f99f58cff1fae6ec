"""Types of deployments."""

from __future__ import annotations

from typing import Literal

from polychat_rest.dial.models import Deployment as Deployment
from polychat_rest.dial.models import Deployment as DeploymentBase
from polychat_rest.dial.models import DeploymentList as DeploymentsResponse
from polychat_rest.dial.models import DeploymentName as DeploymentName
from polychat_rest.dial.models import Features as Features
from polychat_rest.dial.models import ScaleSettings as ScaleSettings

__all__ = [
    "Deployment",
    "DeploymentBase",
    "DeploymentKind",
    "DeploymentName",
    "DeploymentsResponse",
    "Features",
    "ScaleSettings",
]

DeploymentKind = Literal["model", "application", "toolset"]
