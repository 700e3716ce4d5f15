"""Functions of the commands. Both parsers call them with the parsed arguments."""

from __future__ import annotations

import sys
from typing import IO, Any

from airflow_provider_seventime.cli.session import command, open_client

USER_FIELDS = ("userName", "firstName", "lastName", "isActive")


@command
def check(arguments: Any, output: IO[bytes]) -> int:
    """Test a connection, print a line for each part, and return 1 if one is wrong."""
    from airflow_provider_seventime.api.check import examine_connection

    with open_client(arguments.conn_id, attempts=1) as client:
        findings = examine_connection(client)
    width = max(len(finding.part) for finding in findings)
    for finding in findings:
        state = "ok   " if finding.works else "FAULT"
        output.write(f"{state}  {finding.part:<{width}}  {finding.text}\n".encode())
    return 0 if all(finding.works for finding in findings) else 1


@command
def collections(arguments: Any, output: IO[bytes]) -> int:
    """Print the collections of the API."""
    from airflow_provider_seventime.cli.fields import collection_rows
    from airflow_provider_seventime.cli.output import write_rows
    from airflow_provider_seventime.contract.registry import COLLECTIONS

    write_rows(collection_rows(COLLECTIONS), arguments.format, output)
    return 0


@command
def fields(arguments: Any, output: IO[bytes]) -> int:
    """Print the fields of a collection."""
    from airflow_provider_seventime.cli.fields import field_rows
    from airflow_provider_seventime.cli.output import write_rows
    from airflow_provider_seventime.contract.registry import find_collection

    write_rows(field_rows(find_collection(arguments.collection)), arguments.format, output)
    return 0


@command
def users(arguments: Any, output: IO[bytes]) -> int:
    """Print the ids and names of the users."""
    from airflow_provider_seventime.cli.output import write_rows

    with open_client(arguments.conn_id) as client:
        rows = [
            {"_id": user.get("_id"), **{name: user.get(name) for name in USER_FIELDS}} for user in client.list("users")
        ]
    if rows:
        write_rows(rows, arguments.format, output)
    return 0


@command
def dump(arguments: Any, output: IO[bytes]) -> int:
    """Write the records of a collection, and their number to the standard error."""
    from airflow_provider_seventime.cli.dump import dump as write_records
    from airflow_provider_seventime.cli.dump import filters_of

    with open_client(arguments.conn_id) as client:
        count = write_records(
            client,
            arguments.collection,
            filters=filters_of(arguments.filters),
            limit=arguments.limit,
            form=arguments.format,
            output=output,
        )
    sys.stderr.write(f"{count} records of {arguments.collection}\n")
    return 0
