"""Protection of personal data in records: fields are removed or replaced by a keyed hash before they are written."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.names import nearest_name
from airflow_provider_seventime.contract.personal_data import FREE_TEXT_FIELDS, PERSONAL_FIELDS
from airflow_provider_seventime.contract.records.base import Record, record_type
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.dates import parse_instant
from airflow_provider_seventime.exceptions import ConfigError, MisfitError

SHORTEST_SECRET = 16
DIGEST_CHARACTERS = 16
PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
UNDOCUMENTED = "?"
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
HASHABLE = (FieldKind.ID, FieldKind.TEXT)


class Hasher:
    """Keyed hash of values: HMAC-SHA256 (RFC 2104), all 64 hexadecimal digits, so that other tools can compute it.

    The key is not readable from the object, because tracebacks may print local variables.

    :param secret: the key.
    """

    def __init__(self, secret: str) -> None:
        self._keyed = hmac.new(secret.encode(), digestmod=hashlib.sha256)

    def text(self, text: str) -> str:
        """Return the hash of a text."""
        copy = self._keyed.copy()
        copy.update(text.encode())
        return copy.hexdigest()

    def value(self, value: Any) -> Any:
        """Return the hash of a value of a record: of a text, or of a number's JSON text.

        A missing or blank value is returned as it is, to distinguish it from the others. In a list or an object each
        value is hashed, so that a field of an unexpected shape is protected too.
        """
        if isinstance(value, str):
            return self.text(value) if value.strip() else value
        if value is None:
            return None
        if isinstance(value, Mapping):
            return {name: self.value(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.value(one) for one in value]
        return self.text(exact_json.encode(value).decode())


@dataclass(frozen=True, slots=True)
class _Rules:
    """Protection of the fields of one object.

    :param excluded: names of fields to remove.
    :param hashed: names of fields to hash.
    :param below: rules of nested objects, by the name of their field.
    """

    excluded: tuple[str, ...]
    hashed: tuple[str, ...]
    below: Mapping[str, _Rules]


class Protection:
    """Protection of the personal data in a collection's records. :func:`protection_of` creates it.

    It contains the key, so it cannot be pickled and cannot be sent by XCom.

    :param excluded: paths of fields to remove.
    :param hashed: paths of fields to replace by their hashes.
    :param hasher: hash of values. None: no path is hashed.
    :param collection: of the records, whose documented fields are checked for their shape. None: none are checked.
    """

    def __init__(
        self,
        excluded: Set[str] = frozenset(),
        hashed: Set[str] = frozenset(),
        hasher: Hasher | None = None,
        collection: CollectionSpec | None = None,
    ) -> None:
        if hashed and hasher is None:
            raise ValueError("hashed paths need a hasher")
        self._excluded = frozenset(excluded)
        self._hashed = frozenset(hashed)
        self._hasher = hasher
        self._rules = _compiled(self._excluded, self._hashed)
        self._collection = collection
        self._plain = () if collection is None else tuple(set(collection.fields) - self._excluded - self._hashed)
        self._known = frozenset() if collection is None else _top_names(collection, self._excluded | self._hashed)
        self._collect: Callable[[str, str], None] | None = None
        self.unknown_fields: set[str] = set()

    def __repr__(self) -> str:
        return f"Protection(excluded={sorted(self._excluded)}, hashed={sorted(self._hashed)})"

    @property
    def is_empty(self) -> bool:
        """True where records stay as they are."""
        return not self._excluded and not self._hashed

    @property
    def digest(self) -> str:
        """Digest of paths and key, by which a changed protection is detected. It reveals neither of them."""
        paths = exact_json.encode([sorted(self._excluded), sorted(self._hashed)]).decode()
        digest = self._hasher.text(paths) if self._hasher else hashlib.sha256(paths.encode()).hexdigest()
        return digest[:DIGEST_CHARACTERS]

    def apply(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy of a record with its personal data protected.

        A protected path says nothing of an object where a plain value is documented, or of a text where an object is:
        either may hold a name. Such a value is left out, and reported without the value.

        :param record: the record as the API returns it. It is not changed.
        :raises MisfitError: a value has another shape than documented, unless :meth:`collect_misfits` was called.
        """
        misfits: list[tuple[str, Any]] = []
        protected = self._applied(self._rules, record, misfits=misfits)
        if not self.is_empty and self._collection is not None:
            self.unknown_fields |= record.keys() - self._known
            drifted = [name for name in self._plain if _has_drifted(protected.get(name), self._collection.fields[name])]
            misfits += [(name, protected.pop(name)) for name in drifted]
            for path, value in misfits:
                self._report(self._collection, record, path, value)
        return protected

    def collect_misfits(self, collect: Callable[[str, str], None]) -> None:
        """Call a function for each value of another shape than documented, instead of raising an error.

        :param collect: takes the path, and a text with record, path and shape, without the value.
        """
        self._collect = collect

    def _report(self, collection: CollectionSpec, record: Mapping[str, Any], path: str, value: Any) -> None:
        shape = "an object" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else "a plain value"
        text = f"{record.get(collection.id_field)!r:.80}: {path} holds {shape}, where another shape is documented"
        if self._collect is None:
            raise MisfitError(
                f"{collection.name} {text}\nNothing of it is written, because protected fields may be in it. Exclude "
                f"{path} (exclude_fields), or ask the vendor about it"
            )
        self._collect(path, text)

    def filter_values(self, equal: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return the values by which protected rows are compared, and the names of the fields that they do not have.

        :param equal: field to value, as the API returns it.
        """
        excluded = tuple(name for name in equal if name in self._excluded)
        remaining = {name: value for name, value in equal.items() if name not in self._excluded}
        return self._applied(self._rules, remaining), excluded

    def _applied(
        self, rules: _Rules, fields: Mapping[str, Any], before: str = "", misfits: list[tuple[str, Any]] | None = None
    ) -> dict[str, Any]:
        protected = dict(fields)
        for name in rules.excluded:
            protected.pop(name, None)
        if self._hasher:
            for name in rules.hashed:
                if name in protected:
                    protected[name] = self._hasher.value(protected[name])
        for name, inner in rules.below.items():
            if name in protected:
                protected[name] = self._applied_within(inner, protected[name], f"{before}{name}", misfits)
        return protected

    def _applied_within(self, rules: _Rules, value: Any, path: str, misfits: list[tuple[str, Any]] | None) -> Any:
        if isinstance(value, Mapping):
            return self._applied(rules, value, f"{path}.", misfits)
        if isinstance(value, list):
            return [self._applied_within(rules, one, path, misfits) for one in value]
        if value is None or isinstance(value, bool) or value == "":
            return value
        if misfits is not None:
            misfits.append((path, value))
        return None


def protection_of(
    collection: CollectionSpec, exclude_fields: Sequence[str], hash_fields: Sequence[str], secret: str | None
) -> Protection:
    """Return the protection of a collection's records.

    A path is the API's field names joined by dots, for example ``contactPersonName`` or ``invoiceItems.description``.
    In a list it means every element. An unknown path is refused, because a misspelt one would protect nothing. A
    question mark accepts an undocumented field: ``nickName?``.

    :param collection: the collection.
    :param exclude_fields: paths of fields to remove, including everything below them.
    :param hash_fields: paths of fields to replace by a keyed hash.
    :param secret: the key, at least 16 characters. None: allowed only if ``hash_fields`` is empty.
    :raises ConfigError: a path or the secret is invalid. The message lists every problem.
    """
    excluded, problems = _read_paths(collection, "exclude_fields", exclude_fields)
    hashed, others = _read_paths(collection, "hash_fields", hash_fields)
    problems += others
    problems += _unhashable(collection, hashed)
    problems += [
        f"hash_fields: {path!r} is excluded too (exclude_fields: {parent!r}); remove it from one of the two"
        for path in sorted(hashed)
        for parent in _with_parents(path)
        if parent in excluded
    ]
    if hashed and (secret is None or len(secret) < SHORTEST_SECRET):
        problems.append(
            f"hash_fields: hashing needs a secret of at least {SHORTEST_SECRET} characters; set the extra hash_secret "
            "of the Seven Time connection"
        )
    if problems:
        # Tracebacks may print local variables.
        del secret
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise ConfigError(f"invalid protection of {collection.name}:\n{listed}")
    return Protection(excluded, hashed, Hasher(secret) if hashed and secret else None, collection)


def _has_drifted(value: Any, kind: FieldKind) -> bool:
    """Return whether a value has another shape than its kind, so that it may hold what a protected field holds."""
    if isinstance(value, Mapping | list):
        return True
    if not isinstance(value, str) or not value or kind in HASHABLE:
        return False
    if kind is FieldKind.BOOLEAN:
        return value not in ("true", "false")
    if kind is not FieldKind.INSTANT:
        return NUMBER.fullmatch(value) is None
    try:
        parse_instant(value)
    except (ValueError, OverflowError):
        return True
    return False


def _top_names(collection: CollectionSpec, protected: Set[str]) -> frozenset[str]:
    """Return the names of a record's fields that are documented or protected."""
    paths = (*documented_paths(collection), *protected, "_id", collection.id_field)
    return frozenset(path.partition(".")[0] for path in paths)


def _read_paths(collection: CollectionSpec, parameter: str, given: Any) -> tuple[set[str], list[str]]:
    """Return the valid paths, and the problems of the others."""
    # A template that renders to None, or to the text of a list, must not count as an empty list.
    if not isinstance(given, Sequence | Set) or isinstance(given, str | bytes):
        return set(), [f"{parameter}: must be a list of paths, not {given!r:.60}; remove it to protect no field"]
    known = documented_paths(collection) if given else frozenset()
    paths: set[str] = set()
    problems: list[str] = []
    for written in given:
        path = written.removesuffix(UNDOCUMENTED) if isinstance(written, str) else ""
        problem = _path_problem(collection, known, written, path)
        if problem:
            problems.append(f"{parameter}: {problem}")
        else:
            paths.add(path)
    return paths, problems


def _path_problem(collection: CollectionSpec, known: Set[str], written: Any, path: str) -> str | None:
    if not PATH.fullmatch(path):
        return (
            f"{written!r:.60} is not a path; give the API's field names joined by dots, for example "
            "'invoiceItems.description', the description of every row"
        )
    head = path.partition(".")[0]
    if head in ("_id", collection.id_field):
        return f"{path!r} identifies a row and cannot be protected"
    if collection.window is not None and head == collection.window.field:
        return f"{path!r} decides the period of a row and cannot be protected"
    if path in known or written != path:
        return None
    near = nearest_name(path, known)
    meant = f"; did you mean {near!r}?" if near else "."
    return (
        f"{path!r} is not among the known fields of {collection.name}{meant} For a field that the API returns without "
        f"documenting it, write {path + UNDOCUMENTED!r}"
    )


def _unhashable(collection: CollectionSpec, hashed: Iterable[str]) -> list[str]:
    kinds = {path: collection.fields[path] for path in sorted(hashed) if path in collection.fields}
    return [
        f"hash_fields: {path!r} has the type {kind.value}, and a hash is text; exclude the field instead"
        for path, kind in kinds.items()
        if kind not in HASHABLE
    ]


def documented_paths(collection: CollectionSpec) -> frozenset[str]:
    """Return every documented path of a collection's records, including the parents of nested ones.

    :param collection: the collection.
    """
    writes = [record_model(collection, write) for write in ("create", "update") if getattr(collection, write)]
    nested = {path for model in writes for path in _nested_paths(model)}
    listed = {*PERSONAL_FIELDS.get(collection.name, ()), *FREE_TEXT_FIELDS.get(collection.name, ())}
    return frozenset(parent for path in (*collection.fields, *nested, *listed) for parent in _with_parents(path))


@cache
def _nested_paths(model: type[Record], before: str = "") -> tuple[str, ...]:
    """Return the paths of a write's lists and objects. Its plain fields are those of responses."""
    paths: list[str] = []
    for name, info in model.model_fields.items():
        part = record_type(info.annotation)
        if part is not None:
            paths += [before + name, *_nested_paths(part, f"{before}{name}.")]
        elif before or _holds_list(info.annotation):
            paths.append(before + name)
    return tuple(paths)


def _holds_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(map(_holds_list, get_args(annotation)))


def _with_parents(path: str) -> Iterator[str]:
    """Yield a path and its parents, the longest first: ``a.b.c``, ``a.b``, ``a``."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _compiled(excluded: Iterable[str], hashed: Iterable[str]) -> _Rules:
    """Return the rules of an object. A path below an excluded or hashed one is redundant and ignored."""
    excluded_here = {path for path in excluded if "." not in path}
    hashed_here = {path for path in hashed if "." not in path}
    excluded_below = _by_first_name(excluded, excluded_here)
    hashed_below = _by_first_name(hashed, excluded_here | hashed_here)
    return _Rules(
        excluded=tuple(excluded_here),
        hashed=tuple(hashed_here),
        below={
            head: _compiled(excluded_below.get(head, ()), hashed_below.get(head, ()))
            for head in excluded_below.keys() | hashed_below.keys()
        },
    )


def _by_first_name(paths: Iterable[str], ignored: Set[str]) -> dict[str, list[str]]:
    """Return the rest of each nested path by its first name, without paths below ignored names."""
    grouped: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        if rest and head not in ignored:
            grouped.setdefault(head, []).append(rest)
    return grouped
