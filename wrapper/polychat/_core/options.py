"""What can be set for a client and for a call."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypedDict, cast

from polychat.errors import ConfigurationError
from polychat_rest.secret import Secret

from .headers import checked_headers, concealed_headers
from .reading import MAX_ANSWER_BYTES
from .retry import RetryRules

if TYPE_CHECKING:
    from .http import Outgoing, RawResponse


POOL_SECONDS = 600.0
"""For which a call waits for a free connection of the client's own."""
MAX_SECONDS = 2_147_483.0
"""2**31 ms, some 24 days: what a socket can wait at most."""
_REMEDY = f"Pass seconds above 0 and at most {MAX_SECONDS:.0f}"


_PHASES = ("connect", "read", "stream", "write", "pool")


def is_seconds(value: Any) -> bool:
    """Whether a value is a time that can be waited for."""
    return _is_positive(value) and value <= MAX_SECONDS


def _is_positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def no_seconds(
    name: str, value: Any, *, ever: bool = True, platform: str | None = None
) -> ConfigurationError:
    """The error for a time that cannot be waited for; None is one where it is for `ever`."""
    return ConfigurationError(
        f"{name}={_shown(value)}",
        platform=platform,
        remedy=f"{_REMEDY}, or None to wait for ever" if ever else _REMEDY,
    )


def whole(
    name: str, value: Any, least: int, most: int | None = None, *, platform: str | None = None
) -> int:
    """A whole number from `least` to `most`. Raises `ConfigurationError` for anything else."""
    if type(value) is int and least <= value and (most is None or value <= most):
        return value
    to = "" if most is None else f" to {most}"
    raise ConfigurationError(
        f"{name}={_shown(value)}",
        platform=platform,
        remedy=f"Pass a whole number from {least}{to}",
    )


def _shown(value: Any) -> str:
    """As it is written; Python writes no whole number of thousands of digits."""
    try:
        return repr(value)
    except ValueError:
        return "a number of thousands of digits"


@dataclasses.dataclass(frozen=True, slots=True)
class Timeout:
    """Seconds; None waits for ever.

    `connect` for a connection, `read` of silence before and within a plain answer, `stream` of
    silence within an event stream, `write` for a piece of the request, `pool` for a free
    connection.
    """

    connect: float | None = 5.0
    read: float | None = 600.0
    stream: float | None = 120.0
    write: float | None = 600.0
    pool: float | None = POOL_SECONDS

    def __post_init__(self) -> None:
        for name in _PHASES:
            value = getattr(self, name)
            if value is not None and not _is_positive(value):
                raise no_seconds(name, value)

    @classmethod
    def of(cls, value: Any) -> Timeout:
        """From seconds of silence (a connection has at most 5 of them, and waiting for a free one
        of our own is no silence of the service), from None, from another `Timeout` or from an
        ``httpx.Timeout``."""
        if isinstance(value, Timeout):
            for name in _PHASES:  # the system's longest time is a matter of who waits
                seconds = getattr(value, name)
                if seconds is not None and not is_seconds(seconds):
                    raise no_seconds(name, seconds)
            return value
        if value is None:
            return cls(None, None, None, None, None)
        if type(value) in (int, float):
            if not is_seconds(value):
                raise no_seconds("timeout", value)
            return cls(min(value, 5.0), value, value, value, max(value, POOL_SECONDS))
        if all(hasattr(value, name) for name in ("connect", "read", "write", "pool")):
            return cls.of(cls(value.connect, value.read, value.read, value.write, value.pool))
        raise ConfigurationError(
            f"timeout is a {type(value).__name__}",
            remedy="Pass seconds, None, polychat.Timeout(...) or httpx.Timeout(...)",
        )

    def extensions(self, *, stream: bool, remaining: float | None) -> dict[str, float | None]:
        """As httpx's request extension, no value beyond the `remaining` time of a deadline."""
        values = {
            "connect": self.connect,
            "read": self.stream if stream else self.read,
            "write": self.write,
            "pool": self.pool,
        }
        if remaining is None:
            return values
        return {k: remaining if v is None else min(v, remaining) for k, v in values.items()}


DEFAULT_TIMEOUT = Timeout()


def client_timeout(given: Any, default: Any, http_client: Any) -> Any:
    """The timeout of a client: the one it was given, else that of the user's own `http_client`
    where it is not httpx's default, else the `default`."""
    if given is not default and given != default:
        return given
    if http_client is None:
        return default
    own = getattr(getattr(http_client, "theirs", http_client), "timeout", None)
    names = ("connect", "read", "write", "pool")
    return default if all(getattr(own, name, 5.0) == 5.0 for name in names) else own


class CallOptions(TypedDict, total=False):
    """Keywords that every call takes beside its own.

    ``timeout`` and ``deadline`` in seconds (silence, and in total); ``max_retries``: how often
    the request may be sent again; ``retry_unsafe``: whether also when it may have been received
    and creates something; ``extra_headers``, ``extra_query``, ``extra_body``: sent beside what
    the call builds, and in its place where names meet (a None in ``extra_body`` is sent as null);
    ``max_answer_bytes``: the largest answer that is held in memory (512 MiB; what is downloaded
    is not held).
    """

    timeout: Any
    deadline: float | None
    max_retries: int
    retry_unsafe: bool
    extra_headers: Mapping[str, str] | None
    extra_query: Mapping[str, Any] | None
    extra_body: Mapping[str, Any] | None
    max_answer_bytes: int | None


class Hooks(Protocol):
    """What a drop-in does around each attempt."""

    def sending(self, out: Outgoing) -> Outgoing:
        """The request to send in the place of `out`, which has its credentials."""
        ...

    def answered(self, out: Outgoing, response: RawResponse, content: bytes) -> None:
        """Sees the answer of any status; `content` is empty where it is left to be streamed."""
        ...


class Options(NamedTuple):
    """`CallOptions`, resolved, and what only drop-ins set."""

    timeout: Timeout = DEFAULT_TIMEOUT
    deadline: float | None = None
    max_retries: int = 2
    retry_unsafe: bool = False
    extra_headers: Mapping[str, str | Secret] = MappingProxyType({})
    extra_query: Mapping[str, Any] = MappingProxyType({})
    extra_body: Mapping[str, Any] = MappingProxyType({})
    hooks: Hooks | None = None
    retry_rules: RetryRules | None = None
    max_redirects: int = 5
    deadline_in_streams: bool = True
    """Whether the deadline also ends a stream that has begun."""
    max_answer_bytes: int = MAX_ANSWER_BYTES

    def with_(self, changes: Mapping[str, Any]) -> Options:
        """These with `changes`, as `CallOptions` names them. Headers, query and body add up.
        Raises `ConfigurationError`, which for an unknown name is an `UnknownKeywordError`.
        Credentials in `changes` are concealed in place: the frames above hold the same dict."""
        if not changes:
            return self
        if isinstance(changes, dict):
            conceal_options(changes)
        new: dict[str, Any] = {}
        for name, value in changes.items():
            if name == "timeout":
                new[name] = Timeout.of(value)
            elif name == "deadline":
                if value is not None and not is_seconds(value):
                    raise no_seconds(name, value, ever=False)
                new[name] = value
            elif name in _LEAST:
                if value is not None or name == "max_retries":
                    new[name] = whole(name, value, _LEAST[name])
            elif name == "retry_unsafe":
                new[name] = bool(value)
            elif name == "extra_headers":
                new[name] = {**self.extra_headers, **checked_headers(value, name)}
            elif name in ("extra_query", "extra_body"):
                new[name] = {**getattr(self, name), **_mapping(name, value)}
            else:
                from .keywords import unknown_option

                raise unknown_option(name)
        return self._replace(**new)


_LEAST = {"max_retries": 0, "max_answer_bytes": 1}


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if value is not None and not isinstance(value, Mapping):
        raise ConfigurationError(
            f"{name} is a {type(value).__name__}", remedy=f"Pass {name}={{...}}"
        )
    return cast("Mapping[str, Any]", value or {})


OPTION_NAMES = frozenset(CallOptions.__annotations__)


def conceal_options(options: Any) -> None:
    """Conceals the credentials in a call's options, in place, so that no frame shows them."""
    if "extra_headers" in options:
        options["extra_headers"] = concealed_headers(options["extra_headers"])


def take_options(keywords: dict[str, Any]) -> dict[str, Any]:
    """Takes the call's options out of `keywords` and returns them; credentials in headers are
    concealed, and nowhere left in `keywords`."""
    taken = {name: keywords.pop(name) for name in OPTION_NAMES & keywords.keys()}
    conceal_options(taken)
    return taken
