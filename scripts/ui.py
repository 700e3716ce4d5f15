"""Airflow's web page with the example DAGs and a connection to the sandbox, until Ctrl+C.

``make ui`` runs it.
"""

from __future__ import annotations

import os
import signal
import subprocess

from local_airflow import AIRFLOW, ROOT, airflow_environment

from airflow_provider_seventime.sandbox.server import SandboxServer

FOLDER = ROOT / ".ui"
CUSTOMERS_PAY_AFTER_SECONDS = 30
STOP_TIMEOUT_SECONDS = 20


def main() -> int:
    """Run the sandbox and ``airflow standalone``, and return Airflow's exit code."""
    FOLDER.mkdir(exist_ok=True)
    with SandboxServer(state_file=FOLDER / "sandbox.json", pay_after_seconds=CUSTOMERS_PAY_AFTER_SECONDS) as sandbox:
        environment = airflow_environment(
            FOLDER,
            sandbox,
            AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION="True",
            AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS="True",
        )
        print(f"The sandbox is at {sandbox.base_url}, controls under {sandbox.base_url}/_sandbox/")
        print("Airflow starts at http://localhost:8080 in about half a minute: it needs no password.")
        print("Run seventime_bill_time_logs, then seventime_export_to_accounting. Ctrl+C stops both.\n", flush=True)
        # A session of its own, so that one signal stops all processes of Airflow.
        airflow = subprocess.Popen([str(AIRFLOW), "standalone"], env=environment, start_new_session=True)  # noqa: S603
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            return airflow.wait()
        except KeyboardInterrupt:
            return stop(airflow)


def stop(airflow: subprocess.Popen[bytes]) -> int:
    """Stop all processes of Airflow and return 0."""
    os.killpg(airflow.pid, signal.SIGTERM)
    try:
        airflow.wait(STOP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(airflow.pid, signal.SIGKILL)
        airflow.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
