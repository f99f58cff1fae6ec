"""The keywords that a call takes, as the generated code has them. One that nobody knows is
refused with the nearest name, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cache
from inspect import CO_VARARGS, CO_VARKEYWORDS, currentframe
from types import CodeType
from typing import Any

from polychat.errors import UnknownKeywordError

from .options import OPTION_NAMES

Build = Callable[..., Any]
"""The ``build_request`` of a generated endpoint module."""


def body_fields(build: Build) -> frozenset[str]:
    """The fields of an operation's JSON body, as its endpoint module lists them beside the
    function: the typed dicts that have them too take milliseconds to import."""
    fields: frozenset[str] = build.__globals__["BODY_FIELDS"]
    return fields


@cache
def parameters(build: Build) -> frozenset[str]:
    """The query and header parameters of an operation."""
    code = build.__code__
    return frozenset(_keyword_only(code)) - {"body"}


def check_fields(
    build: Build,
    given: Collection[str],
    also: Iterable[str] = (),
) -> None:
    """Raises `UnknownKeywordError` for a keyword in `given` that is no field of the operation's
    body. `also` are further names that the caller's method takes; they may be the nearest."""
    known = body_fields(build)
    if known.issuperset(given):
        return
    unknown = next(name for name in given if name not in known)
    raise unknown_keyword(
        unknown,
        {*known, *OPTION_NAMES, *also},
        remedy=f"Pass extra_body={{{unknown!r}: ...}} for a field that the spec does not know yet",
    )


def check_parameters(build: Build, given: Collection[str]) -> None:
    """Raises `UnknownKeywordError` for a keyword that is no parameter of the operation."""
    known = parameters(build)
    if known.issuperset(given):
        return
    unknown = next(name for name in given if name not in known)
    raise unknown_keyword(
        unknown,
        known | OPTION_NAMES,
        remedy=f"Pass extra_query={{{unknown!r}: ...}} for a parameter that the spec does not"
        " know yet",
    )


def check_options(given: Collection[str], also: Iterable[str] = ()) -> None:
    """Raises `UnknownKeywordError` for a keyword that is no option of a call."""
    for name in given:
        if name not in OPTION_NAMES:
            raise unknown_option(name, also)


def unknown_option(name: str, also: Iterable[str] = ()) -> UnknownKeywordError:
    """The error for a keyword of a method that takes only the options of a call."""
    return unknown_keyword(
        name,
        {*OPTION_NAMES, *also},
        remedy=f"The options of a call are {', '.join(sorted(OPTION_NAMES))}; what the spec does"
        " not know yet goes into extra_body, extra_query or extra_headers",
    )


def unknown_keyword(
    name: str,
    known: Iterable[str],
    *,
    remedy: str | None,
    method: str | None = None,
    platform: str | None = None,
) -> UnknownKeywordError:
    """The error for a keyword that is not `known`, in Python's own words, with the nearest name.
    Where no `method` is named it is the public one that was called with the keyword."""
    from difflib import get_close_matches

    called = _called_with(name) if method is None else None
    if called is not None:
        method = called.method
    names = {*known, *(called.keywords if called else ())}
    near = get_close_matches(name, sorted(names), n=1)
    text = f"{method or 'the call'}() got an unexpected keyword argument '{name}'"
    if near:
        text += f" (did you mean '{near[0]}'?)"
    return UnknownKeywordError(
        text, remedy=remedy, platform=platform or (called.platform if called else None)
    )


class _Called:
    """A public function of this package: its name, the keywords that its signature names, and
    the platform that it is of."""

    __slots__ = ("keywords", "method", "platform")

    def __init__(self, method: str, keywords: tuple[str, ...], platform: str | None) -> None:
        self.method = method
        self.keywords = keywords
        self.platform = platform


def _called_with(name: str) -> _Called | None:
    """The public function of this package that its user called with the keyword: the outermost
    that has it among its ``**keywords``. It is looked for on the stack: some hundred methods hand
    their keywords on to the few functions that check them, and would each have to hand on their
    own names too."""
    called: _Called | None = None
    frame = currentframe()
    while frame is not None:
        code = frame.f_code
        module = str(frame.f_globals.get("__name__", ""))
        if (
            code.co_flags & CO_VARKEYWORDS
            and not code.co_name.startswith("_")
            and module.startswith("polychat.")
            and name in frame.f_locals.get(_catch_all(code), ())
        ):
            room = module.split(".")[1]
            platform = called.platform if called else None if room[0] == "_" else room
            called = _Called(code.co_name, _named(code), platform)
        frame = frame.f_back
    return called


def _catch_all(code: CodeType) -> str:
    """The name of ``**keywords`` in a function."""
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & CO_VARARGS)
    return code.co_varnames[count]


def _keyword_only(code: CodeType) -> tuple[str, ...]:
    return code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]


def _named(code: CodeType) -> tuple[str, ...]:
    names = code.co_varnames[: code.co_argcount] + _keyword_only(code)
    return tuple(name for name in names if name not in ("self", "cls"))
