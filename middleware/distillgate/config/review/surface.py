"""Addresses, headers, files, keys and people that cannot be meant as they stand."""

import re
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path as FilePath
from urllib.parse import urlsplit

from distillgate.config.nearest import nearest_path
from distillgate.config.review import Finding, Path
from distillgate.config.schema import Config
from distillgate.text import nearest

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A header's name (RFC 9110 section 5.6.2)."""
APIS = ("/v1", "/api", "/chat", "/openai")
_SHORT = 16
"""Characters below which a key is guessed."""
_KEY_HEADERS = ("authorization", "x-api-key", "api-key", "x-goog-api-key", "proxy-authorization")
_COMPRESSED = frozenset({".gzip", ".zst", ".zip", ".bz2", ".xz", ".br"})
OWN = ("/healthz", "/readyz")
"""Paths that the sidecar answers by itself."""
_STREAMS = ["stderr", "stdout"]
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "::"})  # noqa: S104 - compared with
_PORTS = {"http": 80, "https": 443}


def review(config: Config) -> Iterator[Finding]:
    """Review how the gate is reached, whom it believes, and where it writes."""
    yield from _addresses(config)
    yield from _headers(config)
    yield from _keys(config)
    yield from _log(config)
    yield from _webhook(config)
    yield from _files(config)
    yield from _people(config)
    yield from _proxy(config)
    yield from _appeal(config)


def _addresses(config: Config) -> Iterator[Finding]:
    proxy = config.proxy
    upstream = urlsplit(proxy.upstream)
    port = upstream.port or _PORTS.get(upstream.scheme, 0)
    if port == proxy.port and (upstream.hostname or "") in {*_LOCAL, proxy.host}:
        text = f"is the gate's own address: it would ask itself (`proxy.port` is {proxy.port})"
        yield Finding(("proxy", "upstream"), text, fatal=True)
    if proxy.certificate is not None and proxy.certificate_key is None:
        yield Finding(("proxy", "certificate_key"), "is not set, and `certificate` is")
    if proxy.certificate_key is not None and proxy.certificate is None:
        yield Finding(
            ("proxy", "certificate_key"), "does nothing without `certificate`", fatal=True
        )
    for name in ("certificate", "certificate_key", "ca_file"):
        file = getattr(proxy, name)
        if file is not None and not FilePath(file).is_file():
            text = f"{file}: no such file{nearest_path(file)}"
            yield Finding(("proxy", name), text, fatal=True, local=True)
    if not proxy.verify_tls and upstream.scheme == "https":
        yield Finding(("proxy", "verify_tls"), "false: anybody between can answer for the upstream")
    for at, network in enumerate(config.asgi.address.trusted):
        if network != "unix" and ip_network(network, strict=False).prefixlen == 0:
            text = f"`{network}` is everybody: any client may name its address and account"
            yield Finding(("asgi", "address", "trusted", at), text, fatal=True)
    yield from _pages(config)


def _pages(config: Config) -> Iterator[Finding]:
    if config.admin.path in OWN:
        text = f"is the sidecar's own: {' and '.join(OWN)} say how it fares"
        yield Finding(("admin", "path"), text, fatal=True)
    if config.admin.path.startswith(APIS):
        text = "is under a path of the APIs: their requests would not reach the upstream"
        yield Finding(("admin", "path"), text, fatal=True)


def _headers(config: Config) -> Iterator[Finding]:
    identity = config.asgi.identity
    where: tuple[str, ...] = ("asgi", "identity")
    named: list[tuple[Path, str | None]] = [((*where, "header"), identity.header)]
    named += [((*where, "key_headers", at), name) for at, name in enumerate(identity.key_headers)]
    for attribute in type(identity.attributes).model_fields:
        value = getattr(identity.attributes, attribute)
        named.append(((*where, "attributes", attribute), value))
    named.append((("actions", "header"), config.actions.header or None))
    named.append((("admin", "proxy", "header"), config.admin.proxy.header))
    for path, name in named:
        if name is not None and not _TOKEN.fullmatch(name):
            mended = re.sub(r"[^A-Za-z0-9!#$%&'*+.^_`|~-]+", "-", name.strip())
            text = f"`{name}` is no header's name; did you mean `{mended}`?"
            yield Finding(path, text, fatal=True)
    for at, name in enumerate(identity.key_headers):
        known = name.lower() in _KEY_HEADERS or not _TOKEN.fullmatch(name)
        if not known and (hint := nearest(name.lower(), _KEY_HEADERS)):
            yield Finding((*where, "key_headers", at), f"`{name}` is sent by no SDK{hint}")
    again = Counter(name.lower() for path, name in named if name and "attributes" in path)
    for twice in (name for name, count in again.items() if count > 1):
        yield Finding((*where, "attributes"), f"`{twice}` is read as several attributes")
    if identity.header is not None and "header" not in identity.order:
        text = "is never read: `order` has no `header`"
        yield Finding((*where, "header"), text, fatal=True)
    if identity.state is not None and "state" not in identity.order:
        yield Finding((*where, "state"), "is never read: `order` has no `state`", fatal=True)
    if not identity.order and identity.anonymous == "ignore" and identity.identify is None:
        yield Finding((*where, "order"), "is empty: no request has an account", fatal=True)


def _keys(config: Config) -> Iterator[Finding]:
    own = None if config.key is None else config.key.get_secret_value()
    admin = None if config.admin.key is None else config.admin.key.get_secret_value()
    for path, key in ((("key",), own), (("admin", "key"), admin)):
        if key is not None and len(key) < _SHORT:
            yield Finding(path, f"has fewer than {_SHORT} characters: it can be guessed")
    if admin is not None and admin == own:
        text = "is the same as `key`: whoever reads the pages could compute every name"
        yield Finding(("admin", "key"), text)
    if admin is not None and config.proxy.certificate is None and _is_public(config.proxy.host):
        text = "is sent in the clear: the pages listen beyond this machine without a certificate"
        yield Finding(("admin", "key"), text)
    if config.admin.open_metrics and _is_public(config.proxy.host):
        yield Finding(
            ("admin", "open_metrics"), "shows the metrics to everybody who reaches the port"
        )


def _log(config: Config) -> Iterator[Finding]:
    named = [name for name in ("url", "path") if getattr(config.log, name) is not None]
    if named and config.key is None:
        text = "needs `key`: without one, nothing that is kept can be read again"
        yield Finding(("log", named[0]), text, fatal=True)
    if len(named) > 1:
        yield Finding(("log", "path"), "does nothing beside `log.url`")


def _webhook(config: Config) -> Iterator[Finding]:
    url = config.governance.webhook.url
    if url is not None:
        parts = urlsplit(url.get_secret_value())
        if parts.scheme == "http" and (parts.hostname or "") not in _LOCAL:
            yield Finding(("governance", "webhook", "url"), "is not https: names go in the clear")
        if config.governance.webhook.secret is None:
            text = "is not set: anybody may post to your address in the gate's name"
            yield Finding(("governance", "webhook", "secret"), text)


def _files(config: Config) -> Iterator[Finding]:
    written: list[tuple[Path, str | None]] = [
        (("telemetry", "log", "destination"), config.telemetry.log.destination),
        (("governance", "audit", "path"), config.governance.audit.path),
        (("record", "path"), config.record.path),
        (("log", "path"), config.log.path),
    ]
    files = [(path, name) for path, name in written if name is not None and name not in _STREAMS]
    seen: dict[FilePath, Path] = {}
    for path, name in files:
        folder = FilePath(name).absolute()
        if folder in seen:
            other = ".".join(map(str, seen[folder]))
            yield Finding(path, f"{name}: is the file of `{other}` too", fatal=True)
        seen.setdefault(folder, path)
        if not folder.parent.is_dir():
            text = f"{name}: no such folder: {folder.parent}{nearest_path(str(folder.parent))}"
            yield Finding(path, text, fatal=True, local=True)
        if path[-1] == "destination" and "/" not in name and (hint := nearest(name, _STREAMS)):
            yield Finding(path, f"`{name}` is a file{hint}")
    tables = config.tokenizer.folder
    if tables is not None and not FilePath(tables).is_dir():
        text = f"{tables}: no such folder{nearest_path(tables)}"
        yield Finding(("tokenizer", "folder"), text, fatal=True, local=True)
    record = config.record.path
    if record is not None:
        yield Finding(("record", "path"), "keeps prompts and answers in plain text")
        if FilePath(record).suffix in _COMPRESSED:
            text = f"{record}: is not compressed, as its name says; did you mean `.gz`?"
            yield Finding(("record", "path"), text)
    if config.mode == "enforce" and config.telemetry.log.level == "off":
        yield Finding(("telemetry", "log", "level"), "off: nobody can say why a client was refused")


def _people(config: Config) -> Iterator[Finding]:
    admin, own = config.admin, config.admin.address
    if own is not None and own[1] == config.proxy.port:
        text = "has the port that clients use: the two are told apart by it"
        yield Finding(("admin", "listen"), text, fatal=True)
    if admin.people and admin.key is None:
        text = "are let in nowhere: without `admin.key` there are no pages"
        yield Finding(("admin", "people"), text, fatal=True)
    holders: dict[str, str] = {}
    for name, person in admin.people.items():
        where = ("admin", "people", name)
        if person.key is None and not admin.proxy.trusted:
            text = "has no key, and no proxy in `admin.proxy.trusted` vouches for anybody"
            yield Finding(where, text, fatal=True)
        if person.key is not None and (other := holders.setdefault(person.key, name)) != name:
            yield Finding(where, f"has the key of `{other}`: one key is one person's", fatal=True)


def _proxy(config: Config) -> Iterator[Finding]:
    proxy = config.admin.proxy
    if proxy.trusted and not config.admin.people:
        text = "vouches for nobody: `admin.people` is empty"
        yield Finding(("admin", "proxy", "trusted"), text)
    for at, network in enumerate(proxy.trusted):
        if network != "unix" and ip_network(network, strict=False).prefixlen == 0:
            text = f"`{network}` is everybody: any client may say that it is one of `admin.people`"
            yield Finding(("admin", "proxy", "trusted", at), text, fatal=True)


def _appeal(config: Config) -> Iterator[Finding]:
    appeal, where = config.actions.appeal, ("actions", "appeal", "url")
    if not appeal.url:
        return
    if config.key is None:
        yield Finding(where, "needs `key`: without it no link outlives a restart", fatal=True)
    if f"{appeal.path}/".startswith((*APIS, f"{config.admin.path}/")):
        text = "is under a path of the APIs or of the operator's pages: give it one of its own"
        yield Finding(where, text, fatal=True)
    if appeal.url.startswith("http:"):
        yield Finding(where, "is plain HTTP: whoever listens reads what customers write")


def _is_public(host: str) -> bool:
    if host.startswith("unix:") or host == "localhost":
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True
