"""Types of applications."""

from __future__ import annotations

from polychat_rest.dial.models import Application as Application
from polychat_rest.dial.models import ApplicationList as ApplicationsResponse

__all__ = ["Application", "ApplicationsResponse"]
