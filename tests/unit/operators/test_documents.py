"""UploadDocumentOperator: a file becomes a document of a record, or is refused with the reason."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from airflow_provider_seventime.exceptions import (
    AmbiguousWriteError,
    BadRequestError,
    ConfigError,
    InvalidRecordError,
    SevenTimeError,
    WarehouseError,
)
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.operators.documents import UploadDocumentOperator, content_type_of
from tests.one_line import one_line

try:
    from airflow.sdk.io import attach
except ImportError:  # Airflow 2.11
    from airflow.io.store import attach  # type: ignore[no-redef]

CONTENT = b"%PDF-1.7\nProtokoll\n" * 50


class Storage(MemoryFileSystem):
    """Object storage that records what is read, and may not know the sizes of its files."""

    cachable = False

    def __init__(self, *, tells_sizes=True):
        super().__init__()
        self.store, self.pseudo_dirs, self.opened = {}, [""], []
        self.tells_sizes = tells_sizes

    def info(self, path, **options):
        described = super().info(path, **options)
        return described if self.tells_sizes else {**described, "size": None}

    def open(self, path, mode="rb", **options):
        self.opened.append(path)
        return super().open(path, mode, **options)


@pytest.fixture
def stored():
    """Put a file into an object storage of its own, and return that storage and the file's URL."""

    def placed(name, content, **options):
        storage, conn_id = Storage(**options), f"storage_{uuid4().hex}"  # Airflow keeps what was attached under an id
        attach("memory", conn_id, fs=storage)
        storage.pipe_file(f"/protocols/{name}", content)
        storage.opened.clear()
        return storage, f"memory://{conn_id}@protocols/{name}"

    return placed


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "Protokoll Åsgatan.pdf"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def work_order_id(sandbox):
    return sandbox.records("workOrders")[0]["_id"]


@pytest.fixture
def upload(context, work_order_id):
    def uploaded(path, task=None, **arguments):
        given = {"entity_type": "work_order", "entity_id": work_order_id, **arguments}
        return UploadDocumentOperator(task_id="upload", path=str(path), **given).execute(task or context())

    return uploaded


@pytest.fixture
def sent(sandbox):
    """Return the documents that were posted."""
    return lambda: [entry["body"] for entry in sandbox.journal() if entry["path"] == "/api/2/documents"]


def test_a_file_is_uploaded(sandbox, upload, file, sent, work_order_id):
    result = upload(file)

    (document,) = sandbox.records("documents")
    assert result == {
        "_id": document["_id"],
        "name": "Protokoll Åsgatan.pdf",
        "content_type": "application/pdf",
        "size_bytes": len(CONTENT),
    }
    assert json.loads(json.dumps(result)) == result
    (body,) = sent()
    assert (body["entityType"], body["entityId"]) == (200, work_order_id)
    assert (body["name"], body["contentType"]) == ("Protokoll Åsgatan.pdf", "application/pdf")
    assert base64.b64decode(body["fileContent"], validate=True) == CONTENT


def test_the_record_lists_its_documents(sandbox, upload, file, work_order_id):
    result = upload(file)

    work_order = next(one for one in sandbox.records("workOrders") if one["_id"] == work_order_id)
    assert [one["_id"] for one in work_order["documents"]] == [result["_id"]]


def test_a_missing_record(upload, file):
    with pytest.raises(PermanentTaskError, match="511e0a00c0ffee5eed00dead") as caught:
        upload(file, entity_id="511e0a00c0ffee5eed00dead")

    assert isinstance(caught.value.__cause__, BadRequestError)


@pytest.mark.parametrize(
    "entity_type", ["work_order", "Work order", 200, "200"], ids=["name", "two-words", "code", "code-as-text"]
)
def test_spellings_of_an_entity_type(upload, file, sent, entity_type):
    upload(file, entity_type=entity_type)

    assert sent()[0]["entityType"] == 200


def test_any_object_storage(upload, stored, sent):
    _, url = stored("4711.pdf", CONTENT)

    assert upload(url)["name"] == "4711.pdf"
    assert base64.b64decode(sent()[0]["fileContent"]) == CONTENT


@pytest.mark.parametrize(
    ("arguments", "name", "content_type"),
    [
        pytest.param({"name": "Egenkontroll"}, "Egenkontroll", "application/pdf", id="name-without-an-ending"),
        pytest.param({"name": "Foto.JPG"}, "Foto.JPG", "image/jpeg", id="name-with-another-ending"),
        pytest.param({"content_type": "text/x-log"}, "Protokoll Åsgatan.pdf", "text/x-log", id="content-type"),
    ],
)
def test_a_given_name_and_content_type(upload, file, sent, arguments, name, content_type):
    upload(file, **arguments)

    assert (sent()[0]["name"], sent()[0]["contentType"]) == (name, content_type)


@pytest.mark.parametrize(
    ("names", "content_type"),
    [
        pytest.param(["a.pdf"], "application/pdf", id="pdf"),
        pytest.param(["A.PDF"], "application/pdf", id="capitals"),
        pytest.param(["tider.xlsx"], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", id="xlsx"),
        pytest.param(["a.b.png"], "image/png", id="two-points"),
        pytest.param(["data:,a.txt"], "text/plain", id="a-name-like-a-url"),
        pytest.param(["a.tar.gz"], "application/gzip", id="compressed"),
        pytest.param(["books.SI"], "application/octet-stream", id="what-python-does-not-know"),
        pytest.param(["README"], "application/octet-stream", id="no-ending"),
        pytest.param([""], "application/octet-stream", id="no-name"),
        pytest.param(["Egenkontroll", "4711.pdf"], "application/pdf", id="by-the-second-name"),
        pytest.param(["Foto.jpg", "4711.pdf"], "image/jpeg", id="by-the-first-name"),
    ],
)
def test_content_type_by_name(names, content_type):
    assert content_type_of(*names) == content_type


@pytest.mark.parametrize("size", [1, 99, 100])
def test_up_to_the_limit(upload, tmp_path, size):
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * size)

    assert upload(path, max_size_bytes=100)["size_bytes"] == size


def test_a_file_beyond_the_limit_is_not_read(upload, stored, requests_made):
    storage, url = stored("a.mp4", b"x" * 3_000_000)

    with pytest.raises(PermanentTaskError) as caught:
        upload(url, max_size_bytes=2_000_000)

    assert str(caught.value).startswith("documents: create refused before sending, 1 problem:\n  - path: ")
    assert "a.mp4: is 3000000 bytes (2.9 MiB), and max_size_bytes is 2000000 (1.9 MiB)" in one_line(caught.value)
    assert storage.opened == []
    assert requests_made() == []


def test_errors_of_the_storage_are_mapped(upload, stored, requests_made, monkeypatch, subtests):
    import botocore.exceptions

    storage, url = stored("a.pdf", CONTENT)
    for method in ("info", "open"):
        for error, expected, transient in [
            (PermissionError("Access Denied"), "lacks the privilege: grant it", False),
            (ConnectionError("connection reset"), "The next try reads the file again", True),
            (botocore.exceptions.EndpointConnectionError(endpoint_url="x"), "The next try reads the file again", True),
        ]:
            with subtests.test(f"{method} {error}"), monkeypatch.context() as patched:

                def fail(*_, raised=error, **__):
                    raise raised

                patched.setattr(storage, method, fail)
                with pytest.raises(SevenTimeError) as caught:
                    upload(url)
                assert "a.pdf cannot be read: " in str(caught.value)
                assert expected in str(caught.value)
                assert isinstance(caught.value, WarehouseError) is transient
                assert isinstance(caught.value, PermanentTaskError) is not transient
    assert requests_made() == []


def test_a_storage_without_sizes(upload, stored, requests_made):
    _, url = stored("a.pdf", CONTENT, tells_sizes=False)

    assert upload(url)["size_bytes"] == len(CONTENT)
    with pytest.raises(PermanentTaskError) as caught:
        upload(url, max_size_bytes=100)
    assert "is larger than the limit, and max_size_bytes is 100 " in one_line(caught.value)
    assert len(requests_made()) == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param("{folder}/missing.pdf", "missing.pdf: the file does not exist", id="missing"),
        pytest.param("{folder}/empty.pdf", "empty.pdf: is empty", id="empty"),
        pytest.param("{folder}", "is a folder; give the path", id="folder"),
        pytest.param("{folder}/", "Add the name of the file", id="folder-with-a-slash"),
        pytest.param("protokoll.pdf", "path: 'protokoll.pdf' is relative", id="relative"),
        pytest.param("", "path is empty", id="rendered-to-nothing"),
        pytest.param("None", "path is empty", id="rendered-to-none"),
        pytest.param("unheardof://a/b.pdf", "unheardof", id="unknown-storage"),
    ],
)
def test_a_wrong_file(upload, tmp_path, requests_made, path, said):
    (tmp_path / "empty.pdf").touch()

    with pytest.raises(PermanentTaskError) as caught:
        upload(path.format(folder=tmp_path))

    assert said in one_line(caught.value)
    assert isinstance(caught.value.__cause__, ConfigError | InvalidRecordError)
    assert requests_made() == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            {"entity_type": "workorder"}, "entityType: 'workorder' is not one of 100 (time_log)", id="entity-type"
        ),
        pytest.param({"entity_type": ""}, "entityType: ", id="no-entity-type"),
        pytest.param({"entity_id": "None"}, "entityId: is empty", id="entity-rendered-to-none"),
        pytest.param({"name": " "}, "name is empty", id="blank-name"),
        pytest.param({"name": "None"}, "name is empty", id="name-rendered-to-none"),
        pytest.param({"content_type": "pdf"}, "content_type: 'pdf' is not a MIME type", id="content-type"),
        pytest.param({"content_type": ""}, "content_type: '' is not a MIME type", id="no-content-type"),
        pytest.param({"max_size_bytes": 0}, "max_size_bytes: 0 is not a number of bytes", id="limit-0"),
        pytest.param({"max_size_bytes": "10 MB"}, "max_size_bytes: '10 MB' is not a number", id="limit-as-text"),
    ],
)
def test_a_wrong_parameter(upload, file, requests_made, arguments, said):
    with pytest.raises(PermanentTaskError) as caught:
        upload(file, **arguments)

    assert said in str(caught.value)
    assert requests_made() == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_nothing_is_sent_again_after_a_lost_response(sandbox, upload, file, sent, when):
    sandbox.set_faults([{"method": "POST", "collection": "documents", "kind": "reset", "when": when}])

    with pytest.raises(PermanentTaskError, match="The record may exist or not") as caught:
        upload(file)

    assert isinstance(caught.value.__cause__, AmbiguousWriteError)
    assert len(sent()) == 1


class TestWithAStore:
    """Airflow 3.3 and later."""

    @pytest.fixture
    def task(self, context, state_store):
        return lambda **instance: {**context(**instance), "task_state_store": state_store}

    def test_a_later_try_uploads_nothing_again(self, upload, file, sent, task):
        first = upload(file, task())
        assert upload(file, task(try_number=2)) == first
        assert len(sent()) == 1

    def test_another_content_is_another_document(self, upload, file, sent, task):
        first = upload(file, task())
        file.write_bytes(b"%PDF corrected")
        assert upload(file, task(try_number=2))["_id"] != first["_id"]
        assert len(sent()) == 2

    def test_nothing_is_sent_again_after_a_killed_try(self, upload, file, sent, task, state_store):
        upload(file, task())
        state_store.forget_ids()  # killed before it was noted
        with pytest.raises(PermanentTaskError, match="an earlier try sent the record and ended before"):
            upload(file, task(try_number=2))
        assert len(sent()) == 1


def test_too_many_requests_are_waited_out(sandbox, upload, file):
    sandbox.set_faults([{"method": "POST", "collection": "documents", "kind": "status", "status": 429, "times": 2}])

    assert upload(file)["_id"]
    assert len(sandbox.records("documents")) == 1


def test_the_content_is_in_no_log(upload, file, logs):
    upload(file)

    assert base64.b64encode(CONTENT).decode()[:40] not in logs
    assert "Protokoll Åsgatan.pdf (application/pdf, 950 bytes) uploaded" in logs


def test_templates(context, file, work_order_id, sent):
    operator = UploadDocumentOperator(
        task_id="upload",
        path="{{ params.path }}",
        entity_type="{{ params.kind }}",
        entity_id="{{ params.id }}",
        name="{{ params.name }}",
        content_type="{{ params.type }}",
    )
    params = {"path": str(file), "kind": "work_order", "id": work_order_id, "name": "P.txt", "type": "text/plain"}
    rendering: Any = {**context(), "params": params}

    operator.render_template_fields(rendering)
    operator.execute(rendering)

    assert (sent()[0]["name"], sent()[0]["contentType"], sent()[0]["entityId"]) == (
        "P.txt",
        "text/plain",
        work_order_id,
    )
