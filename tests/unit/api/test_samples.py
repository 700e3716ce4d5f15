"""Every sample answer of the vendor's documents that is valid JSON passes through the client unchanged.

The files of ``samples`` are those answers, without the comments, the commas and the log sentences that no JSON has.
The samples of eight writes are no JSON even so (quotation marks or commas are missing) and are left out.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from airflow_provider_seventime import exact_json

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))
# The least that each collection takes.
RECORDS = {
    "customers": {"name": "x"},
    "projects": {"name": "x"},
    "users": {"firstName": "x", "lastName": "x", "email": "x", "userName": "x", "userRoleId": 1},
}


def digits(text):
    """Read JSON with every number as the text that it is written with."""
    return json.loads(text, parse_float=str, parse_int=str)


def samples(operation):
    chosen = [path for path in SAMPLES if path.stem.endswith(f".{operation}")]
    assert chosen
    return pytest.mark.parametrize("sample", chosen, ids=lambda path: path.stem)


def test_the_samples_are_there():
    assert len(SAMPLES) == 30


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_numbers_are_spelled_as_they_were(sample):
    text = sample.read_bytes()
    assert digits(exact_json.encode(exact_json.decode(text))) == digits(text)


@samples("list")
def test_a_list(client, api, sample):
    collection = sample.stem.partition(".")[0]
    api.answers("GET", collection, {"content": sample.read_bytes()})
    wanted = digits(sample.read_bytes())["data"]
    got = list(client.list(collection, max_records=len(wanted)))
    assert digits(exact_json.encode(got)) == wanted


@samples("get")
def test_one_record(client, api, sample):
    collection = sample.stem.partition(".")[0]
    api.answers("GET", f"{collection}/a", {"content": sample.read_bytes()})
    assert digits(exact_json.encode(client.get(collection, "a"))) == digits(sample.read_bytes())["data"]


@samples("create")
def test_a_create(client, api, sample):
    collection = sample.stem.partition(".")[0]
    api.answers("POST", collection, {"content": sample.read_bytes()})
    got = client.create(collection, RECORDS[collection])
    assert digits(exact_json.encode(got)) == digits(sample.read_bytes())


@samples("update")
def test_an_update(client, api, sample):
    collection = sample.stem.partition(".")[0]
    api.answers("PUT", collection, {"content": sample.read_bytes()})
    got = client.update(collection, "a", {})
    assert digits(exact_json.encode(got)) == digits(sample.read_bytes())


@samples("delete")
def test_a_delete(client, api, sample):
    collection = sample.stem.partition(".")[0]
    api.answers("DELETE", collection, {"content": sample.read_bytes()})
    assert digits(exact_json.encode(client.delete(collection, "a"))) == digits(sample.read_bytes())
