from airflow_provider_seventime.sandbox.state.journal import MAX_ENTRIES, Journal, fingerprint


def note(journal, path="/api/2/users", key="secret"):
    return journal.add("GET", path, query="limit=1", key=key, at_seconds=1.5, body=None)


def test_a_request_is_noted_and_its_status_filled_in():
    journal = Journal()
    note(journal)["status"] = 200
    (entry,) = journal.entries()
    assert entry["fault"] is None
    assert (entry["method"], entry["path"], entry["query"], entry["status"]) == ("GET", "/api/2/users", "limit=1", 200)


def test_the_key_itself_is_not_kept():
    journal = Journal()
    note(journal, key="a-very-secret-key")
    assert "secret" not in str(journal.entries())
    assert journal.entries()[0]["key_fingerprint"] == fingerprint("a-very-secret-key")
    assert fingerprint("a-very-secret-key") != fingerprint("another")
    assert fingerprint(None) is None


def test_only_so_many_are_kept_and_numbers_go_on():
    journal = Journal()
    for _ in range(MAX_ENTRIES + 5):
        note(journal)
    entries = journal.entries()
    assert (len(entries), entries[0]["number"], entries[-1]["number"]) == (MAX_ENTRIES, 6, MAX_ENTRIES + 5)


def test_what_is_handed_out_is_a_copy():
    journal = Journal()
    note(journal)
    journal.entries()[0]["path"] = "changed"
    assert journal.entries()[0]["path"] == "/api/2/users"
    journal.clear()
    assert journal.entries() == []
