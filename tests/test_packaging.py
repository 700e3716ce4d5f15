"""The wheel, the metadata that Airflow and package indexes read, the version, and the pins."""

from __future__ import annotations

import json
import pkgutil
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import import_module, metadata, resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_3_PLUS
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import airflow_provider_seventime
from airflow_provider_seventime.get_provider_info import get_provider_info

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "airflow_provider_seventime"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN_FILES = [ROOT / "constraints.txt", *sorted((ROOT / "constraints").glob("*.txt"))]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    # A front end such as `build` would download the backend.
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        yield archive


class TestWheel:
    def test_wheel_has_the_files_of_the_package_and_no_others(self, wheel: zipfile.ZipFile) -> None:
        source = {
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / PACKAGE).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
        assert shipped == source
        assert f"{PACKAGE}/py.typed" in shipped

    def test_wheel_has_the_licence(self, wheel: zipfile.ZipFile) -> None:
        (licence,) = (name for name in wheel.namelist() if name.endswith(".dist-info/licenses/LICENSE"))
        assert wheel.read(licence) == (ROOT / "LICENSE").read_bytes()

    def test_wheel_has_the_entry_point_of_the_provider(self, wheel: zipfile.ZipFile) -> None:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt"))
        entry_points = wheel.read(name).decode()
        assert "[apache_airflow_provider]" in entry_points
        assert f"provider_info = {PACKAGE}.get_provider_info:get_provider_info" in entry_points


class TestMetadata:
    def test_names_the_authors(self) -> None:
        assert PROJECT["project"]["authors"] == [{"name": "Seed 562eacbc maintainers"}]

    def test_names_every_supported_python_and_the_system(self) -> None:
        classifiers = PROJECT["project"]["classifiers"]
        pythons = [name.rpartition(" ")[2] for name in classifiers if re.search(r"Python :: 3\.\d+$", name)]
        assert pythons == ["3.11", "3.12", "3.13"]
        assert PROJECT["project"]["requires-python"] == f">={pythons[0]}"
        assert "Operating System :: POSIX" in classifiers

    def test_links_to_pages_of_the_source(self) -> None:
        urls = PROJECT["project"]["urls"]
        assert set(urls) == {"Documentation", "Source", "Changelog", "Issues"}
        for name in ("Documentation", "Changelog"):
            assert (ROOT / urls[name].removeprefix(f"{urls['Source']}/blob/main/")).is_file()

    def test_has_the_readme_as_description(self, wheel: zipfile.ZipFile) -> None:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        described = wheel.read(name).decode()
        assert "Description-Content-Type: text/markdown" in described
        assert described.endswith((ROOT / "README.md").read_text(encoding="utf-8"))


def schema_of_airflow(name: str) -> dict[str, Any]:
    return json.loads((resources.files("airflow") / name).read_text(encoding="utf-8"))


def class_paths(described: object) -> Iterator[str]:
    """Yield every text of the metadata that names a module or class of this package."""
    match described:
        case str() if described.startswith(f"{PACKAGE}."):
            yield described
        case dict():
            for value in described.values():
                yield from class_paths(value)
        case list():
            for value in described:
                yield from class_paths(value)


def public_classes(package: str) -> Iterator[type]:
    """Yield the public classes that the modules of one part of the package define."""
    folder = import_module(f"{PACKAGE}.{package}")
    for found in pkgutil.iter_modules(folder.__path__, f"{folder.__name__}."):
        if found.name.endswith(".retry_policy") and not AIRFLOW_V_3_3_PLUS:
            continue
        for value in vars(import_module(found.name)).values():
            if isinstance(value, type) and value.__module__ == found.name and not value.__name__.startswith("_"):
                yield value


class TestProviderInfo:
    def test_validates_against_airflows_schema(self) -> None:
        jsonschema.validate(get_provider_info(), schema_of_airflow("provider_info.schema.json"))

    def test_connection_form_validates_against_airflows_schema(self) -> None:
        (connection_type,) = get_provider_info()["connection-types"]
        of_connection_types = schema_of_airflow("provider.yaml.schema.json")["properties"]["connection-types"]["items"]
        if "conn-fields" not in of_connection_types["properties"]:
            pytest.skip("this Airflow reads the connection form from the hook (conn-fields came with 3.2)")
        jsonschema.validate(connection_type, of_connection_types)

    def test_name_is_that_of_the_distribution(self) -> None:
        name = get_provider_info()["package-name"]
        assert name == canonicalize_name(PROJECT["project"]["name"])
        assert name == canonicalize_name(metadata.metadata(name)["Name"])

    @pytest.mark.parametrize("path", sorted(set(class_paths(get_provider_info()))))
    def test_every_named_class_can_be_imported(self, path: str) -> None:
        assert pkgutil.resolve_name(path) is not None

    @pytest.mark.parametrize(
        ("package", "base"),
        [
            ("hooks", "BaseHook"),
            ("operators", "BaseOperator"),
            ("sensors", "BaseSensorOperator"),
            ("transfers", "BaseOperator"),
        ],
    )
    def test_every_module_with_a_class_for_dags_is_named(self, package: str, base: str) -> None:
        parent = getattr(import_module("airflow.providers.common.compat.sdk"), base)
        found = [each for each in public_classes(package) if issubclass(each, parent)]
        # A class that others of its folder extend is a base class: DAGs do not use it.
        extended = {ancestor for each in found for ancestor in each.__mro__[1:]}
        modules = {each.__module__ for each in found if each not in extended}
        assert modules, f"no {base} in {PACKAGE}.{package}"
        assert modules <= set(class_paths(get_provider_info()[package]))

    def test_every_module_with_a_trigger_is_named(self) -> None:
        from airflow.triggers.base import BaseTrigger

        modules = {found.__module__ for found in public_classes("triggers") if issubclass(found, BaseTrigger)}
        assert modules
        assert modules <= set(class_paths(get_provider_info()["triggers"]))


def test_version_is_the_newest_one_of_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+\S*?)\]?(?=\s|$)", changelog, flags=re.MULTILINE)
    assert newest is not None, "CHANGELOG.md has no heading like '## 0.1.0'"
    assert newest.group(1) == airflow_provider_seventime.__version__ == metadata.version("airflow-provider-seventime")


def pins_of(file: Path) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line]


def direct_dependencies(*groups: str) -> list[Requirement]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    named = [PROJECT["dependency-groups"][group] for group in groups]
    return [Requirement(text) for part in (PROJECT["project"]["dependencies"], *extras, *named) for text in part]


def supported_airflow_releases() -> dict[str, str]:
    """Return the release of each supported Airflow by its file of pins, as the scripts read them."""
    lines = (ROOT / "scripts" / "airflow_versions.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split() for line in lines if line and not line.startswith("#"))
    return {pins: release for _minor, release, _newest_python, pins in rows}


class TestPins:
    def test_each_supported_airflow_has_a_file(self) -> None:
        assert set(supported_airflow_releases()) == {file.relative_to(ROOT).as_posix() for file in PIN_FILES}

    @pytest.mark.parametrize("file", PIN_FILES, ids=lambda file: file.name)
    def test_file_has_names_and_versions_only(self, file: Path) -> None:
        for line in file.read_text(encoding="utf-8").splitlines():
            assert line.startswith("#") or re.fullmatch(r"[a-z0-9.-]+==[^ ;/]+( ; [^/]+)?", line), line

    @pytest.mark.parametrize("file", PIN_FILES, ids=lambda file: file.name)
    def test_file_pins_its_airflow(self, file: Path) -> None:
        (airflow,) = (pin for pin in pins_of(file) if pin.name == "apache-airflow")
        assert str(airflow.specifier) == f"=={supported_airflow_releases()[file.relative_to(ROOT).as_posix()]}"

    @pytest.mark.parametrize("file", PIN_FILES, ids=lambda file: file.name)
    def test_file_pins_every_direct_dependency_within_its_range(self, file: Path) -> None:
        groups = (
            ("test", "environment", "check", "bench") if file.name == "constraints.txt" else ("test", "environment")
        )
        pins = pins_of(file)
        for dependency in direct_dependencies(*groups):
            versions = [
                specifier.version
                for pin in pins
                if canonicalize_name(pin.name) == canonicalize_name(dependency.name)
                for specifier in pin.specifier
            ]
            assert versions, f"{dependency.name} is not pinned: run make constraints"
            outside = [version for version in versions if not dependency.specifier.contains(version)]
            assert not outside, f"{dependency} is pinned to {outside}: run make constraints"
