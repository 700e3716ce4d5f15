"""Form bodies with nested fields in brackets."""

import pytest

from airflow_provider_seventime.sandbox.http.forms import decode_form
from airflow_provider_seventime.sandbox.refusal import RequestRefusedError


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", {}),
        (b"name=Norra+kvarnen&city=Malm%C3%B6", {"name": "Norra kvarnen", "city": "Malmö"}),
        (b"notes=", {"notes": ""}),
        (
            b"billingSettings[city]=Lund&billingSettings[zipCode]=1",
            {"billingSettings": {"city": "Lund", "zipCode": "1"}},
        ),
        (b"users[0]=a&users[1]=b", {"users": ["a", "b"]}),
        (b"users[10]=b&users[9]=a", {"users": ["a", "b"]}),
        (b"users[]=a&users[]=b", {"users": ["a", "b"]}),
        (
            b"rows%5B0%5D%5BitemType%5D=text&rows[1][itemType]=general&rows[1][tags][0]=x",
            {"rows": [{"itemType": "text"}, {"itemType": "general", "tags": ["x"]}]},
        ),
        (b"a[0]=1&a[b]=2", {"a": {"0": "1", "b": "2"}}),
    ],
    ids=["nothing", "text", "empty", "object", "list", "order", "bare brackets", "nested", "mixed is an object"],
)
def test_forms_are_decoded(body, expected):
    assert decode_form(body) == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"name", "not a form"),
        (b'{"name": "x"}', "not a form"),
        (b"name=%ff", "not a form"),
        (b"\xff=1", "not a form"),
        (b"a=1&a=2", "a: is given more than once"),
        (b"a=1&a[b]=2", "a[b]: is given as text and as an object"),
        (b"a[b]=1&a=2", "a: is given more than once"),
        (b"a[b=1", "a[b: is not the name"),
        (b"[b]=1", "[b]: is not the name"),
        (b"a" + b"[b]" * 9 + b"=1", "is not the name"),
        (b"&".join(b"f%d=1" % number for number in range(10_001)), "not a form"),
    ],
    ids=[
        "no value",
        "JSON",
        "no UTF-8",
        "no UTF-8 name",
        "twice",
        "text",
        "text after",
        "cut",
        "no name",
        "deep",
        "many",
    ],
)
def test_an_invalid_form_is_refused(body, message):
    with pytest.raises(RequestRefusedError) as caught:
        decode_form(body)
    assert caught.value.status == 400
    assert message in caught.value.message
