"""A source that fails or returns malformed data: the task fails, and no row changes."""

from __future__ import annotations

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.exceptions import (
    AuthenticationError,
    IncompleteReadError,
    ProtocolError,
    ServerError,
    TransportError,
    WarehouseError,
)

SEPTEMBER = {"start": "2026-09-01", "end": "2026-10-01"}
WAYS = [
    pytest.param({}, id="full"),
    pytest.param(SEPTEMBER, id="window"),
    pytest.param({"modified_since": "2026-01-01"}, id="changes"),
]


class ChangedResponses:
    """Client with responses that the sandbox does not return. All other calls go to the real client."""

    def __init__(self, client, *, last=None, error=None, got=None):
        self._client = client
        self._last = last
        self._error = error
        self._got = got

    def __getattr__(self, name):
        return getattr(self._client, name)

    def list_json(self, *arguments):
        yield from self._client.list_json(*arguments)
        if self._last:
            yield exact_json.encode(self._last)
        if self._error:
            raise self._error

    def get(self, *arguments):
        return self._got or self._client.get(*arguments)


@pytest.fixture
def before(account, warehouse, time_logs):
    """Rows of the table before the source changed every time log and deleted one."""
    account.load(*time_logs(25))
    warehouse.sync()
    account.load(*time_logs(25, time=1))
    account.remove("m000")
    return warehouse.everything()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(({"kind": "html"}, ProtocolError), id="web-page"),
        pytest.param(({"kind": "cut_json"}, ProtocolError), id="cut-json"),
        pytest.param(({"kind": "reset"}, TransportError), id="connection-closed"),
        pytest.param(({"kind": "status", "status": 503}, ServerError), id="maintenance"),
        pytest.param(({"kind": "status", "status": 401}, AuthenticationError), id="refused-key"),
    ],
)
def test_a_last_page_that_fails_changes_no_row(account, warehouse, before, failure, way):
    fault, error = failure
    account.fail(fault, after=2)

    with pytest.raises(error):
        warehouse.sync(account.client(page_size=10), **way)

    assert warehouse.everything() == before


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("time", "eight", id="time"),
        pytest.param("timestamp", "2026-99-99", id="timestamp"),
        pytest.param("user", {"name": "Åsa"}, id="user"),
    ],
)
def test_a_malformed_record_changes_no_row(account, warehouse, before, time_log, field, value, way):
    client = ChangedResponses(account.client(), last=time_log("z") | {field: value})

    with pytest.raises(ProtocolError, match=f"'z': {field} holds"):
        warehouse.sync(client, **way)

    assert warehouse.everything() == before


@pytest.mark.parametrize("way", WAYS)
def test_an_incomplete_read_changes_no_row(account, warehouse, before, way):
    client = ChangedResponses(account.client(), error=IncompleteReadError("the list kept changing"))

    with pytest.raises(IncompleteReadError):
        warehouse.sync(client, **way)

    assert warehouse.everything() == before


@pytest.mark.parametrize(
    ("got", "message"),
    [
        pytest.param("m001", "'m000' was requested and 'm001' was returned", id="another-record"),
        pytest.param(None, "_id None", id="a-record-without-id"),
    ],
)
def test_a_response_with_another_record_changes_no_row(account, warehouse, before, time_log, got, message):
    client = ChangedResponses(account.client(), got=time_log(got))

    with pytest.raises(ProtocolError, match=message):
        warehouse.sync(client, **SEPTEMBER)

    assert warehouse.everything() == before


def test_a_first_read_that_fails_creates_no_table(account, warehouse):
    account.fail({"kind": "html"})

    with pytest.raises(ProtocolError):
        warehouse.sync()

    assert warehouse.query("select name from sqlite_master") == []


def test_the_run_after_a_failure_completes_the_table(account, warehouse, before):
    account.fail({"kind": "cut_json"}, after=2)
    with pytest.raises(ProtocolError):
        warehouse.sync(account.client(page_size=10), **SEPTEMBER)

    manifest = warehouse.sync(**SEPTEMBER)

    assert (manifest["rows_written"], manifest["rows_deleted"]) == (24, 1)
    assert warehouse.query("select distinct time from seventime_time_logs") == [(1,)]


def test_a_failed_write_leaves_whole_batches_and_the_next_run_continues(account, warehouse, time_log):
    account.load(*(time_log(f"{number:04}") for number in range(1_200)))
    warehouse.sync(**SEPTEMBER)
    warehouse.query("delete from seventime_time_logs")
    warehouse.query(
        "create trigger full_disk before insert on seventime_time_logs when new.id = '1100' "
        "begin select raise(abort, 'disk full'); end"
    )

    with pytest.raises(WarehouseError, match="disk full"):
        warehouse.sync(**SEPTEMBER)
    assert len(warehouse.ids()) == 1_000

    warehouse.query("drop trigger full_disk")
    assert warehouse.sync(**SEPTEMBER)["rows_written"] == 200
    assert len(warehouse.ids()) == 1_200
