"""Analyses: a POST that changes nothing, in pages that name the next."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError, ProtocolError

PATH = "analytics/timeLogs"


def page(rows, following=None):
    return {"json": {"meta": {"hasMore": following is not None, "nextPage": following}, "data": rows}}


def test_every_page_is_read(client, api):
    api.answers("POST", PATH, page([{"user": "a"}], 2), page([{"user": "b"}], 3), page([{"user": "c"}]))

    rows = list(client.analyse("timeLogs", {"fromDate": "2026-09-01", "groupBy": "user"}))

    assert rows == [{"user": "a"}, {"user": "b"}, {"user": "c"}]
    assert [body.get("page") for body in api.bodies("POST")] == [None, 2, 3]
    assert {(body["fromDate"], *body["groupBy"]) for body in api.bodies("POST")} == {("2026-09-01", "user")}


def test_it_is_repeated_after_a_lost_answer_because_it_changes_nothing(client, api):
    api.answers("POST", PATH, {"status_code": 503}, page([{"hours": 3}]))

    assert list(client.analyse("timeLogs")) == [{"hours": 3}]


def test_a_next_page_that_comes_again_is_an_error_and_no_loop(client, api):
    api.answers("POST", PATH, page([], 2))

    with pytest.raises(ProtocolError, match="page 2 as the next one again"):
        list(client.analyse("timeLogs"))
    assert len(api.requests) == 2


def test_next_pages_without_end_and_without_rows_are_an_error_and_no_loop(client, api):
    api.answers("POST", PATH, *(page([], number) for number in range(2, 30)))

    with pytest.raises(ProtocolError, match="another page after 3 without rows"):
        list(client.analyse("timeLogs"))
    assert len(api.requests) == 3


@pytest.mark.parametrize("following", [None, "", True, {}])
def test_more_without_a_next_page_is_an_error(client, api, following):
    api.answers("POST", PATH, {"json": {"meta": {"hasMore": True, "nextPage": following}, "data": []}})

    with pytest.raises(ProtocolError, match=r"as meta\.nextPage although meta\.hasMore is true"):
        list(client.analyse("timeLogs"))


def test_a_wrong_query_is_refused_before_anything_is_sent(client, api):
    with pytest.raises(InvalidRecordError) as caught:
        client.analyse("timeLogs", {"from": "2026-09-01", "toDate": "soon"})

    assert {problem.split(":")[0] for problem in caught.value.problems} == {"from", "toDate"}
    assert api.requests == []


def test_a_collection_without_an_analysis_is_named(client):
    with pytest.raises(ConfigError, match="customers has no analyse"):
        client.analyse("customers")
