"""An id is one word: what is several, or a path, is refused with its collection and field before anything is sent."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError

CALLS = {
    "get": lambda client, record_id: client.get("workOrders", record_id),
    "put": lambda client, record_id: client.put("workOrders", record_id, {"title": "AO1"}),
    "update": lambda client, record_id: client.update("workOrders", record_id, {"title": "AO1"}),
    "delete": lambda client, record_id: client.delete("workOrders", record_id),
}


@pytest.mark.parametrize("record_id", ["a/b", "../invoices", "a b", "a\tb", "a,\nb", ".", ".."], ids=repr)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_id_with_a_slash_or_a_blank_is_refused(client, api, call, record_id):
    with pytest.raises(ConfigError, match="workOrders: _id must be one id without blanks and slashes"):
        call(client, record_id)
    assert api.requests == []


def test_blanks_around_an_id_are_no_part_of_it(client, api):
    api.answers("GET", "workOrders/w1", {"json": {"data": {"_id": "w1"}}})

    assert client.get("workOrders", " w1\n") == {"_id": "w1"}


@pytest.mark.parametrize("record_id", ["516fad2b265135db78024621§", "5bae34dca878bd790d02065g", "0.40862768612862976"])
def test_an_id_of_any_shape_passes(client, api, record_id):
    api.answers("GET", f"workOrders/{record_id}", {"json": {"data": {"_id": record_id}}})

    assert client.get("workOrders", record_id) == {"_id": record_id}


def test_ids_in_records_and_filters_likewise(client, api):
    with pytest.raises(InvalidRecordError) as record:
        client.create("workOrders", {"title": "AO1", "customer": "a/b", "users": ["u1", "u2 u3"]})
    with pytest.raises(InvalidRecordError) as filters:
        client.list("workOrders", {"customer": "a b"})

    assert {problem.split(": ")[0] for problem in record.value.problems} == {"customer", "users[1]"}
    assert [problem.split(": ")[0] for problem in filters.value.problems] == ["customer"]
    assert api.requests == []


@pytest.mark.parametrize("changes", [{}, {"title": None}], ids=["nothing", "only None"])
@pytest.mark.parametrize("verb", ["put", "update"])
def test_an_update_without_changes_is_refused(client, api, verb, changes):
    with pytest.raises(InvalidRecordError, match="there is nothing to change"):
        getattr(client, verb)("workOrders", "w1", changes)
    assert api.requests == []
