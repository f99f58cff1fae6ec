"""An answer held against the list that was asked for: in number, and in order.

Many texts go out in one request, and their vectors are matched to them by place. An answer with
a hole gives each later text another text's vector, so it is no answer. The overlays name the
lists of an operation in ``x-batch``, and every sender reads through `held`. Which operations have
two such lists, and why others that look alike do not, is in ``tests/generator/test_batches.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast

from .errors import UnreadableAnswer
from .model import Model
from .protocol import Operation
from .shapes import is_array

T = TypeVar("T")


class AnswerMismatch(ValueError):
    """An answer that is not what was asked for; `str` says in what."""


class Batch(NamedTuple):
    """Where an operation's two lists are."""

    asked: str
    """The field of the request's body: a text, a list, or the token ids of one text."""
    answered: str
    """The field of the answer."""
    called: str
    """What its items are called in errors."""
    beside: str | None = None
    """A list in the body whose items are answered after those of `asked`."""
    best: str | None = None
    """The field of the body that says how many of the best are answered. Such an answer is in
    the order of rank: its items say by their ``index`` what they are of."""

    def number(self, body: Any) -> int | None:
        """How many things a body asks for; None where that cannot be told."""
        total = count_of(_field(body, self.asked))
        more = None if self.beside is None else _field(body, self.beside)
        if more is None:
            return total
        if not is_array(more) or any(is_array(item) for item in more):
            return None  # a list in it is a mixture, which services embed in one piece or several
        return (total or 0) + len(more)

    def check(self, asked: int | None, best: Any, answer: Any) -> None:
        """Puts the items of `answer` in the order of what was asked for. Raises
        `AnswerMismatch`."""
        items = _field(answer, self.answered)
        if not is_array(items):
            raise AnswerMismatch(f"asked for {self.called}, got no list of them")
        if self.best is not None:
            check_ranked(items, asked, best, self.called)
            return
        ordered = in_order(items, asked, self.called)
        if ordered is not items:
            items[:] = ordered


def held(
    operation: Operation[T],
    batch: Batch,
    body: Any,
    document: Callable[[Any], Any] | None = None,
) -> Operation[T]:
    """`operation`, whose successes are held against what `body` asks for. `document` gives what
    an answer of a room's own class was made of, so that none of its items need be made."""
    best = None if batch.best is None else _field(body, batch.best)
    check = partial(batch.check, batch.number(body), best)
    if document is None:
        return checked(operation, check)
    return checked(operation, lambda answer: check(document(answer)))


def checked(operation: Operation[T], check: Callable[[Any], None]) -> Operation[T]:
    """`operation` for one request, whose successes `check` may refuse by an `AnswerMismatch`:
    reading them raises `UnreadableAnswer` because of it, as for any that is no answer."""
    return _Checked(operation, check)


class _Checked(Operation[T]):
    __slots__ = ("_check", "_operation")

    def __init__(self, operation: Operation[T], check: Callable[[Any], None]) -> None:
        for name in Operation.__slots__:
            setattr(self, name, getattr(operation, name))
        self._operation = operation
        self._check = check

    def read(self, status: int, headers: Mapping[str, str], content: bytes) -> T:
        answer = self._operation.read(status, headers, content)
        if 200 <= status < 300:
            try:
                self._check(answer)
            except AnswerMismatch as error:
                raise UnreadableAnswer(status, content, headers) from error
        return answer


def count_of(value: Any) -> int | None:
    """How many texts, prompts or documents `value` is: a text is one, and so are the token ids
    of one text. None for what can be looked at only once."""
    if isinstance(value, (str, bytes, Mapping, Model)):
        return 1
    if not isinstance(value, (Sequence, AbstractSet)):
        return None
    things = cast("Collection[Any]", value)
    return 1 if isinstance(next(iter(things), None), int) else len(things)


def in_order(items: list[T], asked: int | None, called: str) -> list[T]:
    """The items in the order of what was asked for: by their ``index``, or where they have none as
    they came. Those that are in order are returned as the list that they are. Raises
    `AnswerMismatch` for another number than `asked` (None: not known), for an index that comes
    twice or is out of range, and for a null in the place of an item."""
    if asked is not None and len(items) != asked:
        raise AnswerMismatch(f"asked for {asked} {called}, got {len(items)}")
    for place, item in enumerate(items):
        if item is None:
            raise AnswerMismatch(f"number {place} of the {called} is null")
        index = index_of(item)
        if index is not None and index != place:
            break
    else:
        return items
    found: dict[int, T] = {}
    for place, item in enumerate(items):
        if item is None:
            raise AnswerMismatch(f"number {place} of the {called} is null")
        index = index_of(item)
        _take(found, place if index is None else index, item, len(items), called)
    return [found[place] for place in range(len(items))]


def check_ranked(items: list[Any], asked: int | None, best: Any, called: str) -> None:
    """Raises `AnswerMismatch` where the items are not the `best` (all, where it is no positive
    number) of what was asked for, or two of them are of the same."""
    if asked is not None:
        due = min(best, asked) if isinstance(best, int) and best > 0 else asked
        if len(items) != due:
            raise AnswerMismatch(f"asked for {due} {called}, got {len(items)}")
    found: dict[int, Any] = {}
    for place, item in enumerate(items):
        if item is None:
            raise AnswerMismatch(f"number {place} of the {called} is null")
        index = index_of(item)
        if index is not None:
            _take(found, index, item, asked, called)


def index_of(item: Any) -> Any:
    """The ``index`` that an item of an answer has, or None."""
    if isinstance(item, Model):
        return getattr(item, "index", None)
    return item.get("index") if isinstance(item, Mapping) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]


def _take(found: dict[int, T], index: Any, item: T, among: int | None, called: str) -> None:
    if not isinstance(index, int) or index < 0 or (among is not None and index >= among):
        many = "" if among is None else f" among {among}"
        raise AnswerMismatch(f"one of the {called} has the index {index!r}{many}")
    if index in found:
        raise AnswerMismatch(f"index {index} of the {called} came twice")
    found[index] = item


def _field(holder: Any, name: str) -> Any:
    if isinstance(holder, Mapping):
        return holder.get(name)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return getattr(holder, name, None)
