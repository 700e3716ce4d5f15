"""Commands in Airflow's parser: the same as those of ``python -m``, and cheap to define."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

import pytest

from airflow_provider_seventime.__main__ import parser
from airflow_provider_seventime.cli import commands
from airflow_provider_seventime.cli.arguments import COMMANDS
from airflow_provider_seventime.cli.definition import get_seventime_commands
from airflow_provider_seventime.get_provider_info import get_provider_info


def test_airflow_gets_the_commands_by_the_metadata():
    assert get_provider_info()["cli"] == [f"{get_seventime_commands.__module__}.{get_seventime_commands.__name__}"]
    (group,) = get_seventime_commands()
    assert group.name == "seventime"
    assert [command.name for command in group.subcommands] == [command.name for command in COMMANDS]


def test_each_command_has_a_function_of_its_name():
    assert all(callable(getattr(commands, command.name)) for command in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--conn-id", "norrby"],
        ["collections"],
        ["fields", "timeLogs", "--format", "csv"],
        ["users"],
        ["dump", "timeLogs", "--filter", "project=a", "--filter", "user=b", "--limit", "3", "--format", "table"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_both_parsers_read_the_same(arguments):
    (group,) = get_seventime_commands()
    (command,) = (command for command in group.subcommands if command.name == arguments[0])
    of_airflow = argparse.ArgumentParser()
    for argument in command.args:
        argument.add_to_parser(of_airflow)

    own = vars(parser().parse_args(arguments))

    assert own.pop("command") == arguments[0]
    assert vars(of_airflow.parse_args(arguments[1:])) == own


def test_airflows_start_loads_nothing_heavy():
    program = (
        "import json, sys; import airflow.cli.cli_config; before = set(sys.modules)\n"
        "from airflow_provider_seventime.cli.definition import get_seventime_commands; get_seventime_commands()\n"
        "print('MODULES', json.dumps(sorted(set(sys.modules) - before)))"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    added = json.loads(ended.stdout.partition("MODULES ")[2])
    package = "airflow_provider_seventime"
    # Airflow itself has loaded the metadata, and with it the package.
    assert set(added) - {package} == {f"{package}.cli{part}" for part in ("", ".arguments", ".definition")}
