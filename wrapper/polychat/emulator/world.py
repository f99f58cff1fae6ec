"""What one emulator remembers. It has no clock and no dice: all numbers are counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

from polychat.emulator.files import Store


class World:
    """The state behind all four platforms: stored resources, usage, known words, numbers."""

    epoch = 1_767_225_600
    """2026-01-01 in seconds: the moment from which `created` counts up."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.tokens: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.more: dict[str, Any] = {}
        """What one platform alone remembers, by a name."""
        self._number = 0
        self._words: dict[str, int] = {}

    def number(self) -> int:
        """The next number, from 1."""
        self._number += 1
        return self._number

    def count(self, deployment: str, tokens: int) -> None:
        """Notes a call of a deployment, for its limits."""
        self.calls[deployment] += 1
        self.tokens[deployment] += tokens

    def word_ids(self, words: list[str]) -> list[int]:
        """A number for each word, given out in the order of first sight."""
        return [self._words.setdefault(word, len(self._words) + 1) for word in words]

    def words(self, ids: list[int]) -> list[str]:
        """The words of these numbers. Raises KeyError for a number that was not given out."""
        known = {number: word for word, number in self._words.items()}
        return [known[number] for number in ids]
