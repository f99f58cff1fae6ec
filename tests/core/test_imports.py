"""What an import loads, seen from a fresh interpreter."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ["httpx", "httpx2", "aiohttp", "anyio", "httpcore", "ssl", "asyncio", "dateutil"]


def loaded(code: str) -> set[str]:
    """The modules that are loaded when `code` has run."""
    program = f"{code}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def test_import_polychat_is_light() -> None:
    modules = loaded("import polychat")
    assert not modules & {*HEAVY, "attrs", "attr", "msgspec", "polychat.errors"}
    assert not any(name.startswith(("polychat.", "polychat_rest")) for name in modules)


def test_errors_and_options_are_there_when_asked_for() -> None:
    modules = loaded("import polychat; polychat.errors.PolychatError; polychat.Timeout()")
    assert "polychat.errors" in modules
    assert not modules & {"httpx", "aiohttp"}
    assert not any(name.startswith("polychat.dial") for name in modules)


def test_every_public_name_is_there() -> None:
    loaded("import polychat\nfor name in polychat.__all__: getattr(polychat, name)")
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        import polychat

        polychat.nonsense  # noqa: B018


@pytest.mark.parametrize(
    ("module", "name"),
    [("dial", "Dial"), ("dial", "AsyncDial"), ("aimlapi", "AimlApi"), ("aimlapi", "AsyncAimlApi")],
)
def test_a_client_loads_neither_http_nor_models(module: str, name: str) -> None:
    modules = loaded(
        f"from polychat.{module} import {name}; {name}(base_url='http://x', api_key='k').chat"
    )
    assert not modules & {"httpx", "httpx2", "aiohttp", "httpcore", "anyio", "dateutil"}
    assert not any(".models" in name for name in modules if name.startswith("polychat_rest"))
    other = {"dial": "aimlapi", "aimlapi": "dial"}[module]
    assert not any(name.startswith(f"polychat.{other}") for name in modules)
    assert "polychat.emulator" not in modules


PACKAGES = [
    "polychat", "polychat.dial", "polychat.azure", "polychat.azure.aio", "polychat.aimlapi",
    "polychat.aleph_alpha", "polychat_rest.dial", "polychat_rest.azure", "polychat_rest.aimlapi",
    "polychat_rest.aleph_alpha",
]  # fmt: skip


@pytest.mark.parametrize("package", PACKAGES)
def test_dir_has_every_public_name_before_it_is_loaded(package: str) -> None:
    """Completion in shells and notebooks reads it."""
    program = f"import {package} as m\nassert not set(m.__all__) - set(dir(m)), dir(m)"
    loaded(program)


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_loads_nothing_that_talks(package: str) -> None:
    assert not loaded(f"import {package}") & set(HEAVY)
