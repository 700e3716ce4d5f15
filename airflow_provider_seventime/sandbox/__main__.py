"""``python -m airflow_provider_seventime.sandbox``: a sandbox in the foreground, until it is told to end."""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.loopback import is_loopback
from airflow_provider_seventime.sandbox.company import DEFAULT_API_KEY
from airflow_provider_seventime.sandbox.rate_limit import DEFAULT_LIMIT
from airflow_provider_seventime.sandbox.server import SandboxServer

DEFAULT_PORT = 8077
REQUESTS_PER_SECOND_WITHOUT_LIMIT = 1000
SHOWN_COLLECTIONS = 5
CONN_ENV = "AIRFLOW_CONN_SEVENTIME_DEFAULT"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m airflow_provider_seventime.sandbox",
        description="Seven Time for this machine: a made-up company behind the API, with controls under /_sandbox/.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0: a free one (default: %(default)s)")
    parser.add_argument("--allow-remote", action="store_true", help="allow an address that other machines can reach")
    parser.add_argument("--seed", type=int, default=7, help="another seed makes another company (default: %(default)s)")
    parser.add_argument("--today", type=date.fromisoformat, help="the sandbox's first day, YYYY-MM-DD (default: now)")
    parser.add_argument("--time-logs", type=int, metavar="N", help="number of time logs (default: a quarter's)")
    parser.add_argument("--key", default=DEFAULT_API_KEY, help="the key that is known (default: %(default)s)")
    parser.add_argument(
        "--rate-limit", type=int, default=DEFAULT_LIMIT, metavar="N", help="requests per second; 0: any (default: 4)"
    )
    parser.add_argument("--pay-after-seconds", type=float, metavar="N", help="customers pay so long after the sending")
    parser.add_argument("--state", type=Path, metavar="FILE", help="go on from this file, and keep it up to date")
    return parser


def _banner(server: SandboxServer) -> str:
    connection: dict[str, Any] = {
        "conn_type": "seventime",
        "host": server.base_url,
        "password": server.api_key,
        "login": server.acting_user_id,
    }
    limit = server.options.rate_limit
    if limit != DEFAULT_LIMIT:
        connection["extra"] = {"requests_per_second": limit or REQUESTS_PER_SECOND_WITHOUT_LIMIT}
    counts = server.sandbox.counts()
    largest = sorted(counts, key=lambda name: -counts[name])[:SHOWN_COLLECTIONS]
    held = f"{sum(counts.values())} records: {', '.join(f'{counts[name]} {name}' for name in largest)}, ..."
    rows = (
        ("base URL", server.base_url),
        ("key", server.api_key),
        ("acting user", server.acting_user_id),
        ("its clock", f"{server.now():%Y-%m-%d %H:%M} UTC"),
        ("holds", held),
        ("controls", f"{server.base_url}/_sandbox/"),
    )
    table = "\n".join(f"  {name:<12} {value}" for name, value in rows)
    return f"Seven Time sandbox\n{table}\n\nexport {CONN_ENV}={shlex.quote(json.dumps(connection))}\n\nCtrl+C ends it."


def _wait_for_end() -> None:
    told = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    told.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sandbox until SIGINT or SIGTERM.

    :param arguments: of the command line; None: those of the process.
    :return: exit code: 0 when it was told to end, 2 when it could not start.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    if not given.allow_remote and not is_loopback(given.host):
        parser.error(f"--host {given.host} can be reached from other machines; add --allow-remote if that is meant")
    if given.rate_limit < 0 or (given.time_logs is not None and given.time_logs < 0):
        parser.error("--rate-limit and --time-logs take 0 or more")
    server = SandboxServer(
        host=given.host,
        port=given.port,
        seed=given.seed,
        today=given.today,
        api_key=given.key,
        rate_limit=given.rate_limit,
        time_logs=given.time_logs,
        pay_after_seconds=given.pay_after_seconds,
        state_file=given.state,
    )
    try:
        with server:
            print(_banner(server), flush=True)
            _wait_for_end()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
