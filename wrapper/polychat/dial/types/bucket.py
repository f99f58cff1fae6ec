"""Types of the caller's bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .._exception import ParsingDataError

if TYPE_CHECKING:
    from typing import Self

from polychat_rest.dial.models.bucket import Bucket as BucketResponse

__all__ = ["AppData", "BucketResponse"]


@attrs.frozen
class AppData:
    """Where an application keeps what belongs to its user: ``{bucket}/appdata/{application}``."""

    raw: str
    user_bucket: str
    app_name: str

    @classmethod
    def parse(cls, appdata: str) -> Self:
        """Takes the path apart. Raises `ParsingDataError`, a ValueError, for another form."""
        user_bucket, middle, app_name = appdata.rpartition("/appdata/")
        if not (user_bucket and middle and app_name):
            raise AppDataError(f"appdata={appdata!r} is not of the form bucket/appdata/application")
        return cls(appdata, user_bucket, app_name)

    def model_dump(self, **_: object) -> dict[str, str]:
        """The three parts."""
        return attrs.asdict(self)

    dict = model_dump


class AppDataError(ParsingDataError, ValueError):
    """A path of application data in another form."""
