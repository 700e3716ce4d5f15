"""Personal data in records: left out, or replaced by a keyed hash, before anybody else sees them."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.names import nearest_name
from airflow_provider_seventime.contract.personal_data import FREE_TEXT_FIELDS, PERSONAL_FIELDS
from airflow_provider_seventime.contract.records.base import Record, record_type
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.exceptions import ConfigError

SHORTEST_SECRET = 16
DIGEST_CHARACTERS = 16
PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
UNDOCUMENTED = "?"
HASHABLE = (FieldKind.ID, FieldKind.TEXT)


class Hasher:
    """The keyed hash of values: HMAC-SHA256 (RFC 2104) in hex, whole, as any other tool computes it.

    It has no readable state: tracebacks may print local variables.

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
        """Return what stands for a value of a record: the hash of a text, or of a number as it is spelled.

        What is missing or blank stays, so that it is told from what is there. Of a list or an object every value that
        it holds is hashed, so that an answer of another shape than expected gives nothing away.
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
    """What is done with the fields of one object: the paths in the form in which they are walked."""

    excluded: tuple[str, ...]
    hashed: tuple[str, ...]
    below: Mapping[str, _Rules]


class Protection:
    """What is done with the personal data of a collection's records. Made by :func:`protection_of`.

    It cannot be pickled, and so goes into no XCom: it holds the key.

    :param excluded: paths that are left out.
    :param hashed: paths whose values are replaced by their hashes.
    :param hasher: of values; None: nothing is hashed.
    """

    def __init__(
        self, excluded: Set[str] = frozenset(), hashed: Set[str] = frozenset(), hasher: Hasher | None = None
    ) -> None:
        if hashed and hasher is None:
            raise ValueError("paths to be hashed need a hasher")
        self._excluded = frozenset(excluded)
        self._hashed = frozenset(hashed)
        self._hasher = hasher
        self._rules = _compiled(self._excluded, self._hashed)

    def __repr__(self) -> str:
        return f"Protection(excluded={sorted(self._excluded)}, hashed={sorted(self._hashed)})"

    @property
    def digest(self) -> str:
        """A short name of what is done, another one for another key; it shows neither paths nor key."""
        told = exact_json.encode([sorted(self._excluded), sorted(self._hashed)]).decode()
        digest = self._hasher.text(told) if self._hasher else hashlib.sha256(told.encode()).hexdigest()
        return digest[:DIGEST_CHARACTERS]

    def apply(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record with its personal data protected; the one given stays as it is.

        :param record: as the API answered it.
        """
        return self._applied(self._rules, record)

    def filter_values(self, equal: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return what conditions on a record's fields are in protected rows, and the fields that rows no longer have.

        :param equal: field to value, as the API answers it.
        """
        lost = tuple(name for name in equal if name in self._excluded)
        kept = {name: value for name, value in equal.items() if name not in self._excluded}
        return self._applied(self._rules, kept), lost

    def _applied(self, rules: _Rules, fields: Mapping[str, Any]) -> dict[str, Any]:
        protected = dict(fields)
        for name in rules.excluded:
            protected.pop(name, None)
        if self._hasher:
            for name in rules.hashed:
                if name in protected:
                    protected[name] = self._hasher.value(protected[name])
        for name, inner in rules.below.items():
            if name in protected:
                protected[name] = self._applied_within(inner, protected[name])
        return protected

    def _applied_within(self, rules: _Rules, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self._applied(rules, value)
        if isinstance(value, list):
            return [self._applied_within(rules, one) for one in value]
        return value


def protection_of(
    collection: CollectionSpec, exclude_fields: Sequence[str], hash_fields: Sequence[str], secret: str | None
) -> Protection:
    """Return the protection of a collection's records.

    A path is the API's names joined by dots, ``contactPersonName`` or ``invoiceItems.description``; in a list it means
    every element. It must be known, because a misspelt path would leave what it means unprotected without a word. One
    that is not documented and that the API answers all the same is given with a question mark: ``nickName?``.

    :param collection: the collection.
    :param exclude_fields: paths that are left out, with all that lies below them.
    :param hash_fields: paths of which a keyed hash is kept.
    :param secret: the key, at least 16 characters; None: there is none, which only ``hash_fields`` minds.
    :raises ConfigError: something is wrong with a path or the secret; every problem is listed.
    """
    excluded, problems = _read_paths(collection, "exclude_fields", exclude_fields)
    hashed, others = _read_paths(collection, "hash_fields", hash_fields)
    problems += others
    problems += _unhashable(collection, hashed)
    problems += [
        f"hash_fields: {path!r} is excluded too (exclude_fields: {around!r}); leave it in one of the two"
        for path in sorted(hashed)
        for around in _around(path)
        if around in excluded
    ]
    if hashed and (secret is None or len(secret) < SHORTEST_SECRET):
        problems.append(
            f"hash_fields: hashing needs a secret of at least {SHORTEST_SECRET} characters; set the extra hash_secret "
            "of the Seven Time connection"
        )
    if problems:
        # Tracebacks may print variables.
        del secret
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise ConfigError(f"the protection of {collection.name} is wrong:\n{listed}")
    return Protection(excluded, hashed, Hasher(secret) if hashed and secret else None)


def _read_paths(collection: CollectionSpec, parameter: str, given: Any) -> tuple[set[str], list[str]]:
    """Return the paths that are right, and what is wrong with the others."""
    # A template that rendered to None, or to the text of a list, must not pass for no paths at all.
    if not isinstance(given, Sequence | Set) or isinstance(given, str | bytes):
        return set(), [f"{parameter}: must be a list of paths, not {given!r:.60}; leave it out to protect nothing"]
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
            f"{written!r:.60} is no path; write the API's names joined by dots, as 'invoiceItems.description', which "
            "means that of every row"
        )
    head = path.partition(".")[0]
    if head in ("_id", collection.id_field):
        return f"{path!r} is what a row is known by, and cannot be protected"
    if collection.window is not None and head == collection.window.field:
        return f"{path!r} decides to which window a row belongs, and cannot be protected"
    if path in known or written != path:
        return None
    near = nearest_name(path, known)
    meant = f"; did you mean {near!r}?" if near else "."
    return (
        f"{path!r} is not among the known fields of {collection.name}{meant} If the API answers it all the same, write "
        f"{path + UNDOCUMENTED!r}"
    )


def _unhashable(collection: CollectionSpec, hashed: Iterable[str]) -> list[str]:
    kinds = {path: collection.fields[path] for path in sorted(hashed) if path in collection.fields}
    return [
        f"hash_fields: {path!r} is of kind {kind.value}, and a hash is text; exclude it instead"
        for path, kind in kinds.items()
        if kind not in HASHABLE
    ]


def documented_paths(collection: CollectionSpec) -> frozenset[str]:
    """Return every path of a collection's records that the contract knows, those on the way to another included.

    :param collection: the collection.
    """
    writes = [record_model(collection, write) for write in ("create", "update") if getattr(collection, write)]
    nested = {path for model in writes for path in _nested_paths(model)}
    listed = {*PERSONAL_FIELDS.get(collection.name, ()), *FREE_TEXT_FIELDS.get(collection.name, ())}
    return frozenset(around for path in (*collection.fields, *nested, *listed) for around in _around(path))


@cache
def _nested_paths(model: type[Record], before: str = "") -> tuple[str, ...]:
    """Return the paths of what a write carries as lists and objects; the plain fields are those of the answers."""
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


def _around(path: str) -> Iterator[str]:
    """Yield a path and every path that it lies below, the longest first."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _compiled(excluded: Iterable[str], hashed: Iterable[str]) -> _Rules:
    """Return the rules of an object; a path below another one of its list adds nothing."""
    gone = {path for path in excluded if "." not in path}
    replaced = {path for path in hashed if "." not in path}
    excluded_below, hashed_below = _by_head(excluded, gone), _by_head(hashed, gone | replaced)
    return _Rules(
        excluded=tuple(gone),
        hashed=tuple(replaced),
        below={
            head: _compiled(excluded_below.get(head, ()), hashed_below.get(head, ()))
            for head in excluded_below.keys() | hashed_below.keys()
        },
    )


def _by_head(paths: Iterable[str], settled: Set[str]) -> dict[str, list[str]]:
    """Return the rest of each path by its first name, but for names that are settled."""
    found: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        if rest and head not in settled:
            found.setdefault(head, []).append(rest)
    return found
