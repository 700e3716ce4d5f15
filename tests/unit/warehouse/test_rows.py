"""Conversion of records to rows, and the errors of values that do not fit."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import ProtocolError
from airflow_provider_seventime.warehouse.rows import RowConverter, python_values


def row_of(record):
    """Return the row of a time log by column."""
    converter = RowConverter(TIME_LOGS)
    row = converter.row_of(record, exact_json.encode(record))
    return dict(zip(converter.columns, row, strict=True))


def test_a_record_as_the_documentation_shows_it(time_log):
    record = time_log(time=Decimal("41.18577972222222"))

    row = row_of(record)

    assert row["id"] == "514959f8733259db7591000c"
    assert row["user_name"] == "Tommy Hellström"
    assert row["time"] == "41.18577972222222"
    assert row["timestamp"] == "2026-09-01 06:00:00.000000"
    assert row["is_invoiced"] is False
    assert row["status"] == 1
    assert exact_json.decode(row["record"]) == record


def test_a_record_that_has_only_an_id():
    row = row_of({"_id": "a"})

    assert {name for name, value in row.items() if value is not None} == {"id", "record"}
    assert len(row) == len(TIME_LOGS.fields) + 2


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        pytest.param("time", "7.25", "7.25", id="number-as-text"),
        pytest.param("time", 8, "8", id="number-without-decimals"),
        pytest.param("time", "", None, id="blank-number"),
        pytest.param("status", "1", 1, id="integer-as-text"),
        pytest.param("status", Decimal("1.0"), 1, id="integer-with-a-point"),
        pytest.param("is_invoiced", "true", True, id="flag-as-text"),
        pytest.param("timestamp", "2026-09-01T08:00:00+02:00", "2026-09-01 06:00:00.000000", id="offset"),
        pytest.param("timestamp", "", None, id="blank-instant"),
        pytest.param("description", "", "", id="blank-text-is-a-text"),
        pytest.param("description", 4711, "4711", id="number-in-a-text-field"),
    ],
)
def test_accepted_forms_of_values(time_log, field, sent, stored):
    api_name = {"is_invoiced": "isInvoiced"}.get(field, field)

    assert row_of(time_log(**{api_name: sent}))[field] == stored


def test_values_in_their_python_types(time_log):
    record = time_log(time=Decimal("41.10"), timestamp="2026-09-01T08:00:00.123+02:00")
    converter = RowConverter(TIME_LOGS)
    row = converter.row_of(record, exact_json.encode(record))

    values = dict(zip(converter.columns, python_values(TIME_LOGS, row), strict=True))

    assert values["timestamp"] == datetime(2026, 9, 1, 6, 0, 0, 123000, tzinfo=UTC)
    assert str(values["time"]) == "41.10"
    assert (values["id"], values["status"], values["customer"]) == (record["_id"], 1, None)
    assert values["record"] == row[-1]


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        pytest.param("time", "eight", "number", id="number-in-words"),
        pytest.param("time", True, "number", id="flag-as-number"),
        pytest.param("time", "NaN", "number", id="not-a-number"),
        pytest.param("time", {"hours": 8}, "number", id="object-as-number"),
        pytest.param("time", Decimal("1E+999999"), "number", id="number-of-a-million-digits"),
        pytest.param("time", Decimal("1E-999999"), "number", id="number-of-a-million-decimals"),
        pytest.param("status", Decimal("1.5"), "integer", id="half-an-integer"),
        pytest.param("status", 2**63, "integer", id="integer-beyond-64-bits"),
        pytest.param("isInvoiced", "perhaps", "boolean", id="flag-in-words"),
        pytest.param("isInvoiced", 2, "boolean", id="flag-as-another-number"),
        pytest.param("isInvoiced", [], "boolean", id="flag-as-list"),
        pytest.param("timestamp", "yesterday", "instant", id="instant-in-words"),
        pytest.param("timestamp", 1756706400, "instant", id="instant-as-epoch"),
        pytest.param("timestamp", "0001-01-01T00:00:00+02:00", "instant", id="instant-before-time"),
        pytest.param("user", {"_id": "51203146"}, "id", id="object-as-id"),
        pytest.param("userName", ["Tommy"], "text", id="list-as-text"),
    ],
)
def test_a_value_that_does_not_fit_its_field(time_log, field, value, kind):
    with pytest.raises(ProtocolError) as refused:
        row_of(time_log(**{field: value}))

    assert "514959f8733259db7591000c" in str(refused.value)
    assert f"{field} holds" in str(refused.value)
    assert f"which is no {kind}\n" in str(refused.value)


@pytest.mark.parametrize(
    "record_id", [None, "", 4711, {"$oid": "a"}, "a "], ids=["null", "empty", "number", "object", "blank"]
)
def test_a_record_without_a_text_id(time_log, record_id):
    with pytest.raises(ProtocolError, match="_id"):
        row_of(time_log(record_id))


def test_a_record_without_an_id():
    with pytest.raises(ProtocolError, match="timeLogs: a record has the _id None"):
        row_of({"time": 8})
