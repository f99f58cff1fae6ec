"""What a generated answer must have to say anything: for `polychat_rest.batches.checked`.

The spec names the roots of each answer; here is what this package's own types read beyond them.
Each function raises `AnswerMismatch`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polychat_rest.batches import AnswerMismatch
from polychat_rest.model import Model
from polychat_rest.shapes import is_array

if TYPE_CHECKING:
    from .tokenization import TokenizationRequest


def check_choice(answer: Any) -> None:
    """Refuses a chat whose first choice, which is what is read of it, has neither a message nor
    a reason why there is none."""
    first = _first(getattr(answer, "choices", None))
    if first is None:
        raise AnswerMismatch("it has no choice")
    if first.message is None and first.finish_reason is None:
        raise AnswerMismatch("its first choice has no message")


def check_completion(answer: Any) -> None:
    """Refuses an answer without a completion."""
    if _first(getattr(answer, "completions", None)) is None:
        raise AnswerMismatch("it has no completion")


def check_forms(request: TokenizationRequest, answer: Any) -> None:
    """Refuses an answer without a form of tokens that was asked for."""
    for name in ("tokens", "token_ids"):
        if getattr(request, name) and getattr(answer, name, None) is None:
            raise AnswerMismatch(f"it has no {name}, which were asked for")


def _first(items: Any) -> Any:
    """The first of a list of objects; None where it is none, or no object."""
    first = items[0] if is_array(items) and items else None
    return first if isinstance(first, Model) else None
