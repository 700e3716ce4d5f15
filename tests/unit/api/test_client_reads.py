"""Lists, single records and counts through the client."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from airflow_provider_seventime.exceptions import (
    ConfigError,
    IncompleteReadError,
    InvalidRecordError,
    NotFoundError,
    ProtocolError,
)

A, B, C, D = (f"5fa2f3de9d8c4a001ea1c2f{digit}" for digit in "abcd")
YEARS_LATER = {"Date": "Thu, 01 Oct 2026 10:00:00 GMT"}


def page(*ids, total, headers=YEARS_LATER):
    content = {"meta": {"totalResources": total}, "data": [{"_id": one} for one in ids]}
    return {"json": content, "headers": headers}


class TestList:
    def test_reads_every_page_in_order_sorted_by_id(self, make_client, api):
        api.answers("GET", "timeLogs", page(A, B, total=3), page(C, total=3))
        assert [record["_id"] for record in make_client(page_size=2).list("timeLogs")] == [A, B, C]
        common = {"sortBy": "_id", "sortDirection": "ascending", "limit": "2"}
        assert api.queries() == [{**common, "page": "1"}, {**common, "page": "2"}]

    @pytest.mark.parametrize(
        "headers",
        [{}, {"Date": "soon"}, {"Date": "Wed, 04 Nov 2020 18:34:00 GMT"}, {"Date": "Wed, 04 Nov 2020 18:34:00 -0000"}],
        ids=["no date", "no date in it", "the minute of the last record", "without a zone"],
    )
    def test_reads_the_first_page_again_unless_the_answer_is_dated_later_than_the_last_record(
        self, make_client, api, headers
    ):
        first, last = page(A, B, total=3, headers=headers), page(C, total=3)
        api.answers("GET", "timeLogs", first, last, first)
        assert [record["_id"] for record in make_client(page_size=2).list("timeLogs")] == [A, B, C]
        assert [query["page"] for query in api.queries()] == ["1", "2", "1"]

    @pytest.mark.parametrize(
        ("filters", "pages"),
        [({}, "1212"), ({"project": "p-1"}, "121212")],
        ids=["all records", "with a filter"],
    )
    def test_reads_a_list_anew_where_a_filter_lets_records_leave_and_enter(self, make_client, api, filters, pages):
        one, two = page(A, B, total=4), page(C, D, total=4)
        api.answers("GET", "timeLogs", one, page(D, total=3), one, two, one, two)
        got = [record["_id"] for record in make_client(page_size=2).list("timeLogs", filters)]
        assert sorted(got) == [A, B, C, D]
        assert "".join(query["page"] for query in api.queries()) == pages

    def test_sends_filters_and_sort(self, client, api):
        api.answers("GET", "timeLogs", page(total=0))
        filters = {"project": "p-1", "timestamp": datetime(2026, 1, 31, 23, tzinfo=UTC), "isAbsence": False}
        assert list(client.list("timeLogs", filters, sort_by="-timestamp")) == []
        assert api.queries() == [
            {
                "project": "p-1", "timestamp": "2026-02-01 00:00", "isAbsence": "false",
                "sortBy": "timestamp", "sortDirection": "descending", "limit": "500", "page": "1",
            }
        ]  # fmt: skip

    def test_filters_with_special_characters_are_encoded(self, client, api):
        api.answers("GET", "customers", page(total=0))
        list(client.list("customers", {"name": "Häll & Søn=1?#+ %20"}))
        assert api.queries()[0]["name"] == "Häll & Søn=1?#+ %20"

    def test_filters_are_sent_in_the_accounts_own_time(self, make_client, api):
        api.answers("GET", "timeLogs", page(total=0))
        list(make_client(timezone="Europe/Helsinki").list("timeLogs", {"timestamp": "2026-01-31T23:00Z"}))
        assert api.queries()[0]["timestamp"] == "2026-02-01 01:00"

    @pytest.mark.parametrize(("limit", "asked", "got"), [(1, "1", 1), (2, "2", 2), (3, "2", 3), (9, "2", 4)])
    def test_ends_at_the_number_of_records_wanted(self, make_client, api, limit, asked, got):
        records = [A, B, C, D]
        size = int(asked)
        pages = [page(*records[begin : begin + size], total=4) for begin in range(0, 4, size)]
        api.answers("GET", "timeLogs", *pages)
        found = list(make_client(page_size=2).list("timeLogs", max_records=limit))
        assert [record["_id"] for record in found] == records[:got]
        assert api.queries()[0]["limit"] == asked
        assert len(api.requests) == -(-min(limit, 4) // size)

    def test_asks_for_the_next_page_only_when_its_records_are_wanted(self, make_client, api):
        api.answers("GET", "timeLogs", page(A, total=2), page(B, total=2))
        reading = make_client(page_size=1).list("timeLogs")
        assert api.requests == []
        next(reading)
        assert len(api.requests) == 1

    def test_a_list_that_stays_short_is_an_error(self, client, api):
        api.answers("GET", "timeLogs", page(A, total=2))
        with pytest.raises(IncompleteReadError, match=r"^GET /api/2/timeLogs could not be read completely"):
            list(client.list("timeLogs"))

    def test_as_json_yields_bytes_of_a_line_each_as_they_came(self, make_client, api):
        one, other = f'{{"_id":  "{A}", "cost": 1.10}}', f'{{"_id": "{B}",\n "cost": 2e0}}'
        text = f'{{"meta": {{"totalResources": 2}}, "data": [{one}, {other}]}}'
        api.answers("GET", "timeLogs", {"text": text})
        lines = list(make_client(page_size=2).list_json("timeLogs"))
        assert lines == [one.encode(), f'{{"_id":"{B}","cost":2e0}}'.encode()]
        assert {type(line) for line in lines} == {bytes}

    @pytest.mark.parametrize("collection", ["timeCategories", "invoiceTags"])
    def test_an_unpaged_list_is_read_with_one_request(self, client, api, collection):
        api.answers("GET", collection, {"json": {"data": [{"_id": "a"}, {"_id": "b"}]}})
        assert list(client.list(collection)) == [{"_id": "a"}, {"_id": "b"}]
        assert list(client.list(collection, max_records=1)) == [{"_id": "a"}]
        assert api.queries()[0] == {}
        assert len(api.requests) == 2

    @pytest.mark.parametrize(
        ("call", "kind", "said"),
        [
            (("timelogs",), ConfigError, "did you mean 'timeLogs'"),
            (("companyInformation",), ConfigError, "companyInformation has no list"),
            (("timeLogs", {"projekt": 1}), InvalidRecordError, "did you mean 'project'"),
            (("timeLogs", {"project": None}), InvalidRecordError, "project: is empty"),
            (("timeLogs", "project=1"), InvalidRecordError, "must be an object, not str"),
        ],
        ids=["collection", "operation", "filter", "empty", "text"],
    )
    def test_a_wrong_name_is_refused_before_the_first_record_is_wanted(self, client, api, call, kind, said):
        with pytest.raises(kind, match=said):
            client.list(*call)
        assert api.requests == []

    def test_a_wrong_sort_or_end_is_refused_too(self, client, api):
        with pytest.raises(InvalidRecordError, match="did you mean 'timestamp'"):
            client.list("timeLogs", sort_by="timestmp")
        for wrong in (0, -1):
            with pytest.raises(ConfigError, match=f"max_records: {wrong} is below 1"):
                client.list("timeLogs", max_records=wrong)

    @pytest.mark.parametrize(
        "answer",
        [{"json": []}, {"json": {"data": []}}, {"json": {"meta": {"totalResources": 1}}}, {"text": "<html>"},
         {"json": {"meta": {"totalResources": 1}, "data": {"_id": "a"}}},
         {"json": {"meta": {"totalResources": 1}, "data": [{"name": "no id"}]}}],
        ids=["bare list", "no meta", "no data", "HTML", "no list", "no id"],
    )  # fmt: skip
    def test_nonsense_is_no_list(self, client, api, answer):
        api.answers("GET", "timeLogs", answer)
        with pytest.raises(ProtocolError):
            list(client.list("timeLogs"))


class TestGet:
    def test_returns_the_record_whole_with_exact_numbers(self, client, api):
        api.answers(
            "GET", "timeLogs/t-1", {"text": '{"data": {"_id": "t-1", "cost": 10690.5820, "new": {"x": [1.10]}}}'}
        )
        record = client.get("timeLogs", "t-1")
        assert record == {"_id": "t-1", "cost": Decimal("10690.5820"), "new": {"x": [Decimal("1.10")]}}
        assert str(record["cost"]) == "10690.5820"

    @pytest.mark.parametrize(
        ("record_id", "path"),
        [("å?x=1#y", "%C3%A5%3Fx%3D1%23y"), (" t-1 ", "t-1"), ("50%", "50%25"), (7, "7")],
        ids=repr,
    )
    def test_an_id_is_opaque(self, client, requests_mock, record_id, path):
        requests_mock.get(
            f"https://seventime.test/api/2/timeLogs/{path}", json={"data": {"_id": str(record_id).strip()}}
        )
        client.get("timeLogs", record_id)
        assert requests_mock.last_request.url == f"https://seventime.test/api/2/timeLogs/{path}"

    @pytest.mark.parametrize("record_id", [None, "", "  ", "None"], ids=repr)
    def test_an_id_that_rendered_to_nothing_is_refused(self, client, api, record_id):
        with pytest.raises(
            ConfigError, match="timeLogs: the id is empty, perhaps because a template rendered to nothing"
        ):
            client.get("timeLogs", record_id)
        assert api.requests == []

    def test_a_collection_of_one_needs_no_id(self, client, api):
        api.answers(
            "GET", "companyInformation", {"json": {"data": {"name": "Häll AB", "organizationNumber": "556596-0753"}}}
        )
        assert client.get("companyInformation") == {"name": "Häll AB", "organizationNumber": "556596-0753"}

    def test_a_missing_record_is_told(self, client, api):
        api.answers("GET", "timeLogs/t-1", {"status_code": 404, "json": {"errorMessage": "Not found"}})
        with pytest.raises(NotFoundError, match=r"^GET /api/2/timeLogs/t-1 returned 404: Not found"):
            client.get("timeLogs", "t-1")
        assert len(api.requests) == 1

    @pytest.mark.parametrize("body", ['{"data": null}', '{"data": []}', "[]", '{"_id": "t-1"}', "null"])
    def test_nonsense_is_no_record(self, make_client, api, body):
        api.answers("GET", "timeLogs/t-1", {"text": body})
        with pytest.raises(ProtocolError, match="where the API documents a record"):
            make_client(attempts=1).get("timeLogs", "t-1")

    def test_a_collection_without_single_records_is_refused(self, client):
        with pytest.raises(ConfigError, match="invoiceTags has no get: it has list"):
            client.get("invoiceTags", "t-1")


class TestCount:
    def test_asks_for_one_record_and_returns_the_total(self, client, api):
        api.answers("GET", "invoices", page("a", total=1987))
        assert client.count("invoices", {"fromInvoiceDate": date(2026, 1, 1)}) == 1987
        assert api.queries() == [{"fromInvoiceDate": "2026-01-01", "limit": "1", "page": "1"}]

    def test_counts_what_is_not_paged(self, client, api):
        api.answers("GET", "timeCategories", {"json": {"data": [{"_id": "a"}, {"_id": "b"}]}})
        assert client.count("timeCategories") == 2

    def test_wrong_names_are_refused(self, client, api):
        with pytest.raises(ConfigError, match="did you mean 'invoices'"):
            client.count("invoice")
        with pytest.raises(InvalidRecordError, match="unknown filter"):
            client.count("invoices", {"status": 1})
        assert api.requests == []

    @pytest.mark.parametrize("total", [None, "many", -1, True], ids=repr)
    def test_a_total_that_is_none_is_not_the_api(self, client, api, total):
        api.answers("GET", "invoices", {"json": {"meta": {"totalResources": total}, "data": []}})
        with pytest.raises(ProtocolError, match=r"as meta\.totalResources where a count is documented"):
            client.count("invoices")


def test_the_zone_is_the_accounts(make_client):
    assert make_client(timezone="Europe/Helsinki").zone.key == "Europe/Helsinki"
