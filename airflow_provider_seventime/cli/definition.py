"""Commands for Airflow's parser, ``airflow seventime ...``, on versions of Airflow that ask providers for commands."""

from __future__ import annotations

from typing import Any

from airflow_provider_seventime.cli.arguments import COMMANDS, HELP


def get_seventime_commands() -> list[Any]:
    """Return the group of commands. Airflow calls it at each start of its command line, so it imports nothing heavy."""
    from airflow.cli.cli_config import ActionCommand, Arg, GroupCommand, lazy_load_command

    return [
        GroupCommand(
            name="seventime",
            help=HELP,
            subcommands=tuple(
                ActionCommand(
                    name=command.name,
                    help=command.help,
                    func=lazy_load_command(f"airflow_provider_seventime.cli.commands.{command.name}"),
                    args=tuple(Arg(flags=one.flags, **one.options) for one in command.arguments),
                )
                for command in COMMANDS
            ),
        )
    ]
