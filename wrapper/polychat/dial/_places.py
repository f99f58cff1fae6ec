"""What the clients of both colours have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from polychat._core.config import origin
from polychat._core.options import Timeout

DIAL_TIMEOUT = Timeout(stream=600.0)
"""Silence in a stream is allowed for as long as aidial-client allows it."""


class Places:
    """Where the service is; the same in both colours."""

    _core: Any
    _api_version: str | None

    @property
    def base_url(self) -> str:
        """The service's URL, with a slash at its end."""
        return f"{self._core.service.base_url}/"

    @property
    def api_url(self) -> str:
        """Where most of the API is: ``.../v1/``."""
        return f"{self.base_url}v1/"

    @property
    def api_url_v2(self) -> str:
        """Where skills are: ``.../v2/``."""
        return f"{self.base_url}v2/"

    @property
    def api_version(self) -> str | None:
        """The ``api-version`` that chat calls send unless they give their own."""
        return self._api_version

    def is_dial_url(self, absolute_url: str) -> bool:
        """Whether a URL is of this service: the same origin, and below `base_url`."""
        try:
            same = origin(absolute_url) == origin(self.base_url)
        except ValueError:
            return False
        path = urlsplit(absolute_url).path
        return same and f"{path.rstrip('/')}/".startswith(urlsplit(self.base_url).path)


def plain_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    """Credentials as plain headers, under the names that aidial-client gives them."""
    names = {"authorization": "Authorization"}
    return {names.get(name, name): value.reveal() for name, value in headers.items()}
