"""Types of functions."""

from __future__ import annotations

from polychat_rest.dial.params import FunctionCallParam as FunctionCallParam
from polychat_rest.dial.params import FunctionNameParam as FunctionCallSpecParam
from polychat_rest.dial.params import FunctionObjectParam as FunctionParam

__all__ = ["FunctionCallParam", "FunctionCallSpecParam", "FunctionParam"]
