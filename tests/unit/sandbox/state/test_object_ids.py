import re
from datetime import UTC, datetime, timedelta

from airflow_provider_seventime.sandbox.state.object_ids import ObjectIds

NOW = datetime(2026, 10, 1, 10, tzinfo=UTC)


def test_ids_are_24_hexadecimal_digits_and_ascend():
    ids = ObjectIds()
    created = [ids.new_id("invoices", NOW + timedelta(seconds=second // 2)) for second in range(40)]
    assert all(re.fullmatch(r"[0-9a-f]{24}", one) for one in created)
    assert created == sorted(set(created))


def test_ids_begin_with_the_time():
    assert int(ObjectIds().new_id("invoices", NOW)[:8], 16) == int(NOW.timestamp())


def test_ids_ascend_when_the_clock_is_set_back():
    ids = ObjectIds()
    first = ids.new_id("invoices", NOW)
    assert ids.new_id("invoices", NOW - timedelta(days=30)) > first


def test_another_collection_has_its_own_newest_id():
    ids = ObjectIds()
    ids.new_id("invoices", NOW)
    earlier = ids.new_id("customers", NOW - timedelta(days=30))
    assert int(earlier[:8], 16) == int((NOW - timedelta(days=30)).timestamp())


def test_a_copy_is_independent():
    ids = ObjectIds()
    ids.new_id("invoices", NOW)
    copy = ids.copy()
    assert copy.new_id("invoices", NOW) == ids.new_id("invoices", NOW)
