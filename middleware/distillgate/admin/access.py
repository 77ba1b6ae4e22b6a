"""Lets people in by their keys, or by an authenticating proxy's word, and keeps who was refused."""

import hmac
from typing import Literal, NoReturn, TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request

from distillgate.admin.proof import SHOWN, hashed, proof, proof_of
from distillgate.admin.roles import Caller, May
from distillgate.admin.settings import AdminSettings, PersonSettings
from distillgate.asgi.address import Addresses, AddressSettings
from distillgate.governance.governance import Governance

Refused: TypeAlias = Literal["anonymous", "wrong_key", "role", "forged", "path", "network", "port"]
"""Why somebody was refused: no key or session; one that is none; a role that may not; a form of
another site; a path that is written otherwise; an address that is not served; the clients' port."""

_SAFE = ("GET", "HEAD")
_PROGRAMS = ("customer", "file", "gate")
"""Who else stands in the audit log as `by`."""
_MISSING = "the key is missing or wrong"
_NOT_YOURS = "not allowed"


class Access:
    """Who may ask what. Its people change with the configuration."""

    def __init__(
        self, settings: AdminSettings, addresses: AddressSettings, governance: Governance
    ) -> None:
        self._governance = governance
        self._key = "" if settings.key is None else settings.key.get_secret_value()
        self.configure(settings, addresses)

    def configure(self, settings: AdminSettings, addresses: AddressSettings) -> None:
        """Adopt other people, another proxy or other networks; the shared key is the start's."""
        self._people = settings.people
        self._by_hash = {p.key: name for name, p in settings.people.items() if p.key is not None}
        self._taken = {name.casefold() for name in (*settings.people, *_PROGRAMS)}
        self._header = settings.proxy.header.lower()
        self._vouching = _networks(settings.proxy.trusted)
        self._served = _networks(settings.networks) if settings.networks else None
        self._addresses = Addresses(addresses)

    @property
    def shared_key(self) -> str:
        """The key that may do everything. Raises where none is configured."""
        if not self._key:
            raise HTTPException(403, "no `admin.key` is configured")
        return self._key

    def caller(self, request: Request, may: May) -> Caller:
        """Return who asks, where they may; else count, keep and answer that they may not."""
        found = self.known(request)
        self.allow(request, found, may)
        return found

    def allow(self, request: Request, caller: Caller, may: May) -> None:
        """Refuse who may not."""
        if not caller.may(may):
            self.refuse(request, "role", by=caller.name or caller.role)

    def known(self, request: Request) -> Caller:
        """Return who asks, by a bearer key or a proxy's word; else refuse."""
        _ = self.shared_key
        if "authorization" in request.headers:
            scheme, _, given = request.headers["authorization"].partition(" ")
            found = self.holder(given.strip()) if scheme.lower() == "bearer" else None
            return found or self.refuse(request, "wrong_key")
        vouched = self.vouched(request) or self.refuse(request, "anonymous")
        if request.method not in _SAFE and not _is_json(request):
            self.refuse(request, "forged", by=vouched.name)
        return vouched

    def holder(self, key: str) -> Caller | None:
        """Return whose key it is."""
        if self._key and hmac.compare_digest(key.encode(), self._key.encode()):
            return Caller("", "administrator")
        name = self._by_hash.get(hashed(key))
        return None if name is None else Caller(name, self._people[name].role)

    def vouched(self, request: HTTPConnection) -> Caller | None:
        """Return for whom a proxy vouches that signs people in; None for all who are not one."""
        given = request.headers.getlist(self._header)
        if not given or not self._vouching.trusts(_peer(request)):
            return None
        person = self._people.get(given[0]) if len(given) == 1 else None
        return None if person is None else Caller(given[0], person.role)

    def person(self, name: str) -> PersonSettings | None:
        """Return what is configured of a person now."""
        return self._people.get(name)

    def is_taken(self, name: str) -> bool:
        """Return whether a name is a person's who has a role here, or a program's own.

        Whoever has the shared key says who they are, but not that they are one of these.
        """
        return name.casefold() in self._taken

    def serves(self, request: HTTPConnection) -> bool:
        """Return whether the pages answer the address that a request comes from."""
        return self._served is None or self._served.trusts(self._client(request))

    def prove(self, nonce: str, meant: str) -> str | None:
        """Answer a nonce with the shared key, or with a person's that is meant; else None."""
        if len(meant) != SHOWN:
            return proof(self.shared_key, nonce)
        found = next((one for one in self._by_hash if one.partition(":")[2].startswith(meant)), "")
        return proof_of(found, nonce) if found else None

    def refuse(self, request: HTTPConnection, why: Refused, *, by: str = "") -> NoReturn:
        """Count and keep a refusal, and answer it: nothing of what is there."""
        self.note(request, why, by=by)
        if why in ("anonymous", "wrong_key"):
            raise HTTPException(401, _MISSING, {"www-authenticate": "Bearer"})
        raise HTTPException(403, _NOT_YOURS)

    def note(self, request: HTTPConnection, why: Refused, *, by: str = "") -> None:
        """Count and keep a refusal."""
        route = request.scope.get("route")
        client = self._client(request) or "unix"
        self._governance.refused(why, by=by, client=client, page=getattr(route, "path", ""))

    def _client(self, request: HTTPConnection) -> str | None:
        return self._addresses.client(_peer(request), request.scope["headers"])


def _peer(request: HTTPConnection) -> str | None:
    return None if request.client is None else request.client.host


def _is_json(request: Request) -> bool:
    """Return whether a body is called JSON: no browser sends that for another site unasked.

    A proxy signs in whatever a browser sends, a stranger's form too; a bearer key is never sent so.
    """
    kind = request.headers.get("content-type", "").partition(";")[0]
    return kind.strip().lower() == "application/json"


def _networks(trusted: tuple[str, ...]) -> Addresses:
    return Addresses(AddressSettings(trusted=trusted, header="none"))
