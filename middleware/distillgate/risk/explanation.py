"""Why: an account's or a group's evidence, as values a person or a program can read."""

from dataclasses import dataclass

from distillgate.account.account import Account, AccountSettings
from distillgate.account.windows import Counts
from distillgate.campaign.group import Group
from distillgate.risk.actor import Actor
from distillgate.risk.fuse import Risk
from distillgate.signals.signal import Signal

_CLEARS = {
    "linkage": "the accounts declare one organisation, or come to differ in what and how they ask",
    "harvest": "the group sends fewer different texts, or the operator raises the actor's budget",
    "content": "fewer requests ask for the reasoning to be written out",
    "surface": "fewer different tokens are biased, or log-probabilities are left out",
}
_HONEST = {
    "linkage": "one company may spread its own work over undeclared keys",
    "harvest": "batch work and evaluation runs send many different texts too",
    "content": "teachers, auditors and evaluation harnesses ask for reasoning too",
    "surface": "calibrated classifiers bias tokens too, the same few in every request",
}


@dataclass(frozen=True, slots=True)
class Contribution:
    """One signal's share of a risk, in nats."""

    signal: str
    family: str
    llr: float
    text: str


@dataclass(frozen=True, slots=True)
class Activity:
    """How much an account did over the last minute, hour and day, and in the fading memory."""

    requests: Counts
    prompt_tokens: Counts
    output_tokens: Counts


@dataclass(frozen=True, slots=True)
class AccountExplanation:
    """One account's evidence. The contributions sum to `risk`."""

    account: str
    organisation: str | None
    first_seen: float
    last_seen: float
    activity: Activity
    distinct_texts: float
    risk: float
    families: dict[str, float]
    contributions: tuple[Contribution, ...]
    group: str | None
    restricted_until: float | None
    pardoned_until: float | None
    honest_explanation: str
    cleared_by: str


@dataclass(frozen=True, slots=True)
class GroupExplanation:
    """One group's evidence, and how far it is, as one actor, into its budget."""

    group: str
    kind: str
    first_seen: float
    last_seen: float
    units: int
    exchanges: int
    linked: bool
    risk: float
    families: dict[str, float]
    contributions: tuple[Contribution, ...]
    strongest: tuple[str, ...]
    members: tuple[str, ...]
    distinct_texts: float
    budget: float | None
    honest_explanation: str
    cleared_by: str


@dataclass(frozen=True, slots=True)
class ActorSummary:
    """One group that one operator feeds, in a line."""

    id: str
    """Its name, where it has one."""
    code: str
    """Its own reference, whatever people call it."""
    kind: str
    units: int
    exchanges: int
    link: float
    risk: float
    first_seen: float
    last_seen: float


def contributions(signals: tuple[Signal, ...]) -> tuple[Contribution, ...]:
    """Give signals as contributions, the strongest first."""
    ordered = sorted(signals, key=lambda signal: -abs(signal.llr))
    return tuple(Contribution(s.name, s.family.value, s.llr, s.text) for s in ordered)


def explain_account(
    account: Account, risk: Risk, group: Group | None, now: float, settings: AccountSettings
) -> AccountExplanation:
    """Explain one account as it stands at `now`."""
    half_life = settings.half_life
    return AccountExplanation(
        account=account.name,
        organisation=account.organisation,
        first_seen=account.first_seen,
        last_seen=account.last_seen,
        activity=Activity(
            account.requests.read(now, half_life),
            account.prompt.read(now, half_life),
            account.output.read(now, half_life),
        ),
        distinct_texts=account.payloads.estimate(),
        risk=risk.total,
        families=risk.families,
        contributions=contributions(risk.signals),
        group=group.id if group is not None else None,
        restricted_until=account.held_until if account.held_until > now else None,
        pardoned_until=account.pardoned_until if account.pardoned_until > now else None,
        honest_explanation=_strongest(risk, _HONEST),
        cleared_by=_strongest(risk, _CLEARS),
    )


def explain_group(
    group: Group, risk: Risk, *, linked: bool, budget: float | None, members: tuple[str, ...]
) -> GroupExplanation:
    """Explain one group as it stood when it was last examined."""
    listed = contributions(risk.signals)
    return GroupExplanation(
        group=group.id,
        kind=group.kind.value,
        first_seen=group.first_seen,
        last_seen=group.last_seen,
        units=len(group.rows),
        exchanges=group.exchanges,
        linked=linked,
        risk=risk.total,
        families=risk.families,
        contributions=listed,
        strongest=tuple(c.text for c in listed if c.llr > 0)[:3],
        members=members,
        distinct_texts=group.evidence.distinct if group.evidence else group.repeats.distinct(),
        budget=budget,
        honest_explanation=_strongest(risk, _HONEST),
        cleared_by=_strongest(risk, _CLEARS),
    )


def summarise(actor: Actor, risk: Risk) -> ActorSummary:
    """Give a linked group as one line; `risk` is what its signals fuse to."""
    group = actor.group
    return ActorSummary(
        id=group.id,
        code=group.code,
        kind=group.kind.value,
        units=len(group.rows),
        exchanges=group.exchanges,
        link=group.link,
        risk=risk.total,
        first_seen=group.first_seen,
        last_seen=group.last_seen,
    )


def _strongest(risk: Risk, sentences: dict[str, str]) -> str:
    if not risk.families:
        return "nothing speaks against it"
    family = max(risk.families, key=lambda name: risk.families[name])
    return sentences.get(family, "") if risk.families[family] > 0 else "nothing speaks against it"
