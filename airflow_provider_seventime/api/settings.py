"""What a connection says, checked once and frozen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.protection import SHORTEST_SECRET
from airflow_provider_seventime.contract.records.fields import read_flag
from airflow_provider_seventime.dates import SWEDEN, load_zone
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.loopback import is_loopback

DEFAULT_HOST = "https://app.seventime.se"
LARGEST_PAGE = 500
HIGHEST_PORT = 65_535
SWITCHES = ("false", "true", "no", "yes", "off", "on", "0", "1")
# What an HTTP header value may hold (RFC 9110, 5.5), without inner blanks: no key has any.
HEADER_SAFE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Settings:
    """A connection to Seven Time.

    :param base_url: scheme, host and port, without a path.
    :param api_key: sent as ``Client-Secret``.
    :param acting_user: id of the user that writes are made by; None: each record names its own.
    :param api_version: 2 or 1.
    :param zone: the account's time zone.
    :param requests_per_second: the key's budget.
    :param pacing: ``machine``, ``process`` or a ``redis://`` URL: who shares the budget.
    :param page_size: records per request, 1 to 500.
    :param connect_timeout_seconds: how long a connection may take.
    :param read_timeout_seconds: how long the API may be silent.
    :param request_timeout_seconds: how long a request may take from the connection to the last byte of its answer.
    :param proxies: scheme to proxy URL; empty: the environment's.
    :param ca_bundle: file of certificate authorities; None: the usual ones.
    :param strict: refuse unknown fields and filters; False: send them with a warning.
    :param hash_secret: the key that personal data is hashed with; None: none is.
    """

    base_url: str
    api_key: str = field(repr=False)
    acting_user: str | None = None
    api_version: int = 2
    zone: ZoneInfo = field(default_factory=lambda: load_zone(SWEDEN))
    requests_per_second: float = 4.0
    pacing: str = field(default="machine", repr=False)
    page_size: int = LARGEST_PAGE
    connect_timeout_seconds: float = 10.0
    read_timeout_seconds: float = 60.0
    request_timeout_seconds: float = 300.0
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_bundle: str | None = None
    strict: bool = True
    hash_secret: str | None = field(default=None, repr=False)


def read_settings(
    *,
    host: str | None,
    password: str | None,
    port: int | None = None,
    login: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> tuple[Settings, list[str]]:
    """Read the parts of a connection.

    :param host: base URL, with or without scheme and port; None or empty: Seven Time's own.
    :param password: the API key.
    :param port: port, where the host names none.
    :param login: id of the acting user; None or empty: none.
    :param extra: the extras of the connection; an empty or None value counts as left out.
    :return: the settings, and one warning for each unknown extra.
    :raises ConfigError: something is malformed; every problem is listed, none shows a secret.
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
    if problems:
        raise ConfigError("the Seven Time connection is wrong:\n" + "\n".join(f"  - {problem}" for problem in problems))
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
        raise ValueError("empty; it holds the API key (Seven Time: Settings -> Integrations -> API)")
    if not HEADER_SAFE.fullmatch(key):
        raise ValueError("the API key holds a blank or a character that no HTTP header may carry; copy it again")
    return key


def read_base_url(host: str, port: int | None = None) -> str:
    """Return scheme, host and port of the API.

    Without a scheme it is https, on a loopback address http.

    :param host: base URL, with or without scheme and port.
    :param port: port, where the host names none.
    :raises ValueError: the host is malformed, carries a path, or would send the key in clear over a network.
    """
    text = host.strip()
    parts, own_port = _split(text if "://" in text else f"//{text}")
    name = parts.hostname
    if not name or any(character.isspace() for character in name):
        raise ValueError(f"{_shown(text)!r} is no address; write one like {DEFAULT_HOST!r}")
    if parts.username or parts.password:
        raise ValueError("holds a user name or password; the API key belongs into the password of the connection")
    if parts.path.strip("/") or parts.query or parts.fragment:
        rest = urlunsplit(("", "", parts.path, parts.query, parts.fragment))
        raise ValueError(f"{text!r} has more than scheme, host and port; leave out {rest!r}")
    scheme = parts.scheme or ("http" if is_loopback(name) else "https")
    if scheme not in ("http", "https"):
        raise ValueError(f"the scheme {scheme!r} is neither https nor http")
    if scheme == "http" and not is_loopback(name):
        raise ValueError(f"plain http to {name!r} would send the API key readable over the network; use https")
    chosen = _port(own_port, port)
    bracketed = f"[{name}]" if ":" in name else name
    return f"{scheme}://{bracketed}:{chosen}" if chosen else f"{scheme}://{bracketed}"


def _port(of_host: int | None, of_field: int | None) -> int | None:
    if of_host is not None and of_field is not None and of_host != of_field:
        raise ValueError(f"names port {of_host}, and the port field {of_field}; give one")
    chosen = of_field if of_host is None else of_host
    if chosen is not None and not 1 <= chosen <= HIGHEST_PORT:
        raise ValueError(f"the port {chosen} is not one from 1 to {HIGHEST_PORT}")
    return chosen


def _shown(text: str) -> str:
    """Return an address for a message, without the password that may stand in it."""
    return re.sub(r"^(\w+://|//)?.*@", r"\1***@", text)


def _split(text: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(
            f"{_shown(text).removeprefix('//')!r} is no address ({error}); write one like {DEFAULT_HOST!r}"
        ) from error
    return parts, port


def _number(value: Any, kind: Callable[[Any], Any], least: float, most: float, what: str) -> Any:
    try:
        number = kind(str(value).strip())
    except ValueError as error:
        raise ValueError(f"{value!r:.60} is not {what}") from error
    if isinstance(value, bool) or not least <= number <= most:
        raise ValueError(f"{value!r:.60} is not {what} from {least:g} to {most:g}")
    return number


def _seconds(value: Any) -> float:
    return float(_number(value, float, 0.001, 86_400, "a number of seconds"))


def _page_size(value: Any) -> int:
    return int(_number(value, int, 1, LARGEST_PAGE, "a whole number"))


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
        # Its text is not shown: it may hold a password.
        if not urlsplit(text).hostname:
            raise ValueError("the Redis URL names no host; write one like 'redis://cache.example:6379/0'")
        return text
    raise ValueError(f"{_shown(text)!r} is neither 'machine' nor 'process' nor a redis:// URL")


def _proxies(value: Any) -> dict[str, str]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise ValueError("is no JSON object of scheme to proxy URL") from error
    if not isinstance(value, Mapping) or not all(isinstance(part, str) for pair in value.items() for part in pair):
        raise ValueError('must be an object of scheme to proxy URL, for example {"https": "http://proxy.example:3128"}')
    return dict(value)


def _ca_bundle(value: Any) -> str:
    if isinstance(value, bool) or str(value).strip().lower() in SWITCHES:
        raise ValueError("must be a file; the check of certificates cannot be switched off or on")
    path = Path(str(value))
    if not path.exists():
        raise ValueError(f"there is no file {str(value)!r} on this machine")
    return str(path)


def _hash_secret(value: Any) -> str:
    # Its text is not shown, nor its length.
    if not isinstance(value, str):
        raise ValueError("must be text, in quotation marks")
    text = value.strip()
    if len(text) < SHORTEST_SECRET or not text.isprintable():
        raise ValueError(
            f"must be {SHORTEST_SECRET} characters or more on one line, as random as those of 'openssl rand -hex 32'"
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
}
