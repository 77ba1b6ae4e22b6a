"""The stage: Risk -> Decision, within plans, exemptions and pardons."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Literal

from distillgate.account.account import Account
from distillgate.account.windows import HOUR
from distillgate.policy.charge import AccountStatus
from distillgate.policy.decision import EXEMPT, Action, Ruling
from distillgate.policy.directives import ORDERED, Directive
from distillgate.policy.enforcement import ACTED_ON, EnforcementSettings
from distillgate.policy.group_budget import GroupBudgetSettings
from distillgate.policy.ladder import LadderSettings, rung
from distillgate.policy.parties import Named, Parties
from distillgate.policy.plans import PlansSettings
from distillgate.policy.throttle import ThrottleSettings
from distillgate.records import FrozenStruct
from distillgate.risk.fuse import Risk
from distillgate.settings import Settings


class Exemption(Settings):
    """One exemption. Patterns are shell-style; those given must all match."""

    account: str = "*"
    """The account's name, as logs give it."""
    organisation: str = "*"
    """The declared organisation; an account without one matches only `*`."""
    plan: str = "*"
    """The plan's name; an account without one matches only `*`."""
    at_most: Literal["observe", "throttle", "degrade"] = "observe"
    """The hardest action that may still be taken."""
    reason: str
    """Why: it is logged with every decision it changes."""
    expires: float | None = None
    """When it ends, in seconds since the epoch; null never."""


def exemption(parties: Iterable[Named], listed: list[Exemption], now: float) -> Exemption | None:
    """Find the exemption that covers who is scored, or who pays."""
    for candidate in listed:
        if candidate.expires is not None and now >= candidate.expires:
            continue
        if any(_covers(candidate, party) for party in parties):
            return candidate
    return None


def _covers(candidate: Exemption, party: Named) -> bool:
    return (
        fnmatchcase(party.account, candidate.account)
        and fnmatchcase(party.organisation or "", candidate.organisation)
        and fnmatchcase(party.plan or "", candidate.plan)
    )


class PolicySettings(Settings):
    """What may be done, to whom."""

    plans: PlansSettings = PlansSettings()
    """What accounts bought."""
    ladder: LadderSettings = LadderSettings()
    """From risk to action."""
    group_budget: GroupBudgetSettings = GroupBudgetSettings()
    """What restricted accounts still get, all accounts of one actor together."""
    throttle: ThrottleSettings = ThrottleSettings()
    """How throttling feels."""
    enforcement: EnforcementSettings = EnforcementSettings()
    """How much of enforce mode is enforced: roll-out, hold-out, onset."""
    exemptions: list[Exemption] = []
    """Who is left alone."""


class Bearing(FrozenStruct, frozen=True):
    """How a group's evidence bears on one of its accounts."""

    reach: Action = Action.REFUSE
    """The hardest action that it is good for: less, where the account is taken for one of the group
    by what it shares, as it sent hardly any text of its own."""
    lapses: bool = False
    """It rests on others' report: a restriction is held for no longer than it is earned."""
    watched: bool = False
    """The group used much of its budget, and is within it."""


_BEARING = Bearing()


def decide(
    parties: Parties,
    risk: Risk,
    now: float,
    settings: PolicySettings,
    *,
    bearing: Bearing = _BEARING,
    directive: Directive | None = None,
) -> Ruling:
    """Decide what becomes of an exchange by its risk; budgets come after (`policy.admission`).

    `bearing` is what a group's evidence is good for against the account. `directive` is what a
    person ordered of the account; what the configuration exempts it still exempts.
    """
    ladder, account, decided_by, code = settings.ladder, parties.account, "ladder", ""
    action = rung(risk, ladder)
    if bearing.watched and action is Action.ALLOW:
        action = Action.OBSERVE
    unadjusted = action
    most, word = _most(parties, now, settings, directive)
    if action > most:
        action, decided_by, code = most, word, EXEMPT
    if action > bearing.reach:
        action, decided_by = bearing.reach, _NEW
    held_until = account.held_until
    if action.restricts:
        held_until = max(held_until, now) if bearing.lapses else now + ladder.hold_hours * HOUR
    elif now < held_until and most.restricts:
        action, decided_by = Action.THROTTLE, "hold"
    expires = None
    if directive is not None and action < (least := min(directive.least, most)):
        action, decided_by, held_until = least, ORDERED + directive.reason, directive.until
    if action.restricts:
        code, expires = "suspected_extraction", held_until
    return Ruling(risk.total, action, unadjusted, decided_by, code, expires)


def transition(account: Account, ruling: Ruling) -> tuple[str, AccountStatus | None]:
    """Return what a ruling changes for its account, and how that stands then.

    `restricted` where a restriction begins, hardens or is acted on at last; `released` where it
    ends; `exempted` where somebody's word first stands against one. None where nothing changes.
    """
    change, before = "", account.restriction
    restriction = before
    if ruling.action.restricts:
        restriction = max(before, ruling.action + ACTED_ON * (not ruling.not_enforced))
        change = "restricted" if restriction > before else ""
    elif ruling.unadjusted.restricts and ruling.decided_by != _NEW:
        change, restriction = "exempted" if before != _EXEMPTED else "", _EXEMPTED
    elif before:
        change, restriction = "released" if before != _EXEMPTED else "", 0
    held_until = account.held_until if ruling.expires is None else ruling.expires
    if (held_until, restriction) == (account.held_until, before) and not ruling.action.restricts:
        return change, None
    return change, AccountStatus(ruling.risk, held_until, restriction)


_EXEMPTED = -1
_NEW = "new"


def _most(
    parties: Parties,
    now: float,
    settings: PolicySettings,
    directive: Directive | None,
) -> tuple[Action, str]:
    """Return the hardest action that somebody's word allows, and whose word it is."""
    plan, name = parties.plan, parties.plan_name
    if now < parties.account.lifted_until:
        return Action.OBSERVE, "lift"
    if directive is not None and directive.deed == "exempt":
        return Action.OBSERVE, ORDERED + directive.reason
    covered = exemption(parties.names, settings.exemptions, now)
    if covered is not None:
        return Action[covered.at_most.upper()], f"exemption: {covered.reason}"
    if plan.exempt:
        return Action.OBSERVE, f"plan: {name} is exempt"
    if plan.verified:
        return Action.THROTTLE, f"plan: {name} is verified"
    return Action.REFUSE, ""
