"""What an import costs, in fresh interpreters."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

from benchmarks.adapters import KEY
from benchmarks.measure import Case, Check, Context, Metrics

_PROGRAMS = {
    "python": "pass",
    "import polychat": "import polychat",
    "httpx.Client()": "import httpx; httpx.Client()",
    "polychat.dial.Dial()": (
        f"from polychat.dial import Dial; Dial(base_url='http://127.0.0.1:9', api_key='{KEY}')"
    ),
    "openai.OpenAI()": (
        f"from openai import OpenAI; OpenAI(base_url='http://127.0.0.1:9', api_key='{KEY}')"
    ),
    "aidial_client.Dial()": (
        f"from aidial_client import Dial; Dial(base_url='http://127.0.0.1:9', api_key='{KEY}')"
    ),
}
_UNWANTED = """
import sys
rooms = ("polychat.dial", "polychat.azure", "polychat.aleph_alpha", "polychat.aimlapi")
print(sum(name in ("httpx", "httpx2", "aiohttp") or name.startswith(rooms)
          or name.startswith("polychat_rest") for name in sys.modules))
"""


def run(subject: str, context: Context) -> Metrics:
    """CPU of interpreters that run the subject's program and nothing else, and how many modules
    of HTTP libraries and platforms they have loaded."""
    program = _PROGRAMS[subject]
    command = [sys.executable, "-c", program + _UNWANTED]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = [child_cpu([sys.executable, "-c", program]) for _ in range(context.size(9, 5))]
    return {"cpu": statistics.median(spent) * 1e3, "loaded": float(loaded)}


_FRAMEWORKS = {
    # what a component or model of any provider is made of
    "langchain": "from langchain_core.embeddings import Embeddings; "
    "from langchain_core.language_models import BaseChatModel",
    "haystack": "from haystack import component; from haystack.dataclasses import ChatMessage; "
    "from haystack.tools import Tool; from haystack.utils import Secret",
}


def integration(subject: str, context: Context) -> Metrics:
    """CPU that importing an integration adds to the import of its framework."""
    name = subject.rpartition(".")[2]
    framework = _FRAMEWORKS[name]
    both = f"{framework}; import polychat.integrations.{name}"
    alone, together = [], []
    for _ in range(context.size(7, 3)):
        alone.append(child_cpu([sys.executable, "-c", framework]))
        together.append(child_cpu([sys.executable, "-c", both]))
    return {"added": (statistics.median(together) - statistics.median(alone)) * 1e3}


def child_cpu(command: list[str]) -> float:
    """CPU seconds of a program. Raises `RuntimeError` where it fails."""
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, used = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"{command} ended with {status}")
    return used.ru_utime + used.ru_stime


def package_of(subject: str) -> str:
    """The package that the subject's program needs."""
    return _PROGRAMS[subject].split()[1].partition(".")[0].rstrip(";")


CASES = (
    Case(
        "import",
        "Imports in a fresh interpreter",
        run,
        (
            Check("import polychat", "cpu", "ms", 10.0, "python", relation="difference"),
            Check("import polychat", "loaded", "modules", 0.0, relation="value"),
            Check("polychat.dial.Dial()", "cpu", "ms", 1.3, "httpx.Client()"),
            Check("openai.OpenAI()", "cpu", "ms", None, "httpx.Client()"),
            Check("aidial_client.Dial()", "cpu", "ms", None, "httpx.Client()"),
        ),
    ),
    Case(
        "import-integration",
        "What importing an integration adds to importing its framework",
        integration,
        tuple(
            Check(f"polychat.integrations.{name}", "added", "ms", 150.0, relation="value")
            for name in _FRAMEWORKS
        ),
        rounds=3,
        long=True,
    ),
)
