"""All faults."""

from __future__ import annotations

from .bodies import BODIES, LARGE
from .calls import Fault
from .heads import BEFORE_BODIES
from .proxies import PROXIES
from .redirects import REDIRECTS

TABLE: dict[str, Fault] = {
    fault.name: fault for fault in (*BEFORE_BODIES, *BODIES, *LARGE, *REDIRECTS, *PROXIES)
}
