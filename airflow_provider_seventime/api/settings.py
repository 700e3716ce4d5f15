"""Settings of a connection: parsed, checked once, and immutable."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.protection import SHORTEST_SECRET
from airflow_provider_seventime.contract.records.fields import read_flag
from airflow_provider_seventime.contract.web_address import WebAddresses, read_web_url
from airflow_provider_seventime.dates import SWEDEN, load_zone
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.loopback import is_loopback

DEFAULT_HOST = "https://app.seventime.se"
MAX_PAGE_SIZE = 500
MAX_PORT = 65_535
FLAG_TEXTS = ("false", "true", "no", "yes", "off", "on", "0", "1")
DIGEST_ROUNDS = 20_000
DIGEST_CHARACTERS = 16
# Characters of an HTTP header value (RFC 9110, 5.5), without blanks: no key has any.
HEADER_SAFE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Settings:
    """A connection to Seven Time.

    :param base_url: scheme, host and port, without a path.
    :param api_key: sent as ``Client-Secret``.
    :param acting_user: id of the user in whose name records are written; None: each record names its own.
    :param api_version: 2 or 1.
    :param zone: the account's time zone.
    :param requests_per_second: rate limit of the key.
    :param pacing: ``machine``, ``process`` or a ``redis://`` URL: the clients that share the rate limit.
    :param page_size: records per request, 1 to 500.
    :param connect_timeout_seconds: maximum time to connect.
    :param read_timeout_seconds: maximum time between two bytes of a response.
    :param request_timeout_seconds: maximum time from the connection to the last byte of a response.
    :param proxies: scheme to proxy URL; empty: the environment's proxies.
    :param ca_bundle: file of certificate authorities; None: those of requests and the environment.
    :param strict: True: refuse unknown fields and filters. False: send them with a warning.
    :param hash_secret: key of the hashes of personal data; None: personal data cannot be hashed.
    :param web_url: addresses of records in the web application; None: tasks have no link to their record.
    """

    base_url: str
    api_key: str = field(repr=False)
    acting_user: str | None = None
    api_version: int = 2
    zone: ZoneInfo = field(default_factory=lambda: load_zone(SWEDEN))
    requests_per_second: float = 4.0
    pacing: str = field(default="machine", repr=False)
    page_size: int = MAX_PAGE_SIZE
    connect_timeout_seconds: float = 10.0
    read_timeout_seconds: float = 60.0
    request_timeout_seconds: float = 300.0
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_bundle: str | None = None
    strict: bool = True
    hash_secret: str | None = field(default=None, repr=False)
    web_url: WebAddresses | None = field(default=None, repr=False)

    @property
    def key_digest(self) -> str:
        """Digest of address and API key, which detects a changed key. It reveals neither, and is slow to guess."""
        digest = hashlib.pbkdf2_hmac("sha256", self.api_key.encode(), self.base_url.encode(), DIGEST_ROUNDS)
        return digest.hex()[:DIGEST_CHARACTERS]


def read_settings(
    *,
    host: str | None,
    password: str | None,
    port: int | None = None,
    login: str | None = None,
    schema: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> tuple[Settings, list[str]]:
    """Parse the parts of a connection.

    :param host: base URL, with or without scheme and port; None or empty: ``https://app.seventime.se``.
    :param password: the API key.
    :param port: port, if the host names none; None: the default of the scheme.
    :param login: id of the acting user; None or empty: no acting user.
    :param schema: refused if it is not empty: a connection to Seven Time has none.
    :param extra: extras of the connection; an empty value and None mean the default.
    :return: the settings, and one warning for each unknown extra.
    :raises ConfigError: a part is malformed. The message lists every problem and shows no secret.
    """
    problems: list[str] = []
    given = {name: value for name, value in (extra or {}).items() if value not in (None, "")}
    warnings = [
        f"unknown extra {name!r} is ignored: {suggestion(name, READERS)}" for name in given if name not in READERS
    ]
    values: dict[str, Any] = {}
    for name, read in READERS.items():
        if name in given:
            _collect(problems, values, name, partial(read, given[name]))
    _collect(problems, values, "base_url", lambda: read_base_url(host or DEFAULT_HOST, port))
    _collect(problems, values, "api_key", lambda: _read_key(password))
    if schema and schema.strip():
        problems.append("schema: a connection to Seven Time has none. Leave it empty, and remove a path from a URI")
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise ConfigError(f"the Seven Time connection is invalid, correct these parts:\n{listed}")
    return Settings(acting_user=(login or "").strip() or None, **values), warnings


LABELS = {"base_url": "host", "api_key": "password", "zone": "timezone"}
TARGETS = {"timezone": "zone"}


def _collect(problems: list[str], values: dict[str, Any], name: str, read: Callable[[], Any]) -> None:
    try:
        values[TARGETS.get(name, name)] = read()
    except (ValueError, ConfigError) as error:
        text = str(error).removeprefix("timezone: ")
        problems.append(f"{LABELS.get(name, name)}: {text}")


def _read_key(password: str | None) -> str:
    key = (password or "").strip()
    if not key:
        raise ValueError("empty. It must be the API key (Seven Time: Settings -> Integrations -> API)")
    if not HEADER_SAFE.fullmatch(key):
        raise ValueError("the API key has a blank or a character that an HTTP header cannot have. Copy it again")
    return key


def read_base_url(host: str, port: int | None = None) -> str:
    """Return the base URL of the API: scheme, host and port.

    Without a scheme it is https, and http for a loopback address.

    :param host: base URL, with or without scheme and port. An IPv6 address may have brackets.
    :param port: port, if the host names none; None: the default of the scheme.
    :raises ValueError: the host is malformed, has a path, or would send the key unencrypted over a network.
    """
    text = _bracketed(host.strip())
    parts, own_port = _split(text if "://" in text else f"//{text}")
    name = parts.hostname
    if not name or any(character.isspace() for character in name):
        raise ValueError(f"{_shown(text)!r} is not an address. Write one like {DEFAULT_HOST!r}")
    if parts.username or parts.password:
        raise ValueError("has a user name or password. Put the API key into the password of the connection")
    if parts.path.strip("/") or parts.query or parts.fragment:
        rest = urlunsplit(("", "", parts.path, parts.query, parts.fragment))
        raise ValueError(f"{text!r} has more than scheme, host and port. Remove {rest!r}")
    scheme = parts.scheme or ("http" if is_loopback(name) else "https")
    if scheme not in ("http", "https"):
        raise ValueError(f"the scheme {scheme!r} is neither https nor http")
    if scheme == "http" and not is_loopback(name):
        raise ValueError(f"plain http to {name!r} would send the API key unencrypted over the network. Use https")
    chosen = _port(own_port, port)
    address = _bracketed(name)
    return f"{scheme}://{address}:{chosen}" if chosen else f"{scheme}://{address}"


def _bracketed(host: str) -> str:
    """Return a host, an IPv6 address in brackets. Airflow removes the brackets of one in a connection's URI."""
    try:
        return f"[{IPv6Address(host)}]"
    except ValueError:
        return host


def _port(of_host: int | None, of_field: int | None) -> int | None:
    if of_host is not None and of_field is not None and of_host != of_field:
        raise ValueError(f"names port {of_host}, and the field port {of_field}. Set one of them")
    chosen = of_field if of_host is None else of_host
    if chosen is not None and not 1 <= chosen <= MAX_PORT:
        raise ValueError(f"the port {chosen} is not a number from 1 to {MAX_PORT}")
    return chosen


def _shown(text: str) -> str:
    """Return an address for a message, without the user name and password that it may have."""
    return re.sub(r"^(\w+://|//)?.*@", r"\1***@", text)


def _split(text: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(
            f"{_shown(text).removeprefix('//')!r} is not an address ({error}). Write one like {DEFAULT_HOST!r}"
        ) from error
    return parts, port


def _number(value: Any, kind: Callable[[Any], Any], minimum: float, maximum: float, noun: str) -> Any:
    try:
        number = kind(str(value).strip())
    except ValueError as error:
        raise ValueError(f"{value!r:.60} is not {noun}") from error
    if isinstance(value, bool) or not minimum <= number <= maximum:
        raise ValueError(f"{value!r:.60} is not {noun} from {minimum:g} to {maximum:g}")
    return number


def _seconds(value: Any) -> float:
    return float(_number(value, float, 0.001, 86_400, "a number of seconds"))


def _page_size(value: Any) -> int:
    return int(_number(value, int, 1, MAX_PAGE_SIZE, "a whole number"))


def _requests_per_second(value: Any) -> float:
    return float(_number(value, float, 0.01, 10_000, "a number of requests"))


def _api_version(value: Any) -> int:
    if str(value).strip() not in ("1", "2"):
        raise ValueError(f"{value!r} is neither 2 nor 1")
    return int(str(value).strip())


def _pacing(value: Any) -> str:
    text = str(value).strip()
    if text in ("machine", "process"):
        return text
    if text.startswith(("redis://", "rediss://")):
        # The message does not show the text: it may hold a password.
        if not urlsplit(text).hostname:
            raise ValueError("the Redis URL has no host. Write one like 'redis://cache.example:6379/0'")
        return text
    raise ValueError(f"{_shown(text)!r} is neither 'machine' nor 'process' nor a redis:// URL")


def _proxies(value: Any) -> dict[str, str]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError as error:
            error.doc = ""  # it holds the whole text, passwords included
            raise ValueError("is not a JSON object of scheme to proxy URL") from error.with_traceback(None)
    if not isinstance(value, Mapping) or not all(isinstance(part, str) for pair in value.items() for part in pair):
        raise ValueError('must be an object of scheme to proxy URL, for example {"https": "http://proxy.example:3128"}')
    return dict(value)


def _ca_bundle(value: Any) -> str:
    if isinstance(value, bool) or str(value).strip().lower() in FLAG_TEXTS:
        raise ValueError("must be a file. Certificate checks are always on")
    path = Path(str(value))
    if not path.exists():
        raise ValueError(f"the file {str(value)!r} does not exist on this machine")
    return str(path)


def _hash_secret(value: Any) -> str:
    # Messages show neither the text nor its length.
    if not isinstance(value, str):
        raise ValueError("must be a text in quotation marks")
    text = value.strip()
    if len(text) < SHORTEST_SECRET or not text.isprintable():
        raise ValueError(
            f"must be {SHORTEST_SECRET} characters or more on one line, for example those of 'openssl rand -hex 32'"
        )
    return text


READERS: Mapping[str, Callable[[Any], Any]] = {
    "api_version": _api_version,
    "timezone": lambda value: load_zone(str(value).strip()),
    "requests_per_second": _requests_per_second,
    "pacing": _pacing,
    "page_size": _page_size,
    "connect_timeout_seconds": _seconds,
    "read_timeout_seconds": _seconds,
    "request_timeout_seconds": _seconds,
    "proxies": _proxies,
    "ca_bundle": _ca_bundle,
    "strict": read_flag,
    "hash_secret": _hash_secret,
    "web_url": read_web_url,
}
