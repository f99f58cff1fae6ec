"""Types of models."""

from __future__ import annotations

from polychat_rest.dial.models import Model as ModelInfo
from polychat_rest.dial.models import ModelCapabilities as ModelCapabilities
from polychat_rest.dial.models import ModelLimits as ModelLimits
from polychat_rest.dial.models import ModelPricing as ModelPricing

__all__ = ["ModelCapabilities", "ModelInfo", "ModelLimits", "ModelPricing"]
