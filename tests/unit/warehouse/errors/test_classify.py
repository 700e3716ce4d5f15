"""Classification of database errors that the tests cannot provoke on a server."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from airflow_provider_seventime.warehouse.errors.classify import FailureKind, classify_error


class PostgresqlError(Exception):
    """Error as psycopg raises it."""

    def __init__(self, code, message="a message"):
        self.sqlstate = code
        super().__init__(message)


class MysqlError(Exception):
    """Error as mysqlclient and PyMySQL raise it: code and message as arguments."""


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("40001", FailureKind.BUSY),
        ("53100", FailureKind.FULL),
        ("53300", FailureKind.LOST),
        ("57P03", FailureKind.LOST),
        ("57014", FailureKind.TRANSIENT),
        ("58030", FailureKind.TRANSIENT),
        ("25P03", FailureKind.LOST),
        ("42P01", FailureKind.OTHER),
        ("23505", FailureKind.CONTENT),
    ],
)
def test_codes_of_postgresql(code, kind):
    failure = classify_error(ProgrammingError("insert", None, PostgresqlError(code)), "postgresql")

    assert failure.kind is kind
    assert failure.is_disconnect is (kind is FailureKind.LOST)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1205, FailureKind.BUSY),
        (1040, FailureKind.LOST),
        (1927, FailureKind.LOST),
        (2006, FailureKind.LOST),
        (1021, FailureKind.FULL),
        (1227, FailureKind.FORBIDDEN),
        (1045, FailureKind.LOGIN),
        (1969, FailureKind.TRANSIENT),
        (1062, FailureKind.CONTENT),
    ],
)
@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_codes_of_mysql(code, kind, dialect):
    assert classify_error(OperationalError("insert", None, MysqlError(code, "a message")), dialect).kind is kind


def test_errors_of_another_database_are_classified_by_their_class():
    lost = DBAPIError("insert", None, Exception("lost"), connection_invalidated=True)

    assert classify_error(lost, "oracle").kind is FailureKind.LOST
    assert classify_error(OperationalError("insert", None, Exception("slow")), "oracle").kind is FailureKind.TRANSIENT
    assert classify_error(ProgrammingError("insert", None, Exception("syntax")), "oracle").kind is FailureKind.OTHER


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MysqlError(1062, "Duplicate entry 'Tommy O'Brien' for key 'one_per_name'"), "error 1062, one_per_name"),
        (MysqlError(1406, "Data too long for column 'user_name' at row 3"), "error 1406, user_name"),
        (MysqlError(1366, "Incorrect string value: 'Tommy' for column `s`.`t`.`note` at row 1"), "error 1366"),
        (MysqlError(1048, "Column 'cost_centre' cannot be null"), "error 1048, cost_centre"),
        (
            MysqlError(1064, "You have an error in your SQL syntax near 'Tommy' at line 1"),
            "You have an error in your SQL",
        ),
        (MysqlError(1053, "Server shutdown in progress\nand more"), "Server shutdown in progress"),
        (MysqlError(), "MysqlError"),
    ],
)
def test_the_reason_quotes_no_row(error, reason):
    failure = classify_error(OperationalError("insert", None, error), "mysql")

    assert failure.reason.startswith(reason)
    assert "Tommy" not in str(failure)
