"""What the clients of both colours have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from polychat._core.config import origin
from polychat._core.options import Timeout

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from .types.bucket import AppData

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
        from urllib.parse import urlsplit

        path = urlsplit(absolute_url).path
        return same and f"{path.rstrip('/')}/".startswith(urlsplit(self.base_url).path)


def plain_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    """Credentials as plain headers, under the names that aidial-client gives them."""
    names = {"authorization": "Authorization"}
    return {names.get(name, name): value.reveal() for name, value in headers.items()}


def home(kind: str, bucket: str) -> PurePosixPath:
    """Where a user's resources of a kind are."""
    from pathlib import PurePosixPath  # with what it needs a tenth of the import of the client

    return PurePosixPath(kind, bucket)


def appdata_home(appdata: AppData) -> PurePosixPath:
    """Where an application keeps what belongs to its user, as plain names."""
    from pathlib import PurePosixPath
    from urllib.parse import unquote

    return PurePosixPath(unquote(appdata.raw))
