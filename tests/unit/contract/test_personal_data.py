"""Lists of personal data: they cover every person in the samples, every path matters, and no text field is missing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.personal_data import FREE_TEXT_FIELDS, PERSONAL_FIELDS, personal_fields
from airflow_provider_seventime.contract.protection import protection_of
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import FieldKind
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.sandbox.company import build_company

SECRET = "of-no-account-but-long"
ID_OR_INSTANT = r"[0-9a-f§g]{15,27}|@\w+|\d{4}-\d\d-\d\d.*"
PRIVATE = 20  # a customer who is a person
COMPANY = build_company(7, date(2026, 10, 1), time_logs=300).collections
DOCUMENTS = Path(__file__).parents[2] / "contract"
SAMPLES = sorted((DOCUMENTS / "samples").glob("v*/*.json"))
WRITES = json.loads((DOCUMENTS / "records.json").read_text(encoding="utf-8"))
READABLE = {name for name, collection in COLLECTIONS.items() if {"list", "get"} & collection.operations}
# Personal data in the vendor's samples.
SHOWN_IN_SAMPLES = (
    "Tommy|Hellström|Anders|Lucas|Felix|Romansoff|testUser|Hellapps|Seven Time AB|Abax|Glimmingev|Östra Gatan|"
    "Testvägen|Västra Gatan|V Karup|Västra Karup|Hamngatan|Address start|555555-5555|556596-0753|SE5565|"
    "070-4580425|0431-360050|1234-567890|12345-6798|123947513|ABC123|property description|ObLBZZ0w|@"
)
# Last part of paths whose text is not personal: codes, numbers of documents, names in lookup tables.
_IMPERSONAL = (
    "absenceTimeCategoryName articleGroupNumber articleNumber backgroundColor billingMethod categoryGroupNumber "
    "categoryName code color contentType country creditForInvoiceNumber creditInvoiceNumber currencyCode "
    "customerNumber departmentName departmentNumber distributorNumber driverJournalItemTypeName economySystemRef "
    "entryId expenseItemName fieldName formatType hiddenColumns importedFrom invoiceNumber invoiceNumberSeries itemId "
    "itemType language logoPosition machineGroup machineModel machineName machineNumber machineTypeName numberOfItems "
    "OCR OCRNumber oneRowText ourCustomerNumber parentExpenseItemName paymentPlanRowId presenceCode priceListName "
    "projectNumber projectTypeName purchaseOrderNumber quoteAcceptReasonName quoteCategoryName quoteDeclineReasonName "
    "quoteNumber resultUnitName salaryCode salaryTypeName selfBillingInvoiceNumber serialNumber skillTitle statusName "
    "deviationNumber "
    "supplementOrderNumber supplierInvoiceNumber tagName templateName timeLogCustomField timeLogMachineSupplement "
    "unit unitType url userRoleName verificationNumber workOrderNumber workOrderTypeName workPlaceIDNumber"
)
# Last part of lists that are empty in all samples, or that have amounts, settings and ids.
_IMPERSONAL_LISTS = (
    "benefits bundledArticles costs debitManualRegistrationPrices debitMinimiPrices debitSchedulePrices "
    "driverJournalIds expenseIds expenseItemItems externalSystemExport invoiceIds isSupplementForMachines "
    "machineTimeLogIds machineTimePrices machineTimeSupplements machines managerIds partialPayments permDepartments "
    "permRoles permUsers relations reminders requireEducations selectFieldData selfBillingExpenseIds "
    "selfBillingTimeLogIds supplementOrders supplierInvoiceIds tags timeCategoryItems timeLogIds "
    "timeLogRegistrationMethods unSocialHoursCosts userSkills users workOrderIds workOrderUserSkills "
    "workOrderUserWorkTypes"
)
IMPERSONAL = frozenset(f"{_IMPERSONAL} {_IMPERSONAL_LISTS}".split())
CATALOGUES = (
    "defaultSalaryTypes departments driverJournalTypes expenseItems machineTypes priceLists resultUnits timeCategories "
    "userWorkTypes vehicles workSchedules"
)
IMPERSONAL_PATHS = {
    *((collection, name) for collection in CATALOGUES.split() for name in ("name", "description")),
    ("customFields", "selectFieldData.value"),
    ("machines", "trackunitData.id"),
    ("quoteTemplates", "logo.name"),
    ("quoteTemplates", "logo.path"),
    ("tasks", "status"),
    ("webhookSubscriptions", "events"),
    # In requests only, never in responses.
    ("invoices", "name"),
    ("users", "password"),
}


def values_of(collection: str, *fields: str, **having: Any) -> set[str]:
    records = [one for one in COMPANY[collection] if all(one[name] == value for name, value in having.items())]
    return {one[field] for one in records for field in fields if one[field]}


def seeded_people() -> set[str]:
    """Return the personal data in the sandbox's company, including fields that are personal for a sole trader."""
    employees = [one for one in COMPANY["users"] if one["personalNumber"]]
    contact = ("name", "email", "workPhone", "cellPhone")
    company = ("organizationNumber", "email", "phone", "address")
    return {
        *(f"{one['firstName']} {one['lastName']}" for one in employees),
        *(one[field] for one in employees for field in ("firstName", "lastName", "userName", "email")),
        *values_of("users", "personalNumber", "cellPhone", "workPhone"),
        *values_of("customers", "name", typeOfCustomer=PRIVATE),
        *values_of("customers", *company, "vatNumber"),
        *values_of("distributors", *company, "purchaseOrderEmail"),
        *values_of("contactPersons", *contact),
        *values_of("distributorContactPersons", *contact),
        *(one["houseProperties"]["propertyDescription"] for one in COMPANY["invoices"]),
        *(one["billingSettings"]["propertyDescription"] for one in COMPANY["customers"]),
    } - {""}


# Whole words, the longest first.
PEOPLE = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(seeded_people(), key=len, reverse=True)))})\b")


def left_of(collection: str, paths: tuple[str, ...]) -> set[str]:
    """Return the personal data in the records of a collection after these paths are excluded."""
    protection = protection_of(COLLECTIONS[collection], paths, (), None)
    text = exact_json.encode([protection.apply(record) for record in COMPANY[collection]]).decode()
    # One of the employees has the company's name.
    return set(PEOPLE.findall(re.sub("Norrby Bygg &(amp;)? El AB", "", text)))


# Paths with personal data in the seeded company: a list without one of them leaves it readable.
SEEDED = {
    "contactPersons": "name workPhone cellPhone email",
    "customers": "name organizationNumber vatNumber email phone address billingSettings.propertyDescription "
    "billingSettings.deductionDistribution.userName billingSettings.deductionDistribution.personalNumber",
    "distributorContactPersons": "name workPhone email",
    "distributors": "organizationNumber address phone email purchaseOrderEmail selfBillingSettings.emailForSelfBilling",
    "driverJournals": "userName endAddress",
    "expenses": "userName customerName",
    "invoices": "ourReferenceName customerName customerAddress customerEmail customerOrgNo customerVAT "
    "houseProperties.propertyDescription",
    "machineTimeLogs": "userName customerName",
    "machines": "createdByUserName",
    "projects": "customerName contactPersonName projectLeaderName",
    "purchaseOrders": "distributorAddress contactPersonDistributorName",
    "quotes": "ourReferenceName salesAgentName customerName customerAddress customerVAT contactPersonName",
    "timeLogs": "userName",
    "users": "firstName lastName userName email personalNumber cellPhone",
    "workOrders": "customerName completedByUserName inProgressByUserName",
}


class TestTheSeededCompany:
    def test_has_persons_of_every_kind(self):
        assert {
            "Åke Sjöström",
            "Sjöström",
            "ake.sjostrom",
            "Åsa Lindqvist",
            "Şirin Aydın",
            "Petra Holm",
        } < seeded_people()
        assert {"070-174 06 06", "08-465 004 02", "Björkvägen 7", "sirin@kund102.example"} < seeded_people()
        assert len([one for one in seeded_people() if re.fullmatch(r"\d{6}-\d{4}", one)]) > 20

    def test_has_records_of_every_collection_but_one(self):
        assert {name for name in READABLE if not COMPANY[name]} == {"webhookSubscriptions"}

    def test_has_no_person_in_any_collection_without_the_listed_paths(self, subtests):
        for collection in sorted(READABLE):
            with subtests.test(collection):
                assert left_of(collection, personal_fields(collection)) == set()

    def test_has_a_person_if_one_path_is_missing_from_the_lists(self, subtests):
        for collection, path in [(name, path) for name, paths in SEEDED.items() for path in paths.split()]:
            with subtests.test(f"{collection}.{path}"):
                assert left_of(collection, personal_fields(collection, without=[path]))

    def test_has_no_person_if_all_listed_paths_are_hashed(self, subtests):
        for collection in sorted(READABLE):
            with subtests.test(collection):
                protection = protection_of(COLLECTIONS[collection], (), personal_fields(collection), SECRET)
                text = exact_json.encode([protection.apply(record) for record in COMPANY[collection]]).decode()

                assert set(PEOPLE.findall(re.sub("Norrby Bygg &(amp;)? El AB", "", text))) == set()


@cache
def records_of(sample: Path) -> tuple[str, list[Any]]:
    content = json.loads(sample.read_text(encoding="utf-8"))
    records = content.get("data", content) if isinstance(content, dict) else content
    return sample.stem.partition(".")[0], records if isinstance(records, list) else [records]


class TestTheVendorsSamples:
    def test_have_persons(self):
        shown = "".join(sample.read_text(encoding="utf-8") for sample in SAMPLES)

        assert [part for part in SHOWN_IN_SAMPLES.split("|") if part not in shown] == []

    def test_have_no_person_without_the_listed_paths(self, subtests):
        for sample in SAMPLES:
            with subtests.test(f"{sample.parent.name}/{sample.stem}"):
                collection, records = records_of(sample)
                protection = protection_of(COLLECTIONS[collection], personal_fields(collection), (), None)

                text = json.dumps([protection.apply(record) for record in records], ensure_ascii=False)

                assert re.findall(SHOWN_IN_SAMPLES, text) == []


def filled(paths: tuple[str, ...]) -> dict[str, Any]:
    """Return a record with its own path as text at each path, nested in lists of objects."""
    record: dict[str, Any] = {}
    for path in paths:
        *heads, last = path.split(".")
        place = record
        for head in heads:
            place = place.setdefault(head, [{}])[0]
        place[last] = f"<{path}>"
    return record


class TestEveryPath:
    def test_protects_its_own_field_only(self, subtests):
        for collection in [name for name, paths in PERSONAL_FIELDS.items() if paths]:
            with subtests.test(collection):
                every = personal_fields(collection, free_text=True)
                for path in every:
                    others = personal_fields(collection, free_text=True, without=[path])
                    protected = protection_of(COLLECTIONS[collection], others, (), None).apply(filled(every))

                    assert re.findall(r"<([\w.]+)>", json.dumps(protected)) == [path]

    def test_can_be_hashed(self, subtests):
        for collection in sorted(PERSONAL_FIELDS):
            with subtests.test(collection):
                every = personal_fields(collection, free_text=True)

                protected = protection_of(COLLECTIONS[collection], (), every, SECRET).apply(filled(every))

                assert len(set(re.findall(r'"[0-9a-f]{64}"', json.dumps(protected)))) == len(every)


def unclear_paths(collection: str) -> set[str]:
    """Return the paths that may have text in the contract, the samples and the seeded company, with empty lists."""
    spec = COLLECTIONS[collection]
    shown = [record for sample in SAMPLES if records_of(sample)[0] == collection for record in records_of(sample)[1]]
    written = WRITES.get(f"{collection}.create", {})
    found = {path for record in (*shown, written, *COMPANY[collection]) for path in _texts(record)}
    kinds = {**dict.fromkeys(found, FieldKind.TEXT), **spec.fields}
    return {path for path, kind in kinds.items() if kind is FieldKind.TEXT}


def _texts(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _texts(inner, path)
    elif value == [] or (isinstance(value, str) and not re.fullmatch(ID_OR_INSTANT, value)):
        yield path


def is_said(collection: str, path: str, listed: tuple[str, ...]) -> bool:
    """Return True if a path is in the lists, or is a parent of one, or is not personal."""
    in_lists = any(f"{path}.".startswith(f"{one}.") or one.startswith(f"{path}.") for one in listed)
    last = path.rpartition(".")[2]
    return in_lists or last == "_id" or last in IMPERSONAL or (collection, path) in IMPERSONAL_PATHS


class TestTheLists:
    def test_have_every_readable_collection(self):
        assert set(PERSONAL_FIELDS) == READABLE, "add the collection to contract/personal_data.py"
        assert set(FREE_TEXT_FIELDS) < READABLE

    def test_have_every_path_of_text_unless_this_test_lists_it_as_impersonal(self, subtests):
        for collection in sorted(READABLE):
            with subtests.test(collection):
                every = personal_fields(collection, free_text=True)

                unsaid = {path for path in unclear_paths(collection) if not is_said(collection, path, every)}

                assert unsaid == set(), "add these fields to contract/personal_data.py, or to _IMPERSONAL in this file"

    def test_have_no_path_twice(self, subtests):
        for collection in sorted(READABLE):
            with subtests.test(collection):
                every = personal_fields(collection, free_text=True)

                assert len(set(every)) == len(every)

    def test_are_in_the_documentation(self):
        page = (Path(__file__).parents[3] / "docs" / "personal-data.md").read_text(encoding="utf-8")
        table = page.partition("## Personal data by collection")[2].partition("The other collections")[0]

        documented = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

        assert sorted(documented) == sorted(name for name, paths in PERSONAL_FIELDS.items() if paths)

    def test_have_no_ids(self):
        for collection, paths in PERSONAL_FIELDS.items():
            kinds = {COLLECTIONS[collection].fields.get(path, FieldKind.TEXT) for path in paths}
            assert kinds <= {FieldKind.TEXT}, collection


class TestPersonalFields:
    def test_are_a_tuple_of_paths(self):
        assert personal_fields("timeLogs") == ("userName", "startLocation", "stopLocation")

    def test_with_free_text(self):
        assert personal_fields("timeLogs", free_text=True) == (
            "userName", "startLocation", "stopLocation", "description", "internalDescription", "customFields",
        )  # fmt: skip

    def test_without_paths_that_are_hashed_instead(self):
        excluded = personal_fields("timeLogs", without=["userName"])

        assert excluded == ("startLocation", "stopLocation")
        assert protection_of(COLLECTIONS["timeLogs"], excluded, ["userName"], SECRET)

    @pytest.mark.parametrize("collection", ["projectTags", "timeCategories"])
    def test_of_a_collection_without_personal_data(self, collection):
        assert personal_fields(collection, free_text=True) == ()

    @pytest.mark.parametrize(
        ("arguments", "options", "said"),
        [
            (["timelogs"], {}, "'timelogs' is not a readable collection: did you mean 'timeLogs'?"),
            (["startTimer"], {}, "'startTimer' is not a readable collection: did you mean "),
            (
                ["users"],
                {"without": ["fistName"]},
                "without: 'fistName' is not in the list of users; did you mean 'firstName'?",
            ),
            (["users"], {"without": "firstName"}, r"without must be a list of paths, not text; give \['firstName'\]"),
            (["timeLogs"], {"without": ["description"]}, "without: 'description' is not in the list of timeLogs"),
        ],
    )
    def test_refuse_a_wrong_name(self, arguments, options, said):
        with pytest.raises(ConfigError, match=said):
            personal_fields(*arguments, **options)

    def test_load_no_heavy_module_into_a_dag_file(self):
        program = (
            "import sys; from airflow_provider_seventime.contract.personal_data import personal_fields; "
            "personal_fields('users'); print(sorted(sys.modules))"
        )
        ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
        loaded = {name.partition(".")[0] for name in re.findall(r"'([\w.]+)'", ended.stdout)}

        assert "airflow_provider_seventime" in loaded
        assert not loaded & {"pydantic", "msgspec", "requests", "airflow", "sqlalchemy"}
