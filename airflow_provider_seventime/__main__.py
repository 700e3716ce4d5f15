"""Command line without Airflow's parser: ``python -m airflow_provider_seventime``, on every version of Airflow."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from airflow_provider_seventime.cli import commands
from airflow_provider_seventime.cli.arguments import COMMANDS, HELP


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    whole = argparse.ArgumentParser(prog="python -m airflow_provider_seventime", description=HELP)
    parts = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        part = parts.add_parser(command.name, help=command.help, description=command.help)
        for argument in command.arguments:
            part.add_argument(*argument.flags, **argument.options)
    return whole


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command.

    :param arguments: arguments of the command line. None: those of the process.
    :raises SystemExit: the command failed.
    """
    parsed = parser().parse_args(arguments)
    getattr(commands, parsed.command)(parsed)


if __name__ == "__main__":
    main()
