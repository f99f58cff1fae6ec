"""Clocks and counters that the cases share."""

from __future__ import annotations

import json
import os
import re
import resource
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Self

Metrics = dict[str, float]
"""What one measurement found, by the name of the quantity."""


@dataclass(frozen=True)
class Context:
    """Where and how large: what a case's `measure` is told."""

    url: str
    quick: bool

    def size(self, full: int, quick: int) -> int:
        """`full`, or `quick` in a quick run."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Check:
    """A line of the report: a subject's `metric`, set against another subject's.

    A ``limit`` of None reports the figure of a client that is not ours. With ``ratio`` the limit
    holds for subject / baseline, with ``difference`` for subject - baseline, with ``value`` for
    the subject alone.
    """

    subject: str
    metric: str
    unit: str
    limit: float | None = None
    against: str | None = None
    relation: Literal["ratio", "difference", "value"] = "ratio"
    at_least: bool = False
    note: str = ""


@dataclass(frozen=True)
class Case:
    """A measurement: ``measure(subject, context)`` runs in a fresh process for each subject."""

    name: str
    title: str
    measure: Callable[[str, Context], Metrics]
    checks: tuple[Check, ...]
    rounds: int = 7
    long: bool = False
    """Whether a quick run of it is long enough, and a full one too long, for `compare.py`."""

    def subjects(self) -> list[str]:
        """Who is measured, the baselines first."""
        baselines = [check.against for check in self.checks if check.against]
        return list(dict.fromkeys(baselines + [check.subject for check in self.checks]))

    def limited(self) -> set[str]:
        """The subjects without which a limit cannot be judged."""
        checks = [check for check in self.checks if check.limit is not None]
        return {check.subject for check in checks} | {c.against for c in checks if c.against}


def against_all(
    ours: tuple[Check, ...], others: tuple[str, ...], metric: str, unit: str, against: str
) -> tuple[Check, ...]:
    """Our checks, and beside them the same metric of clients that have no limit to keep."""
    return ours + tuple(Check(other, metric, unit, against=against) for other in others)


def cpu() -> float:
    """CPU seconds (user and system) that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Meter:
    """CPU and wall time within a ``with``, in seconds."""

    def __enter__(self) -> Self:
        self.cpu, self.wall = cpu(), time.perf_counter()
        return self

    def __exit__(self, *exc: object) -> None:
        self.cpu, self.wall = cpu() - self.cpu, time.perf_counter() - self.wall

    def per(self, operations: int) -> Metrics:
        """Microseconds an operation."""
        scale = 1e6 / operations
        return {"cpu": self.cpu * scale, "wall": self.wall * scale}


def peak_rss() -> float:
    """MiB of resident memory at this process's peak, since `reset_peak_rss`."""
    with open("/proc/self/status", encoding="ascii") as status:
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read())
    assert peak is not None
    return int(peak[1]) / 1024


def reset_peak_rss() -> None:
    """Begins a new peak at what is resident now (proc_pid_clear_refs(5))."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as refs:
        refs.write("5")


def pin(core: int | None) -> None:
    """Keeps this process on one core."""
    if core is not None:
        os.sched_setaffinity(0, {core})


def server_stats(url: str) -> dict[str, Any]:
    """The server's counters, asked for on a connection of their own that is not counted."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"GET /stats HTTP/1.1\r\nHost: bench\r\n\r\n")
        answer = b""
        while not answer.endswith(b"}"):
            answer += connection.recv(4096)
    counters: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return counters
