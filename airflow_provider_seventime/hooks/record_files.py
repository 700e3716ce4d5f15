"""Records that a DAG keeps in JSON or YAML files beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.exceptions import ConfigError

if TYPE_CHECKING:
    from jinja2 import Environment

JSON_ENDING = ".json"
YAML_ENDINGS = (".yaml", ".yml")
# Numbers, truth values and null as in JSON. Everything else is text, such as NO, 07:00, 0123 and 2026-10-05.
YAML_SCALARS = {
    "null": (re.compile(r"(?:~|null|)$"), ("~", "n", "")),
    "bool": (re.compile(r"(?:true|false)$"), ("t", "f")),
    "int": (re.compile(r"-?(?:0|[1-9][0-9]*)$"), tuple("-0123456789")),
    "float": (
        re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$"),
        tuple("-0123456789"),
    ),
}


def names_file(value: object) -> bool:
    """Return True if the value of a parameter is the name of a file with a record."""
    return isinstance(value, str) and value.strip().endswith((JSON_ENDING, *YAML_ENDINGS))


def read_record_file(parameter: str, name: str, environment: Environment) -> Mapping[str, Any]:
    """Return the record in a file. Whole numbers are ``int``, numbers with decimals ``Decimal`` with their digits.

    :param parameter: the parameter with the name, for errors.
    :param name: path of the file, relative to the folders of the DAG's templates.
    :param environment: the DAG's template environment.
    :raises ConfigError: the file is missing, is not JSON or YAML, or has no object.
    """
    from airflow_provider_seventime import exact_json

    file = name.strip()
    text = _read(parameter, file, environment)
    try:
        record = exact_json.decode(text) if file.endswith(JSON_ENDING) else _decode_yaml(text)
    except ValueError as error:
        form = "JSON" if file.endswith(JSON_ENDING) else "YAML"
        raise ConfigError(
            f"{parameter}: the file {file} is not {form}: {error}\n"
            "Correct the file. A template in it belongs into quotation marks"
        ) from error
    if not isinstance(record, Mapping):
        raise ConfigError(
            f"{parameter}: the file {file} has no object, but {type(record).__name__}\n"
            "Write one record in the API's terms, as names and values"
        )
    return record


def _read(parameter: str, file: str, environment: Environment) -> str:
    from jinja2 import FileSystemLoader, TemplateNotFound

    loader = environment.loader or FileSystemLoader([])
    folders: list[str] = list(getattr(loader, "searchpath", ()))
    try:
        text, _, _ = loader.get_source(environment, file)
    except TemplateNotFound as error:
        raise ConfigError(
            f"{parameter}: the file {file} does not exist in {', '.join(folders) or 'a folder of templates'}\n"
            "Put it beside the DAG's file, or add its folder to the DAG's template_searchpath"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{parameter}: the file {file} is not UTF-8\nSave it as UTF-8") from error
    return text


def _decode_yaml(text: str) -> Any:
    """Decode YAML by the JSON schema of YAML 1.2, with exact numbers.

    :raises ValueError: the text is not YAML, or not safe.
    """
    import yaml

    class RecordLoader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
        """Loader without the types of YAML 1.1."""

        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as in the base class

    for kind, (pattern, first_characters) in YAML_SCALARS.items():
        RecordLoader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", pattern, list(first_characters))
    RecordLoader.add_constructor("tag:yaml.org,2002:float", lambda _, node: Decimal(node.value))
    RecordLoader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))
    try:
        return yaml.load(text, RecordLoader)  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
