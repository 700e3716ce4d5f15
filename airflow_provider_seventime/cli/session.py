"""Ground of every command: the output, the client of a connection, and errors as short messages."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import wraps
from typing import IO, TYPE_CHECKING, Any

from airflow_provider_seventime.exceptions import SevenTimeError

if TYPE_CHECKING:
    from airflow_provider_seventime.api.client import SevenTimeClient

INTERRUPTED = 130
STDOUT = 1
STDERR = 2

Function = Callable[[Any, IO[bytes]], int]


def command(run: Function) -> Callable[[Any], None]:
    """Make a command of a function that returns an exit code.

    An error of this package becomes a message of few lines on the standard error, and the exit code 1. Log lines go to
    the standard error too, so that the standard output has nothing but the result.

    :param run: takes the parsed arguments and the output, and returns the exit code.
    """

    @wraps(run)
    def wrapped(arguments: Any) -> None:
        """Run the command and leave the process.

        :raises SystemExit: always, unless the exit code is 0.
        """
        with own_output() as output:
            try:
                code = run(arguments, output)
                output.flush()
            except SevenTimeError as error:
                print_error(str(error))
                code = 1
            except KeyboardInterrupt:
                code = INTERRUPTED
            except BrokenPipeError:  # the reader, for example head, has read enough
                code = 0
        if code:
            raise SystemExit(code)

    return wrapped


def print_error(text: str) -> None:
    """Write an error to the standard error."""
    sys.stderr.write(f"error: {text}\n")


@contextmanager
def own_output() -> Iterator[IO[bytes]]:
    """Yield the standard output. Within the block everything else that writes to it writes to the standard error.

    Airflow's versions log to the standard output in different ways, so this happens at the file descriptor.
    """
    sys.stdout.flush()
    kept = os.dup(STDOUT)
    disabled = logging.root.manager.disable
    os.dup2(STDERR, STDOUT)
    logging.disable(logging.INFO)
    try:
        with redirect_stdout(sys.stderr), warnings.catch_warnings(), os.fdopen(os.dup(kept), "wb") as output:
            warnings.showwarning = _ignore  # deprecations within Airflow say nothing to the user of a command
            try:
                yield output
            finally:
                _flush_if_read(output)
    finally:
        logging.disable(disabled)
        sys.stdout.flush()
        os.dup2(kept, STDOUT)
        os.close(kept)


def _ignore(*_: Any, **__: Any) -> None:
    pass


def _flush_if_read(output: IO[bytes]) -> None:
    try:
        output.flush()
    except BrokenPipeError:
        # What is left goes nowhere: closing the file flushes again.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, output.fileno())
        os.close(nowhere)


@contextmanager
def open_client(conn_id: str, attempts: int | None = None) -> Iterator[SevenTimeClient]:
    """Open the client of an Airflow connection.

    :param conn_id: the connection.
    :param attempts: the most attempts of one request. None: the client's default.
    :raises ConfigError: there is no such connection, or it is malformed.
    """
    # As Airflow's own commands about connections do: without it, Airflow 3 does not look into its database.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
    from airflow_provider_seventime.hooks.seventime import SevenTimeHook

    look_up = logging.getLogger("airflow.models.connection")
    look_up.disabled = True  # Airflow 2 logs a traceback for a database that it cannot read, and goes on
    try:
        client = SevenTimeHook(conn_id).new_client(attempts)
    finally:
        look_up.disabled = False
    with client:
        yield client
