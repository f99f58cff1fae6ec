"""``python -m polychat.emulator``: the emulator by itself, until it is interrupted."""

from __future__ import annotations

import argparse
import signal
import sys


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when it was told to end, 1 when it could not begin."""
    parser = argparse.ArgumentParser(prog="python -m polychat.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (the default)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--folder", help="where uploads are kept; without it, in memory")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before an answer")
    parser.add_argument("--interval", type=float, default=0.0, help="seconds between two events")
    try:
        return _serve(parser.parse_args(arguments))
    except KeyboardInterrupt:
        return 0


def _serve(given: argparse.Namespace) -> int:
    from polychat.emulator.server import PLATFORMS, Emulator  # the slow part, within `try`

    try:
        emulator = Emulator(
            given.folder,
            host=given.host,
            port=given.port,
            latency=given.latency,
            interval=given.interval,
        )
    except ValueError as error:
        print(f"--{error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot serve on {given.host}:{given.port}: {error}", file=sys.stderr)
        return 1

    def stop(_number: int, _frame: object) -> None:
        emulator.stop()

    # Before it says that it is ready: whoever reads that may end it at once.
    before = signal.signal(signal.SIGINT, stop)
    try:
        for platform in PLATFORMS:
            print(f"{platform}: {emulator.url(platform)}", flush=True)
        print("ready", flush=True)
        emulator.serve()
    finally:
        signal.signal(signal.SIGINT, before)
    return 0


if __name__ == "__main__":
    sys.exit(main())
