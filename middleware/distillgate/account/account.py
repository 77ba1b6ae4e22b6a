"""What is remembered of one account between its requests."""

from typing import Any, Generic, TypeVar

from pydantic import PositiveInt

from distillgate.account.bucket import Buckets
from distillgate.account.conduct import Conduct, ConductSettings
from distillgate.account.distinct import Distinct
from distillgate.account.habit import Habit
from distillgate.account.history import Event
from distillgate.account.probing import Probing
from distillgate.account.skeleton import Skeleton
from distillgate.account.texts import KNOWN_FROM, Text, Texts, learn_answer, learn_text
from distillgate.account.windows import Usage
from distillgate.fingerprint.observation import Observation
from distillgate.records import Record
from distillgate.settings import Settings

Value = TypeVar("Value", bound=bytes)


class Packed(Generic[Value]):
    """A field whose value is made of bytes each time it is asked for.

    An instance of a class of bytes costs 16 bytes more than bytes do, and the garbage collector
    follows it: a million of them is most of its work. The slot has the field's name after `_`.
    """

    __slots__ = ("_kind", "_slot")

    def __init__(self, kind: type[Value]) -> None:
        self._kind = kind
        self._slot = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._slot = f"_{name}"

    def __get__(self, instance: Any, owner: type) -> Value:
        return self._kind(getattr(instance, self._slot))

    def __set__(self, instance: Any, value: Value) -> None:
        setattr(instance, self._slot, bytes(value))


DISTINCT = 48
"""Hashes kept to count an account's distinct varying texts (relative error 0.15)."""


class AccountSettings(Settings):
    """How much is remembered, and for how long."""

    max_accounts: PositiveInt = 200_000
    """Accounts in memory; beyond it the least suspicious of the longest idle one goes. The
    tables of groups have room in proportion."""
    conduct: ConductSettings = ConductSettings()
    """How its use is remembered."""


class Account(Record):
    """One account's memory. Holds counts and sketches, no text.

    There are many: what grows is packed into values, and what few have is None.
    """

    name: str
    principal: int
    """Hash of whom it acts for: its declared organisation, or itself."""
    first_seen: float
    _usage: bytes
    _payloads: bytes
    _skeleton: bytes
    organisation: str | None = None
    plan: str | None = None
    created: float | None = None
    exchanges: int = 0
    follows: int = 0
    """Of them, requests that continue a conversation..."""
    instructed: int = 0
    """...and requests with instructions."""
    probing: Probing | None = None
    first_text: tuple[float, bytes] | None = None
    """When its first text was sent, and its sketch; until the second shows what it repeats."""
    texts: Texts | None = None
    """What its varying texts are like; None before its fixed text is known."""
    risk: float = 0.0
    """The last fused risk; eviction weighs it."""
    buckets: Buckets | None = None
    """What it used of its budgets; None where it has none."""
    conduct: Conduct | None = None
    """How it is used; None until it has sent enough to show."""
    habit: Habit | None = None
    """What its key has long been used for; None until it has sent enough to show."""
    held_until: float = 0.0
    """A restriction lasts at least until then."""
    pardoned_until: float = 0.0
    """Evidence of its groups is not held against it until then."""
    lifted_until: float = 0.0
    """Nothing is held against it until then: somebody answered for it."""
    restriction: int = 0
    """How far it is restricted (`policy.policy.note`); 0 is not at all."""
    history: list[Event] | None = None
    """What was done to it; None where nothing ever was."""

    usage = Packed(Usage)
    payloads = Packed(Distinct)
    """A sample of its varying texts."""
    skeleton = Packed(Skeleton)
    """What it always sends."""

    @classmethod
    def new(cls, name: str, principal: int, now: float) -> "Account":
        """Return an account that nothing is known of yet."""
        usage, payloads = bytes(Usage.none()), bytes(Distinct.of(DISTINCT))
        return cls(name, principal, now, usage, payloads, bytes(Skeleton.none()))

    @property
    def last_seen(self) -> float:
        """When it was last seen."""
        return max(self.first_seen, self.usage.at)


def learn(account: Account, seen: Observation, now: float) -> None:
    """Add one exchange to an account's memory. An SDK's own retries are not new traffic."""
    sent, output = seen.sent, float(seen.answer.completion_tokens or 0)
    if seen.retry:
        account.usage = account.usage.add((0.0, 0.0, output), now)
        return
    account.usage = account.usage.add((1.0, float(sent.tokens), output), now)
    account.organisation = sent.organisation
    account.plan = seen.account.plan
    account.created = sent.created or account.created
    account.exchanges += 1
    account.follows += sent.continues
    account.instructed += sent.instructed
    if sent.probe is not None:
        account.probing = (account.probing or Probing.none()).add(sent.probe)


def learn_own(account: Account, seen: Observation, now: float) -> None:
    """Add what varies in a request and how that was answered, once the rest is known for fixed."""
    account.skeleton = account.skeleton.learn(seen.sent.turn)
    for value in seen.others:
        account.payloads = account.payloads.add(value)
    for own in (seen.own, *seen.more):
        if own.hash is not None:
            account.payloads = account.payloads.add(own.hash)
        if account.exchanges < KNOWN_FROM:
            continue
        if account.texts is None:
            account.texts = Texts(now)
        text = Text(own, seen.sent.signature)
        if learn_text(account.texts, text, now) and not seen.more:
            learn_answer(account.texts, seen)


def quiet(account: Account) -> None:
    """Forget what spoke against an account; what it used of its budgets stays."""
    account.probing = account.texts = account.conduct = None
    account.payloads = Distinct.of(DISTINCT)
    account.held_until = 0.0
    account.risk = 0.0
