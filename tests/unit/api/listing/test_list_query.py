"""Checked queries: the filters are checked once and passed on."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.exceptions import InvalidRecordError

EMPTY_LIST = {"json": {"meta": {"totalResources": 0}, "data": []}}


@pytest.fixture
def sent(api):
    """Return the filters of the requests, without paging and sorting."""
    api.answers("GET", "timeLogs", EMPTY_LIST)

    def filters():
        general = {"limit", "page", "sortBy", "sortDirection"}
        return [{name: value for name, (value,) in one.qs.items() if name not in general} for one in api.requests]

    return filters


def test_a_query_checks_its_filters_and_sends_nothing(client, api):
    query = client.list_query("timeLogs", {"project": " p-1 ", "timestamp": "2026-09-01T06:00Z"})

    assert query.collection.name == "timeLogs"
    assert query.filters == {"project": "p-1", "timestamp": "2026-09-01 08:00"}
    assert api.requests == []


@pytest.mark.parametrize("resource", ["timeLogs", "query"])
def test_a_wrong_filter_is_refused(client, resource):
    given = client.list_query("timeLogs") if resource == "query" else resource
    for read in (client.list_query, client.list, client.list_json, client.count):
        with pytest.raises(InvalidRecordError, match="projct: unknown filter; did you mean 'project'"):
            read(given, {"projct": "p-1"})


def test_a_query_is_read_and_counted(client, sent):
    query = client.list_query("timeLogs", {"project": "p-1"})

    assert list(client.list(query)) == list(client.list_json(query)) == []
    assert client.count(query) == 0
    assert sent() == [{"project": "p-1"}] * 3


def test_added_filters_narrow_a_query_and_replace_filters_of_the_same_name(client, sent):
    query = client.list_query("timeLogs", {"project": "p-1", "user": "u-1"})

    client.count(query, {"user": "u-2"})
    narrower = client.list_query(query, {"user": "u-3"})
    client.count(narrower)

    assert sent() == [{"project": "p-1", "user": "u-2"}, {"project": "p-1", "user": "u-3"}]
    assert query.filters == {"project": "p-1", "user": "u-1"}


def test_a_required_filter_is_not_asked_for_again(client):
    query = client.list_query("supplementOrders", {"project": "p-1"})

    assert client.list_query(query, {"project": "p-2"}).filters == {"project": "p-2"}
    assert client.list_query(query, {}).filters == {"project": "p-1"}
    with pytest.raises(InvalidRecordError, match="project: required"):
        client.list_query("supplementOrders")
