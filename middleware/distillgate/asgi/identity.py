"""Who is the account: the host's answer, a trusted header's, or the API key's.

Only hashes of keys and addresses leave this file. What headers say beside the key is believed only
where a trusted proxy (`asgi.address.trusted`) sent them: anybody can write a header.
"""

import hashlib
import re
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import Field
from starlette.types import Scope

from distillgate.asgi.address import Addresses, AddressSettings, network
from distillgate.asgi.key import KeyReader
from distillgate.settings import Settings
from distillgate.wire.exchange import Attributes, Client, Exchange
from distillgate.wire.request import Request

MAX_NAME = 128
"""Characters of an account's, plan's or organisation's name; longer names are hashed."""
MAX_HEADERS = 100
"""Header names that are remembered of one request."""

_EPOCH = re.compile(r"\d{1,12}(\.\d{1,9})?")


class AttributeSettings(Settings):
    """Headers, set by your own proxy, that say what you know of an account."""

    plan: str | None = None
    """Header naming what the account bought."""
    organisation: str | None = None
    """Header naming the organisation; accounts of one organisation are no campaign."""
    end_user: str | None = None
    """Header naming whom the account acts for."""
    created: str | None = None
    """Header saying when the account was opened: seconds since the epoch, or RFC 3339."""
    payment: str | None = None
    """Header naming the payment instrument; it is hashed at once."""
    ja4: str | None = None
    """Header with the TLS client fingerprint."""


class IdentitySettings(Settings):
    """Where an account's name comes from; the first source that knows wins."""

    order: tuple[Literal["user", "state", "header", "key"], ...] = (
        "user",
        "state",
        "header",
        "key",
    )
    """Sources, in order: the host's `scope["user"]` and `scope["state"]`, `header`, the API key."""
    state: str | None = None
    """The name under which your middleware keeps the account in `scope["state"]`."""
    header: str | None = None
    """The header in which your proxy names the account; believed from trusted proxies only."""
    identify: str | None = Field(default=None, pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
    """A function of the host's that names the account before any other source, as `module:name`:
    for hosts that read keys by rules of their own. It is imported at the start."""
    key_headers: tuple[str, ...] = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
    """Headers that carry an API key, in order, with any scheme or none; only a keyed hash is ever
    kept. List just those your upstream reads: in any other a client could name a new account with
    every request."""
    key_query: tuple[str, ...] = ("key",)
    """Query parameters that carry an API key where no header does, as Gemini's API has it."""
    anonymous: Literal["ignore", "address"] = "ignore"
    """Requests without an identity: passed on unscored, or one account for each client network."""
    attributes: AttributeSettings = AttributeSettings()
    """What else your proxy may say of an account."""


@dataclass(slots=True)
class Identity:
    """Who sends a request, as far as is known and believed."""

    account: str
    plan: str | None = None
    organisation: str | None = None
    client: Client = field(default_factory=Client)
    attributes: Attributes = field(default_factory=Attributes)

    def exchange(self, request: Request, path: str, reference: str = "") -> Exchange:
        """Return a request as an exchange of whom it comes from."""
        return Exchange(
            account=self.account,
            request=request,
            path=path,
            id=reference,
            plan=self.plan,
            organisation=self.organisation,
            client=self.client,
            attributes=self.attributes,
        )


Identify = Callable[[Scope], str | Identity | None]
"""The host's own answer, called on the event loop for every request; None leaves it to the
configured sources. What it raises is the gate's failure, and handled as `fail` says."""


class Identifier:
    """Names the account behind a connection's scope."""

    def __init__(
        self,
        settings: IdentitySettings,
        addresses: AddressSettings,
        *,
        secret: bytes,
        identify: Identify | None = None,
    ) -> None:
        self._settings = settings
        self._addresses = Addresses(addresses)
        self._secret = hashlib.blake2b(secret, person=b"dg-identity").digest()
        self._identify = identify
        told = settings.attributes.model_dump().values()
        named = (settings.header, *settings.key_headers, *told)
        self.headers = frozenset(name.lower().encode() for name in named if isinstance(name, str))
        """The headers that name an account or say something of it, in lower case."""
        self._keys = KeyReader(settings.key_headers, settings.key_query)
        others = (identify, settings.header, settings.state)
        self._by_key = "key" in settings.order and all(other is None for other in others)

    def configured(self, settings: IdentitySettings, addresses: AddressSettings) -> "Identifier":
        """Return an identifier of other settings under which accounts keep their names."""
        other = Identifier(settings, addresses, secret=b"", identify=self._identify)
        other._secret = self._secret
        return other

    def doubts(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """Return whether the account is named by a key, and two are given.

        Whoever adds a made-up key to one that the upstream reads would be somebody else each time.
        """
        if not self._by_key or scope.get("user") is not None:
            return False
        return self._keys.differ(headers, scope.get("query_string", b""))

    def trusts(self, peer: str | None) -> bool:
        """Return whether the headers that a peer adds are believed; None is one without address."""
        return self._addresses.trusts(peer)

    def identify(self, scope: Scope, headers: Mapping[str, str] | None = None) -> Identity | None:
        """Name the account and what is known of it; None for requests nobody answers for.

        `headers` are the scope's by `first_values`, where somebody has read them already.
        """
        headers = first_values(scope["headers"]) if headers is None else headers
        peer = scope["client"][0] if scope.get("client") else None
        trusted = headers if self._addresses.trusts(peer) else {}
        address = self._addresses.client(peer, scope["headers"])
        given = self._asked(scope)
        if isinstance(given, Identity):
            identity = given
        else:
            account = given or self._account(scope, headers, trusted, address)
            if account is None:
                return None
            identity = Identity(self._bounded(account))
        if trusted:
            self._attribute(identity, trusted)
        client = identity.client
        client.ip = client.ip or address
        client.user_agent = headers.get("user-agent")
        client.headers = [name.decode("latin-1") for name, _ in scope["headers"][:MAX_HEADERS]]
        return identity

    def _asked(self, scope: Scope) -> str | Identity | None:
        """Ask the host's function; what it returns stays its own, and is bounded like a header.

        Raises what the host raises, and `TypeError` for an answer that names no account.
        """
        given = self._identify(scope) if self._identify is not None else None
        if isinstance(given, Identity):
            if not isinstance(given.account, str) or not given.account:
                raise TypeError("`identify` returned an `Identity` without an account")
            return replace(
                given,
                account=self._bounded(given.account),
                client=replace(given.client),
                attributes=replace(given.attributes),
            )
        if given is not None and not isinstance(given, str):
            if isinstance(given, Coroutine):
                given.close()  # or the interpreter warns of it, once a request
            raise TypeError(f"`identify` returned {type(given).__name__}, not `str` or `Identity`")
        return given

    def _account(
        self,
        scope: Scope,
        headers: Mapping[str, str],
        trusted: Mapping[str, str],
        address: str | None,
    ) -> str | None:
        for source in self._settings.order:
            account: str | None = None
            if source == "key":
                account = self._key(scope, headers)
            elif source == "header":
                account = _named(trusted, self._settings.header)
            elif source == "user":
                account = _user(scope.get("user"))
            elif self._settings.state is not None:
                account = _text((scope.get("state") or {}).get(self._settings.state))
            if account:
                return account
        if self._settings.anonymous == "address" and address is not None:
            return "a-" + self._hash(network(address), b"address")
        return None

    def _key(self, scope: Scope, headers: Mapping[str, str]) -> str | None:
        """Hash the API key, under one name whatever carries it."""
        key = self._keys.read(headers, scope["headers"], scope.get("query_string", b""))
        return "k-" + self._hash(key, b"key") if key else None

    def _attribute(self, identity: Identity, trusted: Mapping[str, str]) -> None:
        """Add what trusted headers say, where the host has not said it already."""
        names, attributes = self._settings.attributes, identity.attributes
        identity.plan = identity.plan or self._name(trusted, names.plan)
        identity.organisation = identity.organisation or self._name(trusted, names.organisation)
        identity.client.ja4 = identity.client.ja4 or self._name(trusted, names.ja4)
        attributes.end_user = attributes.end_user or self._name(trusted, names.end_user)
        if attributes.created is None:
            attributes.created = moment(_named(trusted, names.created))
        payment = _named(trusted, names.payment)
        if attributes.payment is None and payment:
            attributes.payment = self._hash(payment, b"payment")

    def _name(self, headers: Mapping[str, str], name: str | None) -> str | None:
        value = _named(headers, name)
        return self._bounded(value) if value else None

    def _bounded(self, name: str) -> str:
        return name if len(name) <= MAX_NAME else "h-" + self._hash(name, b"name")

    def _hash(self, value: str, purpose: bytes) -> str:
        data = value.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, digest_size=10, key=self._secret, person=purpose).hexdigest()


def first_values(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Map each header's name to its first value, as text."""
    values: dict[str, str] = {}
    for name, value in headers:
        values.setdefault(name.decode("latin-1"), value.decode("latin-1"))
    return values


def moment(value: str | None) -> float | None:
    """Read seconds since the epoch, or an RFC 3339 time; None for anything else."""
    if not value:
        return None
    if _EPOCH.fullmatch(value):
        return float(value)
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    return seconds if seconds >= 0 else None


def _named(headers: Mapping[str, str], name: str | None) -> str | None:
    return headers.get(name.lower(), "").strip() or None if name else None


def _user(user: Any) -> str | None:
    """Read the identity of a `scope["user"]`: Starlette's interface, or text."""
    if isinstance(user, str):
        return user
    if user is None or not getattr(user, "is_authenticated", False):
        return None
    for name in ("identity", "display_name"):
        try:
            value = _text(getattr(user, name, None))
        except NotImplementedError:  # Starlette's `BaseUser`, where a host left it out
            continue
        if value:
            return value
    return None


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
