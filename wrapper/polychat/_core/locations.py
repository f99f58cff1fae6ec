"""Where a redirect points is ours to read: httpx reads it also where it is not to follow, and
raises for a `Location` that is no URL, as if there had been no answer at all."""

from __future__ import annotations

from typing import Any

_HIDDEN = "polychat.location"


def hide_location(response: Any) -> None:
    """A hook for the responses of a client of httpx's family."""
    if 300 < response.status_code < 400:
        location = response.headers.get("location")
        if location is not None:
            del response.headers["location"]
            response.extensions[_HIDDEN] = location


async def hide_location_async(response: Any) -> None:
    """`hide_location` for asynchronous clients."""
    hide_location(response)


def show_location(response: Any) -> None:
    """Makes a response again as it came."""
    if 300 < response.status_code < 400:
        location = response.extensions.pop(_HIDDEN, None)
        if location is not None:
            response.headers["location"] = location
