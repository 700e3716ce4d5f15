"""Extraction of samples from the vendor's documentation: removed parts, and parts that are copied unchanged."""

from __future__ import annotations

import pytest

from tests.contract.samples import clean, samples_in


@pytest.mark.parametrize(
    ("sample", "cleaned"),
    [
        ('{"a": 1.50,}\n', '{"a": 1.50}\n'),
        ('{"a": [1, 2,],\n}', '{"a": [1, 2]\n}\n'),
        ('{"a": 1, // the first\n"b": 2}', '{"a": 1,\n"b": 2}\n'),
        ('[\n  {"a": 1},\n  {\n    // ...\n  }\n]', '[\n  {"a": 1}\n]\n'),
        ('[\n  {"a": 1},\n  {\n    // ...\n  },\n\n]', '[\n  {"a": 1}\n]\n'),
        ('{"a": {}, "b": []}', '{"a": {}, "b": []}\n'),
        ('{"a": 1}\n"Customer updated: Ek, _id: 1"\n', '{"a": 1}\n'),
        ('{"url": "https://x.se/,}", "t": "say \\"//\\",]"}', '{"url": "https://x.se/,}", "t": "say \\"//\\",]"}\n'),
        ("[]", "[]\n"),
    ],
    ids=["last comma", "last commas", "comment", "more of the same", "more with a comma", "empty parts", "log sentence",
         "slashes and commas in texts", "nothing"],
)  # fmt: skip
def test_comments_last_commas_and_log_sentences_are_removed(sample, cleaned):
    assert clean(sample) == cleaned


@pytest.mark.parametrize(
    "sample",
    ['{"a": 1 "b": 2}', '{"a": "12":00"}', '{"a": [{...}, ...]}', "{a: 1}", "", '{"a": 1} {"b": 2}', '{"a": 1} done'],
    ids=["no comma", "torn text", "dots", "no quotation marks", "nothing", "two answers", "bare words after it"],
)
def test_a_sample_that_is_not_json_is_refused(sample):
    with pytest.raises(ValueError, match=r"Expecting|followed by something other"):
        clean(sample)


def test_a_sample_belongs_to_its_section():
    document = (
        "# Customers\n\n## Get Customers\n\n```shell\n# curl\n```\n\n```json\n[1]\n```\n\nwords\n\n"
        "## Create a Customer\n\n```json \n{}\n```\n\n# Users\n\n## Get Users\n\nnone\n"
    )
    assert list(samples_in(document)) == [("Get Customers", "[1]\n"), ("Create a Customer", "{}\n")]
