"""Command line of the sandbox: ``python -m airflow_provider_seventime.sandbox``."""

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
from airflow_provider_seventime.sandbox.company import DEFAULT_API_KEY, DEFAULT_SEED
from airflow_provider_seventime.sandbox.rate_limit import DEFAULT_LIMIT
from airflow_provider_seventime.sandbox.server import SandboxServer

DEFAULT_PORT = 8077
REQUESTS_PER_SECOND_WITHOUT_LIMIT = 1000
SHOWN_COLLECTIONS = 5
CONN_ENV = "AIRFLOW_CONN_SEVENTIME_DEFAULT"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m airflow_provider_seventime.sandbox",
        description="Sandbox of Seven Time: the API with a fictitious company, and controls under /_sandbox/.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="port to listen on; 0: any free port (default: %(default)s)"
    )
    parser.add_argument("--allow-remote", action="store_true", help="allow an address that other machines can reach")
    parser.add_argument(
        "--seed", type=int, default=DEFAULT_SEED, help="seed of the company's data (default: %(default)s)"
    )
    parser.add_argument(
        "--today",
        type=date.fromisoformat,
        help="first day, YYYY-MM-DD; the clock starts at noon (default: the real time)",
    )
    parser.add_argument(
        "--time-logs", type=int, metavar="N", help="number of time logs (default: three months and the current one)"
    )
    parser.add_argument("--key", default=DEFAULT_API_KEY, help="key that the sandbox accepts (default: %(default)s)")
    parser.add_argument(
        "--rate-limit",
        type=int,
        default=DEFAULT_LIMIT,
        metavar="N",
        help="requests per second; 0: no limit (default: 4)",
    )
    parser.add_argument(
        "--pay-after-seconds", type=float, metavar="N", help="pay invoices N seconds after they are sent"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="file that keeps the state over a restart")
    parser.add_argument("--lenient", action="store_true", help="ignore unknown fields and query parameters")
    parser.add_argument(
        "--irregular",
        action="store_true",
        help="add records with the shape of the vendor's samples: fields missing or null, HTML, numbers as text",
    )
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
    contents = f"{sum(counts.values())} records: {', '.join(f'{counts[name]} {name}' for name in largest)}, ..."
    rows = (
        ("base URL", server.base_url),
        ("key", server.api_key),
        ("acting user", server.acting_user_id),
        ("clock", f"{server.now():%Y-%m-%d %H:%M} UTC"),
        ("contents", contents),
        ("controls", f"{server.base_url}/_sandbox/"),
    )
    table = "\n".join(f"  {name:<12} {value}" for name, value in rows)
    export = f"export {CONN_ENV}={shlex.quote(json.dumps(connection))}"
    return f"Seven Time sandbox\n{table}\n\n{export}\n\nPress Ctrl+C to stop."


def _wait_for_signal() -> None:
    stop = threading.Event()

    def on_signal(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    stop.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sandbox until SIGINT or SIGTERM.

    :param arguments: arguments of the command line; None: those of the process.
    :return: exit code: 0 after a signal, 2 if the sandbox cannot start.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if not options.allow_remote and not is_loopback(options.host):
        parser.error(f"--host {options.host} can be reached from other machines. Add --allow-remote to allow this.")
    if options.rate_limit < 0 or (options.time_logs is not None and options.time_logs < 0):
        parser.error("--rate-limit and --time-logs take 0 or more")
    server = SandboxServer(
        host=options.host,
        port=options.port,
        seed=options.seed,
        today=options.today,
        api_key=options.key,
        rate_limit=options.rate_limit,
        time_logs=options.time_logs,
        pay_after_seconds=options.pay_after_seconds,
        state_file=options.state,
        lenient=options.lenient,
        irregular=options.irregular,
    )
    try:
        with server:
            print(_banner(server), flush=True)
            _wait_for_signal()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
