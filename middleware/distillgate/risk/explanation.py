"""Why: an account's or a group's evidence, as values a person or a program can read."""

from collections.abc import Sequence
from dataclasses import dataclass

from distillgate.account.account import Account
from distillgate.account.windows import Activity
from distillgate.campaign.group import Group
from distillgate.risk.actor import Actor
from distillgate.risk.fuse import Risk
from distillgate.signals.signal import Signal

_NOTHING = "nothing speaks against it"


@dataclass(frozen=True, slots=True)
class Contribution:
    """One signal's share of a risk, in nats, with what speaks against taking it at its word."""

    signal: str
    family: str
    llr: float
    text: str
    since: float | None
    """When the first of its evidence was seen; None where that is not known."""
    until: float | None
    honest_explanation: str
    cleared_by: str


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
    principals: int
    exchanges: int
    linked: bool
    risk: float
    families: dict[str, float]
    contributions: tuple[Contribution, ...]
    strongest: tuple[str, ...]
    members: tuple[str, ...]
    distinct_texts: float
    value_tokens: float | None
    """What it took; None where it has not been examined..."""
    budget: float | None
    """...and what one actor that works as openly may take."""
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
    principals: int
    exchanges: int
    link: float
    risk: float
    first_seen: float
    last_seen: float


def contributions(signals: tuple[Signal, ...]) -> tuple[Contribution, ...]:
    """Return signals as contributions, the strongest first."""
    ordered = sorted(signals, key=lambda signal: -abs(signal.llr))
    return tuple(
        Contribution(
            s.name, s.family.value, s.llr, s.text, s.since, s.until, s.doubt.honest, s.doubt.clears
        )
        for s in ordered
    )


def explain_account(
    account: Account,
    risk: Risk,
    group: Group | None,
    now: float,
    *,
    line: float,
) -> AccountExplanation:
    """Explain one account as it stands at `now`; below a risk of `line` it is not restricted."""
    return AccountExplanation(
        account=account.name,
        organisation=account.organisation,
        first_seen=account.first_seen,
        last_seen=account.last_seen,
        activity=account.usage.read(now),
        distinct_texts=account.payloads.estimate(),
        risk=risk.total,
        families=risk.families,
        contributions=contributions(risk.signals),
        group=group.id if group is not None else None,
        restricted_until=account.held_until if account.held_until > now else None,
        pardoned_until=account.pardoned_until if account.pardoned_until > now else None,
        honest_explanation=_honest(risk),
        cleared_by=cheapest(risk, line),
    )


def explain_group(
    group: Group,
    risk: Risk,
    *,
    linked: bool,
    allowance: float | None,
    members: tuple[str, ...],
    line: float,
) -> GroupExplanation:
    """Explain one group as it stood when it was last examined."""
    listed = contributions(risk.signals)
    return GroupExplanation(
        group=group.id,
        kind=group.kind.value,
        first_seen=group.first_seen,
        last_seen=group.last_seen,
        principals=len(group.rows),
        exchanges=group.exchanges,
        linked=linked,
        risk=risk.total,
        families=risk.families,
        contributions=listed,
        strongest=tuple(c.text for c in listed if c.llr > 0)[:3],
        members=members,
        distinct_texts=group.evidence.distinct if group.evidence else group.repeats.distinct(),
        value_tokens=group.evidence.taken.tokens if group.evidence else None,
        budget=allowance,
        honest_explanation=_honest(risk),
        cleared_by=cheapest(risk, line),
    )


def summarise(actor: Actor, risk: Risk) -> ActorSummary:
    """Return a linked group as one line; `risk` is what its signals fuse to."""
    group = actor.group
    return ActorSummary(
        id=group.id,
        code=group.code,
        kind=group.kind.value,
        principals=len(group.rows),
        exchanges=group.exchanges,
        link=group.link,
        risk=risk.total,
        first_seen=group.first_seen,
        last_seen=group.last_seen,
    )


def cheapest(risk: Risk, line: float) -> str:
    """Return which change, or which few together, would bring a risk below `line`.

    One is enough where the weakest signal that suffices is named; else the strongest are named
    until they suffice. Below the line already, the strongest signal's is named.
    """
    against = sorted((s for s in risk.signals if s.llr > 0), key=lambda s: s.llr)
    if not against:
        return _NOTHING
    if risk.total < line:
        return against[-1].doubt.clears
    for signal in against:
        if _without((signal,), risk) < line:
            return signal.doubt.clears
    needed: list[Signal] = []
    for signal in reversed(against):
        needed.append(signal)
        if _without(needed, risk) < line:
            break
    return "; and ".join(dict.fromkeys(signal.doubt.clears for signal in needed))


def _without(gone: Sequence[Signal], risk: Risk) -> float:
    """Return the risk without some of its signals. What a family's cap held back comes forward."""
    total = risk.total
    for family, llr in risk.families.items():
        over = risk.over.get(family, 0.0)
        full = (llr + over) / llr if over else 1.0
        less = full * sum(signal.llr for signal in gone if signal.family.value == family)
        total -= max(0.0, less - over)
    return total


def _honest(risk: Risk) -> str:
    strongest = max(risk.signals, key=lambda signal: signal.llr, default=None)
    return _NOTHING if strongest is None or strongest.llr <= 0 else strongest.doubt.honest
