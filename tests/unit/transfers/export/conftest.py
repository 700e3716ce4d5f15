"""Fixtures of exports: the sandbox as the source; a folder, or S3 on loopback, as the target."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from airflow_provider_seventime.transfers.seventime_to_object_storage import SevenTimeToObjectStorageOperator

BUCKET = "lake"
CONNECTION = "s3_of_the_tests"
DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class ObjectStore:
    """S3 of moto, which refuses the requests that a test chooses."""

    def __init__(self):
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.refuses = lambda method, query: False
        self.seen = []

    def _answer(self, environ, start_response):
        method, query = environ["REQUEST_METHOD"], environ["QUERY_STRING"]
        self.seen.append((method, environ["PATH_INFO"], query))
        if self.refuses(method, query):
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response("403 Forbidden", [("Content-Type", "application/xml")])
            return [DENIED]
        return self._moto(environ, start_response)

    def start(self):
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def connection(self):
        extra = {"endpoint_url": self.url, "region_name": "us-east-1"}
        return json.dumps({"conn_type": "aws", "login": "testing", "password": "testing-secret", "extra": extra})

    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing-secret",
        )


@pytest.fixture(scope="session")
def _running_object_store():
    # One for the session: Airflow keeps the file system of a connection as long as its process lives.
    store = ObjectStore()
    store.start()
    yield store
    store.stop()


class Bucket:
    """A bucket, looked into past everything that Airflow has."""

    def __init__(self, store):
        self.store = store
        self.url = f"s3://{CONNECTION}@{BUCKET}"
        self._client = store.client()
        self._client.create_bucket(Bucket=BUCKET)

    def keys(self):
        return [found["Key"] for found in self._client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def read(self, key):
        return self._client.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def put(self, key, content):
        self._client.put_object(Bucket=BUCKET, Key=key, Body=content)

    def uploads(self):
        return self._client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])

    def deny(self, *actions):
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": list(actions),
            "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._client.put_bucket_policy(Bucket=BUCKET, Policy=policy)

    def close(self):
        self.store.refuses = lambda method, query: False
        self._client.delete_bucket_policy(Bucket=BUCKET)
        for key in self.keys():
            self._client.delete_object(Bucket=BUCKET, Key=key)
        self._client.delete_bucket(Bucket=BUCKET)
        self._client.close()


@pytest.fixture
def bucket(_running_object_store, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", _running_object_store.connection())
    _running_object_store.seen.clear()
    bucket = Bucket(_running_object_store)
    yield bucket
    bucket.close()


@pytest.fixture
def export(sandbox, context):
    """Run the operator."""

    def exported(resource="timeLogs", **parameters):
        operator = SevenTimeToObjectStorageOperator(task_id="export", resource=resource, **parameters)
        return operator.execute(context())

    return exported


@pytest.fixture
def lake(tmp_path):
    return tmp_path / "lake"


@pytest.fixture
def files_in():
    """Return the files below a folder, by their paths in it."""

    def found(folder):
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        }

    return found


@pytest.fixture
def time_log(sandbox):
    """Make a time log of its own, as the API answers it."""
    like = sandbox.records("timeLogs")[0]

    def made(record_id, timestamp="2026-03-10T06:00:00.000Z", **fields):
        return {**like, "_id": record_id, "timestamp": timestamp, "endTimestamp": None, **fields}

    return made
