"""Where a tracer takes part in calls. `polychat.azure.tracing` sets one; nothing is loaded
and nothing is done while there is none."""

from __future__ import annotations

from typing import Protocol

from ._calls import Call, Target
from .models._observation import Observation


class Observer(Protocol):
    """Begins an observation of a call that is about to be sent. It never raises."""

    def begin(self, target: Target, call: Call) -> Observation: ...


active: Observer | None = None


def use(observer: Observer | None) -> None:
    """Sets the observer of all clients, or none."""
    global active  # noqa: PLW0603  # one a process, as tracers are
    active = observer
