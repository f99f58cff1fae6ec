"""What the lists of models, applications and toolsets give."""

from __future__ import annotations

from typing import Any

from polychat._core.info import ResultList, result_list
from polychat_rest.model import Model
from polychat_rest.shapes import is_array

_EMPTY: dict[str, dict[str, type[Any]]] = {
    "Deployment": {"defaults": dict[str, Any]},
    "Application": {"defaults": dict[str, Any]},
    "Toolset": {"description_keywords": list[Any], "allowed_tools": list[Any]},
    "ModelCapabilities": {"scale_types": list[Any]},
    "Features": {"reasoning_efforts": list[Any]},
}
"""Fields that are always there in aidial-client's types: absent, they read as empty."""
_WITHIN = {"Model": "capabilities"}


def entry(item: Any) -> Any:
    """An entry whose collections are there."""
    if isinstance(item, Model):
        kind = type(item).__name__
        for name, empty in _EMPTY.get(kind, {}).items():
            if getattr(item, name) is None:
                setattr(item, name, empty())
        entry(getattr(item, _WITHIN.get(kind, "features"), None))
    return item


def entries(listing: Any) -> ResultList[Any]:
    """The entries of a list; one of an odd shape stays as it came."""
    found: Any = listing.data
    return result_list(map(entry, found if is_array(found) else ()), listing)
