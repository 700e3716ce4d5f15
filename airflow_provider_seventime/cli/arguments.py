"""Commands and their arguments, as data for two parsers. It imports nothing heavy: Airflow reads it at each start."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, NamedTuple

HELP = "Seven Time: test a connection, look up collections and fields, and write out records"


class Argument(NamedTuple):
    """One argument of a command.

    :param flags: its names, for example ``--limit``.
    :param options: keyword arguments of argparse, which Airflow's parser has too.
    """

    flags: tuple[str, ...]
    options: Mapping[str, Any]


class Command(NamedTuple):
    """One command.

    :param name: its name, which is also that of the function in :mod:`airflow_provider_seventime.cli.commands`.
    :param help: one line about it.
    :param arguments: its arguments.
    """

    name: str
    help: str
    arguments: tuple[Argument, ...] = ()


def positive_number(text: str) -> int:
    """Return a whole number above 0.

    :raises argparse.ArgumentTypeError: the text is no such number.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def filter_of(text: str) -> tuple[str, str]:
    """Return name and value of a filter that is given as ``name=value``.

    :raises argparse.ArgumentTypeError: the text has no ``=`` or no name.
    """
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not a filter; write one like customerNumber=1001")
    return name.strip(), value


CONNECTION = Argument(
    ("--conn-id",),
    {"default": "seventime_default", "metavar": "ID", "help": "Airflow connection (default: seventime_default)"},
)
COLLECTION = Argument(
    ("collection",), {"metavar": "COLLECTION", "help": "collection by the API's own name, for example timeLogs"}
)
TABLE_FORMAT = Argument(
    ("--format",),
    {"default": "table", "choices": ("table", "csv", "jsonl"), "help": "form of the output (default: table)"},
)

COMMANDS: tuple[Command, ...] = (
    Command(
        "check",
        "Test a connection: host, key, acting user, rate limit and clock; the exit code is 1 if a part is wrong",
        (CONNECTION,),
    ),
    Command("collections", "List the collections of the API and their operations", (TABLE_FORMAT,)),
    Command(
        "fields",
        "List the fields of a collection: type, filters, and the writes that require them",
        (COLLECTION, TABLE_FORMAT),
    ),
    Command("users", "List the users of the account: the id of one belongs into the login", (CONNECTION, TABLE_FORMAT)),
    Command(
        "dump",
        "Write the records of a collection to the standard output",
        (
            COLLECTION,
            Argument(
                ("--filter",),
                {
                    "dest": "filters",
                    "action": "append",
                    "type": filter_of,
                    "metavar": "NAME=VALUE",
                    "help": "filter of the list; may be given several times",
                },
            ),
            Argument(
                ("--limit",),
                {"type": positive_number, "metavar": "N", "help": "write at most N records (default: all)"},
            ),
            Argument(
                ("--format",),
                {
                    "default": "jsonl",
                    "choices": ("jsonl", "csv", "table"),
                    "help": "form of the output (default: jsonl)",
                },
            ),
            CONNECTION,
        ),
    ),
)
