"""Airflow's commands, run one after another in one process: most of a command's time is the start of Airflow.

The class starts this file as a program. It reads a command a line, and answers with its exit code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SECONDS_TO_END = 300


class AirflowProcess:
    """Process with one Airflow.

    :param process: running this file.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, output: Path, *arguments: str) -> int:
        """Run ``airflow`` with arguments, and return its exit code.

        :param output: file for everything that the command prints.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([str(output), *arguments]), file=self._process.stdin, flush=True)
        code = self._process.stdout.readline()
        assert code, f"Airflow ended within {arguments}: {output.read_text(errors='replace')[-4000:]}"
        return int(code)


@contextmanager
def airflow_process(environment: Mapping[str, str]) -> Iterator[AirflowProcess]:
    """Yield a process with an Airflow of an environment, and end it."""
    process = subprocess.Popen(
        [sys.executable, __file__],
        env={**environment, "PATH": os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield AirflowProcess(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(SECONDS_TO_END)
        finally:
            process.kill()
            assert process.stdout is not None
            process.stdout.close()


def main() -> None:
    """Run the commands of the standard input. Each line has the path of an output file, and the arguments."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as replies:
        for line in sys.stdin:
            output, *arguments = json.loads(line)
            with open(output, "wb") as file:
                for stream in (sys.stdout, sys.stderr):
                    stream.flush()
                    os.dup2(file.fileno(), stream.fileno())
            code = run(arguments)
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            print(code, file=replies, flush=True)


def run(arguments: list[str]) -> int:
    """Run a command as the program ``airflow`` does, and return its exit code."""
    from airflow.__main__ import main as airflow

    sys.argv = ["airflow", *arguments]
    try:
        airflow()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    main()
