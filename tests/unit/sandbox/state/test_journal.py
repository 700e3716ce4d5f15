from airflow_provider_seventime.sandbox.state.journal import MAX_ENTRIES, Journal, fingerprint


def add(journal, path="/api/2/users", key="secret"):
    return journal.add("GET", path, query="limit=1", key=key, at_seconds=1.5, body=None)


def test_a_request_is_added_and_its_status_set_later():
    journal = Journal()
    add(journal)["status"] = 200
    (entry,) = journal.entries()
    assert entry["fault"] is None
    assert (entry["method"], entry["path"], entry["query"], entry["status"]) == ("GET", "/api/2/users", "limit=1", 200)


def test_the_key_itself_is_not_stored():
    journal = Journal()
    add(journal, key="a-very-secret-key")
    assert "secret" not in str(journal.entries())
    assert journal.entries()[0]["key_fingerprint"] == fingerprint("a-very-secret-key")
    assert fingerprint("a-very-secret-key") != fingerprint("another")
    assert fingerprint(None) is None


def test_the_number_of_entries_is_limited():
    journal = Journal()
    for _ in range(MAX_ENTRIES + 5):
        add(journal)
    entries = journal.entries()
    assert (len(entries), entries[0]["number"], entries[-1]["number"]) == (MAX_ENTRIES, 6, MAX_ENTRIES + 5)


def test_entries_are_copies():
    journal = Journal()
    add(journal)
    journal.entries()[0]["path"] = "changed"
    assert journal.entries()[0]["path"] == "/api/2/users"
    journal.clear()
    assert journal.entries() == []
