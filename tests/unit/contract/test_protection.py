"""Protection of records: excluded and hashed paths, refused paths, and the secret."""

from __future__ import annotations

import copy
import hashlib
import hmac
import pickle
import traceback
from dataclasses import replace
from decimal import Decimal

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.collections.shared import plain_fields
from airflow_provider_seventime.contract.protection import Protection, documented_paths, protection_of
from airflow_provider_seventime.contract.registry import COLLECTIONS, find_collection
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ConfigError, MisfitError

SECRET = "of-no-account-but-long"
TIME_LOG = {
    "_id": "t1",
    "user": "u1",
    "userName": "Åke Sjöström",
    "description": "",
    "internalDescription": None,
    "time": Decimal("7.50"),
    "timestamp": "2026-09-01T05:00:00.000Z",
    "startLocation": {"type": "Point", "coordinates": [Decimal("58.5877"), Decimal("16.1924")]},
    "customFields": [{"fieldId": "f1", "value": "Berit"}, {"fieldId": "f2", "value": {"name": "Petra"}}],
}


NO_PATHS = ["", " ", "user name", "userName.", ".userName", "a..b", "items[0].name", "items.0.name", "*", "?", "a??", 3]


def hashed(text, secret=SECRET):
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def protect(exclude=(), hash_fields=(), *, name="timeLogs", secret=SECRET):
    return protection_of(COLLECTIONS[name], exclude, hash_fields, secret)


def problems_of(exclude=(), hash_fields=(), *, name="timeLogs", secret=SECRET):
    with pytest.raises(ConfigError) as caught:
        protect(exclude, hash_fields, name=name, secret=secret)
    head, *lines = str(caught.value).splitlines()
    assert head == f"invalid protection of {name}:"
    return [line.removeprefix("  - ") for line in lines]


class TestExcluding:
    def test_without_paths_returns_an_equal_copy(self):
        protected = protect().apply(TIME_LOG)

        assert protected == TIME_LOG
        assert protected is not TIME_LOG

    def test_a_field_is_removed_and_the_others_remain(self):
        protected = protect(["userName"]).apply(TIME_LOG)

        assert protected == {name: value for name, value in TIME_LOG.items() if name != "userName"}

    def test_a_field_of_an_object(self):
        protected = protect(["startLocation.coordinates?"]).apply(TIME_LOG)

        assert protected["startLocation"] == {"type": "Point"}

    def test_a_field_of_every_object_in_a_list(self):
        protected = protect(["customFields.value?"]).apply(TIME_LOG)

        assert protected["customFields"] == [{"fieldId": "f1"}, {"fieldId": "f2"}]

    @pytest.mark.parametrize(
        ("drift", "said"),
        [
            ({"customFields": ["Anna"]}, "customFields holds a plain value"),
            ({"customFields": "Anna"}, "customFields holds a plain value"),
            ({"user": {"name": "Anna"}}, "user holds an object"),
            ({"description": ["Anna"]}, "description holds a list"),
            ({"time": "Anna"}, "time holds a plain value"),
            ({"isAbsence": "Anna"}, "isAbsence holds a plain value"),
            ({"createDate": "Anna"}, "createDate holds a plain value"),
        ],
    )
    def test_another_shape_is_an_error_without_the_value_or_is_left_out(self, drift, said):
        protection = protect(["customFields.value?"])
        with pytest.raises(MisfitError, match=f"^timeLogs 't1': {said}, where another shape is documented") as caught:
            protection.apply(TIME_LOG | drift)
        assert "Anna" not in str(caught.value)
        assert not caught.value.transient

        seen = []
        protection.collect_misfits(lambda path, text: seen.append((path, text)))

        assert "Anna" not in str(protection.apply(TIME_LOG | drift))
        assert [path for path, _ in seen] == list(drift)

    def test_a_whole_object(self):
        assert "startLocation" not in protect(["startLocation", "startLocation.type?"]).apply(TIME_LOG)

    def test_lists_in_lists(self):
        record = {"_id": "q1", "quoteElements": [{"content": {"invoiceItems": [{"name": "A", "unit": "h"}]}}]}

        protected = protect(["quoteElements.content.invoiceItems.name"], name="quotes").apply(record)

        assert protected["quoteElements"] == [{"content": {"invoiceItems": [{"unit": "h"}]}}]

    def test_a_missing_field_is_not_added(self):
        assert protect(["userName"], ["user", "description"]).apply({"_id": "t1"}) == {"_id": "t1"}

    def test_a_plain_value_instead_of_an_object_remains(self):
        record = {"_id": "w1", "workAddress": None}

        assert protect(["workAddress.city"], name="workOrders").apply(record) == record


class TestHashing:
    def test_is_the_whole_hmac_sha256_of_the_text_in_hex(self):
        protected = protect(hash_fields=["userName", "user"]).apply(TIME_LOG)

        assert protected["userName"] == hashed("Åke Sjöström")
        assert protected["user"] == hashed("u1")
        assert protected["_id"] == "t1"

    def test_is_the_same_in_every_collection_and_field(self):
        time_log = protect(hash_fields=["userName"]).apply(TIME_LOG)
        machine = protect(hash_fields=["createdByUserName"], name="machines").apply(
            {"createdByUserName": "Åke Sjöström"}
        )

        assert time_log["userName"] == machine["createdByUserName"]

    def test_differs_for_another_secret(self):
        one, other = (
            protect(hash_fields=["userName"], secret=2 * text).apply(TIME_LOG) for text in (SECRET, SECRET[1:])
        )

        assert one["userName"] != other["userName"]

    @pytest.mark.parametrize("value", [None, "", "  "], ids=repr)
    def test_a_missing_or_blank_value_remains(self, value):
        assert protect(hash_fields=["userName"]).apply({"userName": value}) == {"userName": value}

    def test_a_list_of_texts_element_by_element(self):
        protected = protect(hash_fields=["users"], name="workOrders").apply({"users": ["u1", "u2", None]})

        assert protected["users"] == [hashed("u1"), hashed("u2"), None]

    def test_numbers_by_their_json_text(self):
        protected = protect(hash_fields=["startLocation.coordinates?"]).apply(TIME_LOG)

        assert protected["startLocation"] == {"type": "Point", "coordinates": [hashed("58.5877"), hashed("16.1924")]}

    def test_a_number_in_a_text_field_is_hashed_like_the_text(self):
        apply = protect(hash_fields=["zipCode"], name="customers").apply

        assert apply({"zipCode": 60232}) == apply({"zipCode": "60232"}) == {"zipCode": hashed("60232")}

    def test_every_value_of_an_object(self):
        protected = protect(hash_fields=["customFields"]).apply(TIME_LOG)

        assert protected["customFields"] == [
            {"fieldId": hashed("f1"), "value": hashed("Berit")},
            {"fieldId": hashed("f2"), "value": {"name": hashed("Petra")}},
        ]

    def test_only_once_if_one_path_is_a_parent_of_another(self):
        protected = protect(hash_fields=["startLocation", "startLocation.type?"]).apply(TIME_LOG)

        assert protected["startLocation"]["type"] == hashed("Point")

    def test_an_object_with_an_excluded_field(self):
        protected = protect(["startLocation.coordinates?"], ["startLocation"]).apply(TIME_LOG)

        assert protected["startLocation"] == {"type": hashed("Point")}

    def test_a_boolean_in_an_object(self):
        assert protect(hash_fields=["comments"], name="projects").apply({"comments": [{"read": True}]}) == {
            "comments": [{"read": hashed("true")}]
        }

    def test_hashed_paths_without_a_hasher_are_refused(self):
        with pytest.raises(ValueError, match="need a hasher"):
            Protection(hashed={"userName"})


class TestTheRecord:
    def test_given_is_not_changed(self):
        before = copy.deepcopy(TIME_LOG)

        protect(["customFields.value?", "startLocation"], ["userName", "customFields"]).apply(TIME_LOG)

        assert before == TIME_LOG

    def test_keeps_its_digits(self):
        record = exact_json.decode('{"time": 41.18577972222222, "cost": 1.50, "userName": "Åke"}')

        protected = protect(["userName"]).apply(record)

        assert exact_json.encode(protected) == b'{"time":41.18577972222222,"cost":1.50}'


class TestConditions:
    def test_have_the_values_of_protected_rows(self):
        protection = protect(["customer"], ["user"])

        equal, lost = protection.filter_values({"user": "u1", "customer": "c1", "isAbsence": False, "status": 3})

        assert equal == {"user": hashed("u1"), "isAbsence": False, "status": 3}
        assert lost == ("customer",)

    def test_are_unchanged_without_protection(self):
        assert protect().filter_values({"user": "u1"}) == ({"user": "u1"}, ())


class TestDigest:
    def test_does_not_depend_on_the_order_of_paths(self):
        assert protect(["userName", "description"]).digest == protect(["description", "userName?"]).digest

    def test_differs_for_other_paths_and_for_hashing_instead_of_excluding(self):
        made = [protect(), protect(["userName"]), protect(["user"]), protect(hash_fields=["userName"])]

        assert len({one.digest for one in made}) == len(made)

    def test_depends_on_the_secret_only_with_hashed_paths(self):
        assert protect(["user"]).digest == protect(["user"], secret=None).digest
        assert protect([], ["user"]).digest != protect([], ["user"], secret=SECRET[::-1]).digest

    def test_reveals_neither_paths_nor_secret(self):
        digest = protect(["userName"], ["user"]).digest

        assert len(digest) == 16
        assert int(digest, 16) >= 0


class TestRefusals:
    def test_a_value_that_is_not_a_path(self, subtests):
        for parameter in ["exclude_fields", "hash_fields"]:
            for path in NO_PATHS:
                with subtests.test(f"{parameter} {path!r}"):
                    given = {"exclude": [path]} if parameter == "exclude_fields" else {"hash_fields": [path]}

                    (problem,) = problems_of(**given)

                    assert problem.startswith(
                        f"{parameter}: {path!r} is not a path; give the API's field names joined by dots"
                    )

    @pytest.mark.parametrize("given", ["userName", "", None, {"userName": 1}, 3, b"userName"], ids=repr)
    def test_a_value_that_is_not_a_list(self, given):
        # A template renders a list as text. Accepting it would protect nothing.
        assert problems_of(given) == [
            f"exclude_fields: must be a list of paths, not {given!r}; remove it to protect no field"
        ]

    @pytest.mark.parametrize("path", ["_id", "_id.x"])
    def test_the_id(self, path):
        assert problems_of([path]) == [f"exclude_fields: {path!r} identifies a row and cannot be protected"]

    def test_another_id_field(self):
        assert "identifies a row" in problems_of([], ["userRoleId"], name="userRoles")[0]

    @pytest.mark.parametrize(
        ("name", "field"), [(name, one.window.field) for name, one in COLLECTIONS.items() if one.window], ids=str
    )
    def test_the_instant_that_decides_windows(self, name, field):
        assert problems_of([field], name=name) == [
            f"exclude_fields: {field!r} decides the period of a row and cannot be protected"
        ]

    def test_the_time_of_change_may_be_excluded(self):
        assert "modifiedDate" not in protect(["modifiedDate"]).apply({"modifiedDate": "2026-09-01T05:00:00.000Z"})

    @pytest.mark.parametrize(
        ("name", "wrong", "right"),
        [
            ("timeLogs", "usrName", "userName"),
            ("timeLogs", "username", "userName"),
            ("customers", "adress", "address"),
            ("customers", "billingSettings.personnalNumber", "billingSettings.personalNumber"),
            ("customers", "deductionDistribution.userName", "billingSettings.deductionDistribution.userName"),
            ("invoices", "items.description", "invoiceItems.description"),
        ],
    )
    def test_an_unknown_path_with_a_suggestion(self, name, wrong, right):
        assert problems_of([wrong], name=name) == [
            f"exclude_fields: {wrong!r} is not among the known fields of {name}; did you mean {right!r}? For a "
            f"field that the API returns without documenting it, write {wrong + '?'!r}"
        ]

    def test_an_unknown_path_without_a_similar_one(self):
        assert problems_of([], ["shoeSize"]) == [
            "hash_fields: 'shoeSize' is not among the known fields of timeLogs. For a field that the API returns "
            "without documenting it, write 'shoeSize?'"
        ]

    def test_a_field_of_requests_only(self):
        assert "'password' is not among the known fields of users" in problems_of(["password"], name="users")[0]

    def test_a_path_below_a_plain_field(self):
        (problem,) = problems_of(["contactPerson.email"], name="projects")

        assert problem.startswith("exclude_fields: 'contactPerson.email' is not among the known fields")

    def test_a_question_mark_accepts_undocumented_and_known_fields(self):
        protection = protect(["shoeSize?", "userName?"], ["reading.name?"])

        protected = protection.apply({"shoeSize": 43, "userName": "Åke", "reading": [{"name": "Berit"}]})

        assert protected == {"reading": [{"name": hashed("Berit")}]}

    @pytest.mark.parametrize(
        ("field", "kind"),
        [("time", "number"), ("status", "integer"), ("isAbsence", "boolean"), ("createDate", "instant")],
    )
    def test_a_hash_of_a_field_that_is_not_text(self, field, kind):
        assert problems_of([], [field]) == [
            f"hash_fields: {field!r} has the type {kind}, and a hash is text; exclude the field instead"
        ]

    @pytest.mark.parametrize("secret", [None, "", "fifteen-letters"], ids=repr)
    def test_a_hash_without_a_secret(self, secret):
        assert problems_of([], ["userName"], secret=secret) == [
            "hash_fields: hashing needs a secret of at least 16 characters; set the extra hash_secret of the Seven "
            "Time connection"
        ]

    def test_no_secret_is_needed_without_hashed_paths(self):
        assert protect(["userName"], secret=None).apply(TIME_LOG).keys() == TIME_LOG.keys() - {"userName"}

    @pytest.mark.parametrize(
        ("exclude", "hash_fields", "around"),
        [
            (["userName"], ["userName"], "userName"),
            (["userName"], ["userName?"], "userName"),
            (["startLocation"], ["startLocation.type?"], "startLocation"),
        ],
    )
    def test_a_path_in_both_lists(self, exclude, hash_fields, around):
        path = hash_fields[0].removesuffix("?")

        assert problems_of(exclude, hash_fields) == [
            f"hash_fields: {path!r} is excluded too (exclude_fields: {around!r}); remove it from one of the two"
        ]

    def test_are_all_in_one_error(self):
        found = problems_of(["usrName", "_id", ""], ["time", "shoeSize"], secret=None)

        assert [problem.partition(":")[0] for problem in found] == ["exclude_fields"] * 3 + ["hash_fields"] * 3

    def test_a_repeated_path_is_accepted(self):
        assert protect(["userName", "userName"]).digest == protect(["userName"]).digest


class TestKnownPaths:
    def test_include_every_plain_field(self, subtests):
        for name in COLLECTIONS:
            with subtests.test(name):
                assert set(COLLECTIONS[name].fields) <= documented_paths(COLLECTIONS[name])

    def test_include_nested_fields_of_writes(self):
        known = documented_paths(COLLECTIONS["purchaseOrders"])

        assert {"invoiceAddress", "invoiceAddress.country", "invoiceItems", "invoiceItems.unitPrice"} <= known

    def test_of_version_1(self):
        known = documented_paths(find_collection("workOrders", version=1))

        assert {"workAddress.city", "title", "users"} <= known

    def test_of_a_collection_without_a_list(self):
        collection = CollectionSpec(name="toolTypes", fields=plain_fields(texts="toolTypeName"))

        assert protection_of(collection, ["toolTypeName"], [], None).apply({"_id": "1", "toolTypeName": "x"}) == {
            "_id": "1"
        }

    def test_the_windows_field_is_protected_by_the_collection_and_not_by_name(self):
        collection = replace(COLLECTIONS["timeLogs"], window=None)

        assert "timestamp" not in protection_of(collection, ["timestamp"], [], None).apply(TIME_LOG)


class TestTheSecret:
    def test_is_in_no_repr(self):
        protection = protect(["userName"], ["user"])

        assert repr(protection) == "Protection(excluded=['userName'], hashed=['user'])"

    def test_cannot_be_pickled(self):
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(protect([], ["user"]))

    def test_is_in_no_traceback_with_variables(self):
        with pytest.raises(ConfigError) as refused:
            protect(["usrName"], ["user"])
        with pytest.raises(TypeError) as failed:
            protect([], ["comments"], name="projects").apply({"comments": object()})

        for error in (refused.value, failed.value):
            # The frames of the test itself have the secret.
            frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
            ours = [
                frame
                for frame in frames
                if "airflow_provider_seventime" in frame.filename and "tests" not in frame.filename
            ]
            assert ours
            assert SECRET not in str([frame.locals for frame in ours])
