"""Types of prompt caching."""

from __future__ import annotations

from polychat_rest.dial.params import CacheBreakpointParam as CacheBreakpointParam
from polychat_rest.dial.params import PromptCacheBreakpointParam as PromptCacheBreakpointParam
from polychat_rest.dial.params import PromptCacheOptionsParam as PromptCacheOptionsParam

__all__ = ["CacheBreakpointParam", "PromptCacheBreakpointParam", "PromptCacheOptionsParam"]
