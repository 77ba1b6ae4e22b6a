"""What is remembered of one account between its requests."""

from collections.abc import Iterable

from distillgate.account.bucket import Buckets
from distillgate.account.distinct import Distinct
from distillgate.account.skeleton import Skeleton
from distillgate.account.windows import DAY, Windows
from distillgate.fingerprint.fingerprint import Fingerprint
from distillgate.settings import Settings
from distillgate.wire.exchange import Exchange, Outcome


class AccountSettings(Settings):
    """How much is remembered, and for how long."""

    max_accounts: int = 200_000
    """Accounts in memory; beyond it the least suspicious of the longest idle one goes."""
    half_life_days: float = 45.0
    """Half-life of the long memory: a slow campaign is weeks long (45 days in one disclosure)."""
    distinct_size: int = 48
    """Hashes kept to count an account's distinct varying texts (relative error 0.15)."""
    probe_tokens_size: int = 64
    """Hashes kept to count the distinct token ids an account biases."""

    @property
    def half_life(self) -> float:
        """The half-life in seconds."""
        return self.half_life_days * DAY


class Account:
    """One account's memory. Holds counts and sketches, no text."""

    __slots__ = (
        "biased",
        "buckets",
        "created",
        "exchanges",
        "first_seen",
        "held_until",
        "in_flight",
        "last_seen",
        "name",
        "organisation",
        "output",
        "pardoned_until",
        "payloads",
        "probes",
        "prompt",
        "requests",
        "risk",
        "single_tokens",
        "skeleton",
        "unit",
    )

    def __init__(self, name: str, unit: int, now: float, settings: AccountSettings) -> None:
        self.name = name
        self.unit = unit
        """Hash of whom it acts for: its declared organisation, or itself."""
        self.organisation: str | None = None
        self.created: float | None = None
        self.first_seen = now
        self.last_seen = now
        self.requests = Windows()
        self.prompt = Windows()
        self.output = Windows()
        self.payloads = Distinct(settings.distinct_size)
        self.exchanges = 0
        self.probes = 0
        """Requests that read token probabilities or bias tokens."""
        self.single_tokens = 0
        """Of them, requests for a single token."""
        self.biased: Distinct | None = None
        self.skeleton = Skeleton()
        """What it always sends."""
        self.risk = 0.0
        """The last fused risk; eviction weighs it."""
        self.buckets: Buckets | None = None
        """What it used of its budgets; None where it has none."""
        self.in_flight = 0
        self.held_until = 0.0
        """A restriction lasts at least until then."""
        self.pardoned_until = 0.0
        """Evidence of its groups is not held against it until then."""


def learn_request(
    account: Account,
    exchange: Exchange,
    fingerprint: Fingerprint,
    tokens: int,
    now: float,
    settings: AccountSettings,
) -> None:
    """Add one request to an account's memory. An SDK's own retries are not new traffic."""
    account.last_seen = max(account.last_seen, now)
    if exchange.retry:
        return
    account.organisation = exchange.organisation
    account.created = exchange.attributes.created or account.created
    account.requests.add(1.0, now, settings.half_life)
    account.prompt.add(float(tokens), now, settings.half_life)
    account.exchanges += 1
    if fingerprint.probe is not None:
        account.probes += 1
        account.single_tokens += fingerprint.probe.single_token
        _learn_biased(account, fingerprint.probe.tokens, settings)


def _learn_biased(account: Account, tokens: Iterable[str], settings: AccountSettings) -> None:
    if account.biased is None:
        account.biased = Distinct(settings.probe_tokens_size)
    for token in tokens:
        account.biased.add(_spread(token))


def _spread(token: str) -> int:
    # splitmix64's finaliser: ids are consecutive, the sketch wants them uniform.
    number = int(token) if token.isdecimal() else int.from_bytes(token.encode(errors="replace"))
    value = number + 0x9E3779B97F4A7C15
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ value >> 27) * 0x94D049BB133111EB % 2**64
    return value ^ value >> 31


def learn_outcome(
    account: Account, outcome: Outcome, now: float, settings: AccountSettings
) -> None:
    """Add what became of a request."""
    if outcome.completion_tokens is not None:
        account.output.add(float(outcome.completion_tokens), now, settings.half_life)
