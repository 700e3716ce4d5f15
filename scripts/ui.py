"""``make ui``: Airflow's web page with the sandbox's connection and the example DAGs, until Ctrl+C."""

from __future__ import annotations

import signal
import subprocess

from local_airflow import AIRFLOW, ROOT, airflow_environment

from airflow_provider_seventime.sandbox.server import SandboxServer

FOLDER = ROOT / ".ui"
CUSTOMERS_PAY_AFTER_SECONDS = 30


def main() -> int:
    """Run the sandbox and ``airflow standalone`` together; return Airflow's exit code."""
    FOLDER.mkdir(exist_ok=True)
    with SandboxServer(state_file=FOLDER / "sandbox.json", pay_after_seconds=CUSTOMERS_PAY_AFTER_SECONDS) as sandbox:
        environment = airflow_environment(
            FOLDER,
            sandbox,
            AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION="True",
            AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS="True",
        )
        print(f"The sandbox is at {sandbox.base_url}, controls under {sandbox.base_url}/_sandbox/")
        print("Airflow starts at http://localhost:8080 in about half a minute: no password is asked for.")
        print("Run seventime_bill_time_logs, then seventime_export_to_accounting. Ctrl+C ends both.\n", flush=True)
        airflow = subprocess.Popen([str(AIRFLOW), "standalone"], env=environment)  # noqa: S603 - our own command
        signal.signal(signal.SIGTERM, lambda *_: airflow.terminate())
        while True:
            try:
                return airflow.wait()
            except KeyboardInterrupt:
                airflow.send_signal(signal.SIGINT)


if __name__ == "__main__":
    raise SystemExit(main())
