"""The stage: Risk -> Decision, within plans, exemptions and pardons."""

from distillgate.account.account import Account
from distillgate.account.windows import HOUR
from distillgate.policy.charge import Standing
from distillgate.policy.decision import EXEMPT, Action, Decision, Reason
from distillgate.policy.enforcement import ACTED_ON, EnforcementSettings
from distillgate.policy.exemptions import Exemption, exemption
from distillgate.policy.group_budget import GroupBudgetSettings
from distillgate.policy.ladder import LadderSettings, rung
from distillgate.policy.plans import PlansSettings
from distillgate.policy.throttle import ThrottleSettings
from distillgate.risk.fuse import Risk
from distillgate.settings import Settings
from distillgate.wire.exchange import Exchange


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


def decide(
    exchange: Exchange,
    account: Account,
    risk: Risk,
    now: float,
    settings: PolicySettings,
    *,
    presumed: bool = False,
    watched: bool = False,
) -> Decision:
    """Decide what becomes of an exchange by its risk; budgets come after (`policy.admission`).

    `presumed` says that what an account shares with a group is all that speaks against it, for want
    of texts of its own: then it is slowed down at most. Who is new is nobody yet. `watched` says
    that it acts with others that have used much of their budget, and are within it.
    """
    decision = Decision(
        account=account.name,
        risk=risk.total,
        families=risk.families,
        reasons=tuple(Reason(s.name, s.family.value, s.llr, s.text) for s in risk.signals),
    )
    ladder, action = settings.ladder, rung(risk, settings.ladder)
    if watched and action is Action.ALLOW:
        action = Action.OBSERVE
    decision.earned = action
    most, word = _most(exchange, account, now, settings)
    if action > most:
        action, decision.by, decision.code = most, word, EXEMPT
    if presumed and action > Action.THROTTLE:
        action, decision.by = Action.THROTTLE, "new"
    held_until = account.held_until
    if action.restricts:
        held_until = now + ladder.hold_hours * HOUR
    elif now < held_until and most.restricts:
        action, decision.by = Action.THROTTLE, "hold"
    if action.restricts:
        decision.code = "suspected_extraction"
        decision.expires = held_until
    decision.action = action
    return decision


def note(account: Account, decision: Decision) -> Standing | None:
    """Say in `decision.change` what it changes for its account, and give how that stands then.

    `restricted` where a restriction begins, hardens or is acted on at last; `released` where it
    ends; `exempted` where somebody's word first stands against one. None where nothing changes.
    """
    before = restriction = account.restriction
    if decision.action.restricts:
        restriction = max(before, decision.action + ACTED_ON * (not decision.spared))
        decision.change = "restricted" if restriction > before else ""
    elif decision.earned.restricts:
        decision.change, restriction = "exempted" if before != _EXEMPTED else "", _EXEMPTED
    elif before:
        decision.change, restriction = "released" if before != _EXEMPTED else "", 0
    held_until = account.held_until if decision.expires is None else decision.expires
    if (held_until, restriction) == (account.held_until, before) and not decision.action.restricts:
        return None
    return Standing(decision.risk, held_until, restriction)


_EXEMPTED = -1


def _most(
    exchange: Exchange, account: Account, now: float, settings: PolicySettings
) -> tuple[Action, str]:
    """Give the hardest action that somebody's word allows, and whose word it is."""
    plan = settings.plans.of(exchange.plan)
    if now < account.lifted_until:
        return Action.OBSERVE, "lift"
    covered = exemption(exchange, settings.exemptions, now)
    if covered is not None:
        return Action[covered.at_most.upper()], f"exemption: {covered.reason}"
    if plan.exempt:
        return Action.OBSERVE, f"plan: {exchange.plan or 'default'} is exempt"
    if plan.verified:
        return Action.THROTTLE, f"plan: {exchange.plan or 'default'} is verified"
    return Action.REFUSE, ""
