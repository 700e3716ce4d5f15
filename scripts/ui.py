"""Airflow's web page with the example DAGs and a connection to the sandbox, until Ctrl+C.

``make ui`` runs it. Every server listens on 127.0.0.1. The state is in ``.ui/``, by version of Airflow: a second start
continues there.
"""

from __future__ import annotations

import argparse
import errno
import http.client
import json
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from local_airflow import AIRFLOW, ROOT, bare_environment, connections, variables
from processes import ProcessEndedError, Processes

from airflow_provider_seventime.sandbox.__main__ import DEFAULT_PORT as SANDBOX_PORT
from airflow_provider_seventime.sandbox.server import SandboxServer

HOST = "127.0.0.1"
PORT = 8080
CUSTOMERS_PAY_AFTER_SECONDS = 30
START_SECONDS = 180
POLL_SECONDS = 0.5
REQUEST_SECONDS = 5
OK = 200
CANNOT_START = 2


@dataclass(frozen=True)
class Options:
    """Options of the command line.

    :param port: port of Airflow's web page.
    :param sandbox_port: port of the sandbox.
    :param folder: folder of all files.
    """

    port: int
    sandbox_port: int
    folder: Path

    @property
    def url(self) -> str:
        """URL of Airflow's web page."""
        return f"http://{HOST}:{self.port}"


def options(arguments: Sequence[str] | None = None) -> Options:
    """Return the options of the command line.

    :param arguments: arguments. None: those of the process.
    """
    parser = argparse.ArgumentParser(prog="ui.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=PORT, help="port of the web page (default: %(default)s)")
    parser.add_argument(
        "--sandbox-port", type=int, default=SANDBOX_PORT, help="port of the sandbox (default: %(default)s)"
    )
    minor = ".".join(version("apache-airflow").split(".")[:2])
    parser.add_argument("--folder", type=Path, default=ROOT / ".ui" / minor, help="folder of all files")
    return Options(**vars(parser.parse_args(arguments)))


def main() -> int:
    """Run the sandbox and Airflow until a signal.

    :return: 0 after a signal, 1 if a process ended, 2 if a port is taken.
    """
    chosen = options()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    taken = [
        f"Port {port} on {HOST} is taken, which {what} needs.\n"
        f'End the process that listens there, or choose another port: make ui ARGS="{option} {port + 1}"'
        for port, what, option in (
            (chosen.port, "Airflow's web page", "--port"),
            (chosen.sandbox_port, "the sandbox", "--sandbox-port"),
        )
        if is_taken(port)
    ]
    if taken:
        print("\n".join(taken), file=sys.stderr)
        return CANNOT_START
    chosen.folder.mkdir(parents=True, exist_ok=True)
    processes = Processes(chosen.folder / "logs", environment(chosen))
    try:
        run(chosen, processes)
    except ProcessEndedError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


def is_taken(port: int) -> bool:
    """Return True if a server cannot listen on a port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return True
    return False


def environment(chosen: Options) -> dict[str, str]:
    """Return the environment of Airflow's processes. No other machine reaches the page, so it has no login."""
    web_page = chosen.folder / "webserver_config.py"  # of Airflow 2
    return bare_environment(
        chosen.folder,
        AIRFLOW__API__BASE_URL=chosen.url,
        AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION="True",
        AIRFLOW__CORE__EXECUTION_API_SERVER_URL=f"{chosen.url}/execution/",
        AIRFLOW__CORE__PARALLELISM="4",
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS="True",
        AIRFLOW__WEBSERVER__BASE_URL=chosen.url,
        AIRFLOW__WEBSERVER__CONFIG_FILE=str(web_page),
    )


def run(chosen: Options, processes: Processes) -> None:
    """Start the sandbox and Airflow, print a summary, and wait until a process ends.

    :raises ProcessEndedError: a process ended.
    :raises KeyboardInterrupt: a signal ended this script.
    """
    (chosen.folder / "webserver_config.py").write_text('AUTH_ROLE_PUBLIC = "Admin"\n', encoding="utf-8")
    for stale in (chosen.folder / "airflow").glob("*.pid"):  # of processes that were killed
        stale.unlink()
    with (
        SandboxServer(
            port=chosen.sandbox_port,
            state_file=chosen.folder / "sandbox.json",
            pay_after_seconds=CUSTOMERS_PAY_AFTER_SECONDS,
            irregular=True,
        ) as sandbox,
        ending(processes),
    ):
        prepare(chosen, sandbox, processes)
        step("Starting Airflow", lambda: start(chosen, processes))
        print(summary(chosen, sandbox), flush=True)
        while True:
            processes.check()
            time.sleep(POLL_SECONDS)


@contextmanager
def ending(processes: Processes) -> Iterator[None]:
    """End all processes after the block. A second signal during that does not interrupt it."""
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        processes.stop()


def prepare(chosen: Options, sandbox: SandboxServer, processes: Processes) -> None:
    """Migrate the database, and store the connections and variables, so that the web page lists them."""
    step("Preparing Airflow's database", lambda: processes.run({"migrate": [str(AIRFLOW), "db", "migrate"]}))
    files = {kind: chosen.folder / f"{kind}.json" for kind in ("connections", "variables")}
    files["connections"].write_text(json.dumps(connections(chosen.folder, sandbox)), encoding="utf-8")
    files["variables"].write_text(json.dumps(variables(chosen.folder)), encoding="utf-8")
    commands = {
        "connections": [str(AIRFLOW), "connections", "import", "--overwrite", str(files["connections"])],
        "variables": [str(AIRFLOW), "variables", "import", str(files["variables"])],
    }
    step("Storing connections, variables", lambda: processes.run(commands))


def step(title: str, action: Callable[[], None]) -> None:
    """Print a step and how long it took."""
    began = time.monotonic()
    print(f"{title:<32}", end="", flush=True)
    action()
    print(f"{time.monotonic() - began:5.0f} s", flush=True)


def start(chosen: Options, processes: Processes) -> None:
    """Start Airflow's processes, and wait until the web page and the scheduler work.

    :raises ProcessEndedError: a process ended, or the page does not answer in time.
    """
    for name, *arguments in components(chosen.port):
        processes.start(name, [str(AIRFLOW), name, *arguments])
    deadline = time.monotonic() + START_SECONDS
    while not is_healthy(chosen.port):
        processes.check()
        if time.monotonic() > deadline:
            raise ProcessEndedError(f"Airflow does not answer after {START_SECONDS} s.\nSee {processes.logs}")
        time.sleep(POLL_SECONDS)


def components(port: int) -> list[list[str]]:
    """Return the commands of Airflow's processes. The servers of log files are left out: they listen everywhere.

    :param port: port of the web page.
    """
    shared = [["scheduler", "--skip-serve-logs"], ["triggerer", "--skip-serve-logs"]]
    if version("apache-airflow").startswith("2."):
        return [["webserver", "--hostname", HOST, "--port", str(port), "--workers", "2"], *shared]
    return [["api-server", "--host", HOST, "--port", str(port)], ["dag-processor"], *shared]


def is_healthy(port: int) -> bool:
    """Return True if the web page answers that the scheduler works.

    :param port: port of the web page.
    """
    path = "/health" if version("apache-airflow").startswith("2.") else "/api/v2/monitor/health"
    connection = http.client.HTTPConnection(HOST, port, timeout=REQUEST_SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status == OK and json.loads(response.read())["scheduler"]["status"] == "healthy"
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def summary(chosen: Options, sandbox: SandboxServer) -> str:
    """Return what a user needs, as a few lines."""
    rows = {
        "Web page": f"{chosen.url} (Airflow {version('apache-airflow')})",
        "Login": "none: every user of this machine is an admin. No other machine reaches the page.",
        "Connection": f"seventime_default, to the sandbox at {sandbox.base_url} (controls: /_sandbox/)",
        "DAGs": ", ".join(sorted(file.stem for file in (ROOT / "example_dags").glob("seventime_*.py"))),
        "Logs": str(chosen.folder / "logs"),
        "Stop": "Ctrl+C",
    }
    return "\n".join(["", *(f"{name:<12}{value}" for name, value in rows.items())])


if __name__ == "__main__":
    raise SystemExit(main())
