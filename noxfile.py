"""What a person or CI does in this repository: ``scripts/run SESSION`` (or ``nox -s SESSION``).

All that a session needs comes from PyPI, by uv where it is installed, otherwise by pip.
"""

from __future__ import annotations

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests", "faults", "types", "lint", "check", "peers", "package"]

PROJECT = nox.project.load_toml("pyproject.toml")
COROUTINE_TESTS = ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
"""Options for sessions with LangChain's standard suite, whose coroutine tests have no marks."""
TYPED = ["polychat", "polychat_rest"]


def install(session: nox.Session, *groups: str, extra: str = "all") -> None:
    """Installs the project in place, with an extra and with dependency groups of pyproject.toml."""
    needed = nox.project.dependency_groups(PROJECT, *groups) if groups else ()
    session.install("--editable", f".[{extra}]", *needed)


@nox.session
def tests(session: nox.Session) -> None:
    """Runs the test-suite on all cores. Arguments go to pytest."""
    install(session, "test")
    session.run("pytest", "--numprocesses=auto", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Every fault of the wire over every transport, in minutes. Arguments go to pytest."""
    install(session, "test")
    session.run("pytest", "--numprocesses=auto", "tests/faults", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff's rules and format, and the direction of imports."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Types under mypy and pyright, and how completely the installed wheel is typed."""
    install(session, "types", "generate", "test")
    session.run("mypy")
    session.run("pyright")
    # What users see is the wheel, not this folder: it replaces the editable install, and pyright
    # runs where this project's configuration does not reach.
    session.install("--force-reinstall", "--no-deps", ".")
    session.chdir(session.create_tmp())
    for package in TYPED:
        session.run("pyright", "--ignoreexternal", "--verifytypes", package)


@nox.session
def generate(session: nox.Session) -> None:
    """Compiles the specs into generated/. Arguments go to scripts/generate.py."""
    install(session, "generate")
    session.run("python", "scripts/generate.py", *session.posargs)


@nox.session
def check(session: nox.Session) -> None:
    """Derives generated/ again and compares; proves that each correction of a spec is needed."""
    install(session, "generate")
    session.run("python", "scripts/generate.py", "--check")
    session.run("python", "scripts/generate.py", "--overlays")


@nox.session
def demo(session: nox.Session) -> None:
    """Chats, streams, calls tools and moves files against the emulator. No key, no network."""
    install(session)
    session.run("python", "-m", "polychat.demo", *session.posargs)


@nox.session
def peers(session: nox.Session) -> None:
    """Talks to servers that others wrote, with their clients beside ours, on today's frameworks
    and then on those before them. Arguments: what pytest is to run in the place of all."""
    install(session, "peers")
    session.run("pytest", *COROUTINE_TESTS, *(session.posargs or ["tests/peers"]))
    if not session.posargs:
        session.notify("peers_old")


@nox.session
def peers_old(session: nox.Session) -> None:
    """AIMLAPI's integrations on LangChain 0.3 and Haystack 2, beside the former's package. `peers`
    runs it too. Arguments go to pytest."""
    install(session, "peers-old")
    session.run(
        "pytest",
        "-c",
        "tests/peers/aimlapi/old/pytest.ini",
        "--rootdir=.",
        "--confcutdir=.",
        "tests/peers/aimlapi/old",
        "tests/peers/aimlapi/test_langchain_standard.py",
        "tests/peers/aimlapi/npm/test_langchain_aimock.py",
        "tests/integrations",
        *session.posargs,
    )


@nox.session
def bench(session: nox.Session) -> None:
    """Measures against bare httpx and the old clients. Arguments go to benchmarks/run.py."""
    install(session, "bench")
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session
def compare(session: nox.Session) -> None:
    """Compares speed with an earlier commit: `nox -s compare -- COMMIT`."""
    install(session, "bench")
    session.run("python", "benchmarks/compare.py", *session.posargs)


@nox.session
def package(session: nox.Session) -> None:
    """Builds wheel and sdist and tries the wheel in an environment of its own."""
    session.install(*nox.project.dependency_groups(PROJECT, "package"))
    # Without the conftest.py of the other tests, which imports polychat: it is not installed here.
    session.run("pytest", "--confcutdir=tests/package", "tests/package", *session.posargs)
