"""The platform's name in errors."""

from __future__ import annotations

PLATFORM = "aleph_alpha"
