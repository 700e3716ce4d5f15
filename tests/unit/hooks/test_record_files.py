"""Records in JSON and YAML files beside a DAG."""

from __future__ import annotations

from decimal import Decimal

import pytest
from jinja2 import Environment, FileSystemLoader

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.hooks.record_files import names_file, read_record_file


@pytest.fixture
def read(tmp_path):
    """Return a function that writes a file and reads the record in it."""

    def write_and_read(name, text):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_record_file("record", name, Environment(loader=FileSystemLoader(tmp_path)))

    return write_and_read


def test_values_that_name_a_file(subtests):
    for value, expected in (
        ("invoice.json", True),
        (" records/visit.yaml\n", True),
        ("visit.yml", True),
        ("order.json.txt", False),
        ({"title": "x.json"}, False),
        (None, False),
    ):
        with subtests.test(value=value):
            assert names_file(value) is expected


def test_numbers_and_texts_are_exact(subtests, read):
    for name, text, value in (
        ("a.json", '{"x": 12345678901234567890.10}', Decimal("12345678901234567890.10")),
        ("a.json", '{"x": 7}', 7),
        ("a.yaml", "x: 0.10", Decimal("0.10")),
        ("a.yaml", "x: 1e3", Decimal("1e3")),
        ("a.yml", "x: -7", -7),
        ("a.yaml", "x: true", True),
        ("a.yaml", "x: ~", None),
        ("a.yaml", "x:", None),
        # By YAML 1.1 these would be numbers, False and a date.
        ("a.yaml", "x: 0123", "0123"),
        ("a.yaml", "x: 07:00", "07:00"),
        ("a.yaml", "x: NO", "NO"),
        ("a.yaml", "x: 2026-10-05", "2026-10-05"),
        ("a.yaml", 'x: "{{ ds }}"', "{{ ds }}"),
        ("a.yaml", "x: Byta säkringar", "Byta säkringar"),
    ):
        with subtests.test(name=name, text=text):
            record = read(name, text)
            assert record == {"x": value}
            assert type(record["x"]) is type(value)


def test_wrong_files(subtests, read, tmp_path):
    for name, text, said in (
        ("a.json", "{", "the file a.json is not JSON"),
        ("a.json", '{"x": {{ price }}}', "A template in it belongs into quotation marks"),
        ("a.yaml", "x: [", "the file a.yaml is not YAML"),
        ("a.yaml", "x: {{ ds }}", "the file a.yaml is not YAML"),
        ("a.yaml", "x: !!python/object/apply:os.getcwd []", "the file a.yaml is not YAML"),
        ("a.json", "[]", "the file a.json has no object, but list"),
        ("a.yaml", "", "the file a.yaml has no object, but NoneType"),
        ("a.json", b'{"x": "\xe5"}', "the file a.json is not UTF-8"),
    ):
        with subtests.test(name=name, text=text):
            with pytest.raises(ConfigError) as caught:
                read(name, text)
            assert str(caught.value).startswith("record: ")
            assert said in str(caught.value)
    with subtests.test("missing"), pytest.raises(ConfigError, match=f"other.json does not exist in {tmp_path}\n"):
        read_record_file("record", "other.json", Environment(loader=FileSystemLoader(tmp_path)))
    with subtests.test("outside"), pytest.raises(ConfigError, match="does not exist"):
        read_record_file("record", "../other.json", Environment(loader=FileSystemLoader(tmp_path)))
    with subtests.test("no DAG"), pytest.raises(ConfigError, match="does not exist in a folder of templates"):
        read_record_file("record", "other.json", Environment())
