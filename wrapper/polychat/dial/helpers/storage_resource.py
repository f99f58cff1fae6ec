"""URLs of DIAL's storage: what they name, checked before anything is sent.

A URL is ``{type}/{bucket}/{path}``, relative to the API or absolute. A ``str`` may be
percent-encoded, as the URLs in DIAL's answers are: its escapes go out as they came, and a ``%``
that begins no escape is itself. A `PurePosixPath` is never encoded: its parts are the names as
they are. A trailing slash, or nothing after the bucket, names a folder.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

import attrs

from polychat._core.config import origin
from polychat_rest._path import encode_segment

from .._exception import InvalidDialURLError, NotDialURLError
from ._url import enforce_trailing_slash

StorageResourceTypeV1 = Literal["files", "conversations", "prompts", "applications", "toolsets"]
"""What is stored under ``/v1``."""
StorageResourceTypeV2 = Literal["skills"]
"""What is stored under ``/v2``: a folder each."""
AnyStorageResourceType = Literal[
    "files", "conversations", "prompts", "applications", "toolsets", "skills"
]
URL = str | PurePosixPath

_TYPES = ("files", "conversations", "prompts", "applications", "toolsets", "skills")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@attrs.frozen
class DialStorageResource:
    """What a URL names. `path` and `name` are decoded; the other parts are as in URLs."""

    resource_type: AnyStorageResourceType
    bucket: str
    absolute_url: str
    """Such as ``https://dial.core/v1/files/my-bucket/my%20file.txt``."""
    relative_url: str
    """The path of that: ``/v1/files/my-bucket/my%20file.txt``."""
    api_path: str
    """Without the API's prefix: ``files/my-bucket/my%20file.txt``."""
    bucket_path: str | None = None
    """Within the bucket: ``my%20file.txt``; None for the bucket itself."""
    filename: str | None = None
    """The last part; None for a folder."""
    path: str = ""
    """Within the bucket, decoded; empty for the bucket itself, with a slash for a folder."""

    @property
    def is_folder(self) -> bool:
        """Whether this is a folder: the bucket itself, or a path with a slash at its end."""
        return self.filename is None

    @property
    def place(self) -> tuple[str, str]:
        """The bucket and the path within it, as in URLs: what the generated endpoints take. An
        empty path is that of the bucket itself."""
        bucket, _, path = self.api_path.partition("/")[2].partition("/")
        return bucket, path


def api_prefix_for(resource_type: AnyStorageResourceType) -> str:
    """The prefix of the API that has such resources."""
    return "v2/" if resource_type == "skills" else "v1/"


def split_relative_segments(
    path: str, param: str = "path", *, allow_trailing_slash: bool = False, encoded: bool = True
) -> tuple[str, ...]:
    """The segments of a relative path, decoded where it is `encoded`.

    The trailing slash of a folder gives an empty last segment, where it is allowed. Raises
    `InvalidDialURLError` for what would name something else once a server resolves it: an empty
    segment, ``.``, ``..``, a slash or a control character inside of a segment.
    """
    if not path.strip():
        raise InvalidDialURLError(f"{param} must not be empty")
    if path.startswith("/"):
        raise InvalidDialURLError(f"{param}={path!r} must be relative")
    segments = path.split("/")
    folder = segments[-1] == ""
    if folder and not allow_trailing_slash:
        raise InvalidDialURLError(f"{param}={path!r} must not end with a slash")
    names = segments[: len(segments) - folder]
    try:
        if encoded:
            names = [unquote(name, errors="strict") for name in names]
    except UnicodeDecodeError as error:
        raise InvalidDialURLError(f"{param}={path!r} has escapes that are no UTF-8") from error
    for name in names:
        if name in ("", ".", "..") or "/" in name or _CONTROL.search(name):
            raise InvalidDialURLError(
                f"{param}={path!r} has a part that no resource can have: {name!r}"
            )
        if not _is_text(name):
            raise InvalidDialURLError(f"{param}={path!r} is not valid Unicode text")
    return (*names, "") if folder else tuple(names)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def parse_storage_resource(
    *,
    url: URL,
    dial_api_url: str,
    expected_resource_type: AnyStorageResourceType | None = None,
    allow_empty_bucket_path: bool = False,
) -> DialStorageResource:
    """What `url` names. `dial_api_url` ends in ``/v1/`` or ``/v2/``.

    Raises `NotDialURLError` for a URL of another service, and `InvalidDialURLError` for one that
    names nothing, something of another type than expected, or only a bucket where that is not
    allowed.
    """
    encoded = isinstance(url, str)
    text = str(url)
    api = enforce_trailing_slash(dial_api_url)
    relative = _relative(text, api) if encoded and _is_absolute(text) else text
    if relative.startswith(("v1/", "v2/")):
        raise InvalidDialURLError(f"url={text!r} must not begin with the prefix of the API")
    segments = split_relative_segments(relative, "url", allow_trailing_slash=True, encoded=encoded)
    kind = segments[0]
    if kind not in _TYPES:
        raise InvalidDialURLError(f"url={text!r}: there is no resource type {kind!r}")
    if expected_resource_type is not None and kind != expected_resource_type:
        raise InvalidDialURLError(
            f"url={text!r} is of the type {kind!r}, not {expected_resource_type!r}"
        )
    if len(segments) < 2 or not segments[1]:
        raise InvalidDialURLError(f"url={text!r} has no bucket")
    bucket, path = segments[1], segments[2:]
    if not any(path) and not allow_empty_bucket_path:
        raise InvalidDialURLError(f"url={text!r} has nothing after the bucket")
    quoted = (
        [encode_segment(segment) for segment in relative.split("/")]
        if encoded
        else [quote(segment, safe="") for segment in segments]
    )
    api_path = "/".join(quoted)
    absolute = api + api_path
    return DialStorageResource(
        resource_type=kind,  # type: ignore[arg-type]
        bucket=bucket,
        absolute_url=absolute,
        relative_url=urlsplit(absolute).path,
        api_path=api_path,
        bucket_path="/".join(quoted[2:]) or None,
        filename=(quoted[-1] if any(path) else None) or None,
        path="/".join(path),
    )


def safe_parse_storage_resource(
    *,
    url: URL,
    dial_api_url: str,
    expected_resource_type: AnyStorageResourceType | None = None,
    allow_empty_bucket_path: bool = False,
) -> DialStorageResource | NotDialURLError | InvalidDialURLError:
    """`parse_storage_resource`, the error returned instead of raised."""
    try:
        return parse_storage_resource(
            url=url,
            dial_api_url=dial_api_url,
            expected_resource_type=expected_resource_type,
            allow_empty_bucket_path=allow_empty_bucket_path,
        )
    except (NotDialURLError, InvalidDialURLError) as error:
        return error


def _is_absolute(url: str) -> bool:
    return url.startswith("//") or _SCHEME.match(url) is not None


def _relative(url: str, api: str) -> str:
    """The part of an absolute URL after the API's prefix. Its escapes stay."""
    try:
        theirs, ours = origin(url), origin(api)
        parts = urlsplit(url)
    except ValueError as error:
        raise InvalidDialURLError(f"url={url!r}: {error}") from error
    if theirs != ours or parts.username or parts.password:
        raise NotDialURLError(f"url={url!r} is not of {api}")
    if parts.query or parts.fragment:
        raise InvalidDialURLError(
            f"url={url!r} has a query or a fragment; encode '?' and '#' where they are in a name"
        )
    prefix = urlsplit(api).path
    if not parts.path.startswith(prefix):
        raise InvalidDialURLError(f"url={url!r} is not below {api}")
    return parts.path[len(prefix) :]


class DialStorageResourceMixin:
    """What the resources of the storage have in common."""

    resource_type: AnyStorageResourceType
    dial_api_url: str

    def get_api_prefix(self) -> str:
        """The prefix of the API that has these resources."""
        return api_prefix_for(self.resource_type)

    def get_storage_resource(
        self, url: URL, *, allow_empty_bucket_path: bool = False
    ) -> DialStorageResource:
        """What `url` names. Raises as `parse_storage_resource` does."""
        return parse_storage_resource(
            url=url,
            dial_api_url=self.dial_api_url,
            expected_resource_type=self.resource_type,
            allow_empty_bucket_path=allow_empty_bucket_path,
        )

    def get_api_path(self, url: URL, *, allow_empty_bucket_path: bool = False) -> str:
        """``{type}/{bucket}/{path}``, percent-encoded."""
        return self.get_storage_resource(
            url, allow_empty_bucket_path=allow_empty_bucket_path
        ).api_path

    def get_display_name(self, url: URL) -> str | None:
        """The path within the bucket, as in URLs."""
        return self.get_storage_resource(url).bucket_path
