from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pydantic import ValidationError

from distillgate.account.account import Account, quiet
from distillgate.dialects.chat import CHAT
from distillgate.policy import policy
from distillgate.policy.decision import Action, Decision, Ruling
from distillgate.policy.enforcement import EnforcementSettings, KeyedRandom, not_enforced
from distillgate.policy.group_budget import Pool
from distillgate.policy.ledger import book, charge
from distillgate.policy.parties import Named, Parties, named
from distillgate.policy.plans import PlanSettings, PlansSettings
from distillgate.policy.policy import Exemption, PolicySettings, exemption, transition
from distillgate.risk.fuse import NO_RISK, Risk
from distillgate.signals.signal import Family, Signal
from distillgate.wire.exchange import Exchange
from distillgate.wire.request import from_document

DEFAULT = PolicySettings()
HOUR = 3600.0


def account() -> Account:
    return Account.new("a", 1, 0.0)


def exchange(plan: str | None = None, id: str = "", **fields: Any) -> Exchange:  # noqa: A002
    return Exchange("a", from_document(CHAT, fields), plan=plan, id=id)


def risk(total: float, families: int = 2) -> Risk:
    names = [Family.LINKAGE, Family.HARVEST][:families]
    signals = tuple(Signal(n.value, n, total / families, "why") for n in names)
    return Risk(total, {s.family.value: s.llr for s in signals}, signals)


class Decided(NamedTuple):
    """A ruling, and what it changes."""

    ruling: Ruling
    change: str


def parties_of(who: Account, asked: Exchange, settings: PolicySettings) -> Parties:
    plan = settings.plans.of(asked.plan)
    return Parties(who, who, plan=plan, names=named(asked, plan, hash))


def judge(
    asked: Exchange, who: Account, found: Risk, now: float, settings: PolicySettings, why: str = ""
) -> Decided:
    """Decide, and let the ruling stand; `why` says why it is not acted on."""
    parties = parties_of(who, asked, settings)
    ruling = replace(policy.decide(parties, found, now, settings), not_enforced=why)
    change, standing = transition(who, ruling)
    book(charge(parties, now, (), standing=standing), parties, now)
    return Decided(ruling, change)


def decide(
    asked: Exchange, who: Account, found: Risk, now: float, settings: PolicySettings
) -> Ruling:
    return judge(asked, who, found, now, settings).ruling


def test_no_risk_is_allowed_without_a_word() -> None:
    decision = decide(exchange(), account(), NO_RISK, 0.0, DEFAULT)

    assert decision.action is Action.ALLOW
    assert (decision.code, decision.expires) == ("", None)


def test_a_decision_gives_its_reasons() -> None:
    ruling = decide(exchange(), account(), risk(3.0), 0.0, DEFAULT)
    decision = Decision.of("a", ruling, risk(3.0))

    assert decision.risk == 3.0
    assert sum(reason.llr for reason in decision.reasons) == pytest.approx(3.0)
    assert decision.families == {"linkage": 1.5, "harvest": 1.5}


def test_a_restriction_names_its_end() -> None:
    decision = decide(exchange(), account(), risk(3.0), 1000.0, DEFAULT)

    assert decision.action is Action.THROTTLE
    assert decision.expires == 1000.0 + DEFAULT.ladder.hold_hours * HOUR
    assert decision.code


@pytest.mark.parametrize("left", [risk(1.5), risk(0.5), NO_RISK])
def test_a_restriction_is_held_to_its_end_whatever_the_evidence_comes_to(left: Risk) -> None:
    who = account()
    decide(exchange(), who, risk(20.0), 0.0, DEFAULT)

    held = [decide(exchange(), who, left, hour * HOUR, DEFAULT) for hour in (0.1, 12, 23.9)]
    after = decide(exchange(), who, left, 24 * HOUR, DEFAULT)

    assert {one.action for one in held} == {Action.THROTTLE}
    assert {(one.decided_by, one.expires) for one in held} == {("hold", 24 * HOUR)}
    assert not after.action.restricts


def test_a_person_ends_a_restriction_before_its_hold_does() -> None:
    pardoned, lifted = account(), account()
    for who in (pardoned, lifted):
        decide(exchange(), who, risk(20.0), 0.0, DEFAULT)
    quiet(pardoned)
    lifted.lifted_until = 2 * HOUR

    assert decide(exchange(), pardoned, NO_RISK, 1.0, DEFAULT).action is Action.ALLOW
    assert decide(exchange(), lifted, risk(20.0), 1.0, DEFAULT).action is Action.OBSERVE


def test_who_is_watched_is_observed_and_feels_nothing() -> None:
    who = account()
    watched, restricted = (
        policy.decide(Parties(who, who), found, 0.0, DEFAULT, bearing=policy.Bearing(watched=True))
        for found in (NO_RISK, risk(3.0))
    )

    assert watched.action is Action.OBSERVE
    assert watched.expires is None
    assert restricted.action is Action.THROTTLE


@pytest.mark.parametrize("total", [3.0, 8.0, 50.0])
def test_the_exempt_are_observed_and_no_more(total: float) -> None:
    listed = PolicySettings(exemptions=[Exemption(account="a", reason="audit", expires=100.0)])
    by_plan = PolicySettings(
        plans=PlansSettings(named={"research": PlanSettings(exempt=True)}),
    )

    for decision in (
        decide(exchange(), account(), risk(total), 99.0, listed),
        decide(exchange("research"), account(), risk(total), 99.0, by_plan),
    ):
        assert decision.action is Action.OBSERVE
        assert decision.risk == total
        assert decision.expires is None


def test_an_exemption_ends() -> None:
    settings = PolicySettings(exemptions=[Exemption(reason="audit", expires=100.0)])

    assert decide(exchange(), account(), risk(3.0), 100.0, settings).action is Action.THROTTLE


def test_an_exempt_account_is_not_held_when_its_exemption_ends() -> None:
    settings = PolicySettings(exemptions=[Exemption(reason="audit", expires=100.0)])
    who = account()
    decide(exchange(), who, risk(3.0), 50.0, settings)

    assert not decide(exchange(), who, risk(1.5), 101.0, settings).action.restricts


@given(
    st.dictionaries(st.sampled_from(["linkage", "harvest"]), st.floats(-20, 20)),
    st.floats(0, 20),
)
def test_decisions_are_no_milder_for_more_risk(families: dict[str, float], more: float) -> None:
    harder = {name: llr + more for name, llr in families.items()}

    first, second = (
        decide(exchange(), account(), Risk(sum(f.values()), f, ()), 0.0, DEFAULT).action
        for f in (families, harder)
    )

    assert second >= first


def lifted(until: float) -> Account:
    who = account()
    who.lifted_until = until
    return who


def test_who_was_lifted_is_left_alone_until_then() -> None:
    decision = decide(exchange(), lifted(100.0), risk(30.0), 99.0, DEFAULT)

    assert decision.action is Action.OBSERVE
    assert (decision.unadjusted, decision.decided_by) == (Action.REFUSE, "lift")
    assert decide(exchange(), lifted(100.0), risk(30.0), 100.0, DEFAULT).action is Action.REFUSE


def test_a_verified_customer_is_throttled_at_most() -> None:
    settings = PolicySettings(plans=PlansSettings(named={"pro": PlanSettings(verified=True)}))

    decision = decide(exchange("pro"), account(), risk(30.0), 0.0, settings)

    assert decision.action is Action.THROTTLE
    assert decision.decided_by == "plan: pro is verified"


def test_an_exemption_may_reach_only_so_far() -> None:
    listed = [Exemption(reason="audit", at_most="throttle")]

    decision = decide(exchange(), account(), risk(30.0), 0.0, PolicySettings(exemptions=listed))

    assert decision.action is Action.THROTTLE
    assert decision.decided_by == "exemption: audit"


def test_a_decision_says_who_took_it() -> None:
    who = account()

    assert decide(exchange(), who, risk(3.0), 0.0, DEFAULT).decided_by == "ladder"
    assert decide(exchange(), who, risk(1.5), 1.0, DEFAULT).decided_by == "hold"


def changes(who: Account, *risks: float, settings: PolicySettings = DEFAULT) -> list[str]:
    """Decide once a day and an hour: what is held has ended by then."""
    found = []
    for day, total in enumerate(risks):
        found.append(judge(exchange(), who, risk(total), 25 * HOUR * day, settings).change)
    return found


def test_a_restrictions_begin_hardening_and_end_are_noted_once() -> None:
    assert changes(account(), 0.1, 3.0, 3.0, 7.0, 3.0, 0.1, 0.1, 3.0) == [
        "", "restricted", "", "restricted", "", "released", "", "restricted",
    ]  # fmt: skip


def test_when_it_is_acted_on_at_last_is_noted() -> None:
    who = account()
    reasons = ("onset", "onset", "", "")
    found = [judge(exchange(), who, risk(3.0), 0.0, DEFAULT, why).change for why in reasons]

    assert found == ["restricted", "", "restricted", ""]


def test_that_an_exemption_stands_against_a_restriction_is_noted_once() -> None:
    exempt = PolicySettings(exemptions=[Exemption(reason="audit")])

    assert changes(account(), 0.1, 3.0, 9.0, 0.1, settings=exempt) == ["", "exempted", "", ""]


def test_who_is_acted_on_is_so_while_the_restriction_is_held() -> None:
    who, settings = account(), EnforcementSettings(onset_exchanges=1e9)
    decide(exchange(), who, risk(3.0), 0.0, DEFAULT)

    held = decide(exchange(), who, risk(1.5), 1.0, DEFAULT)

    assert held.decided_by == "hold"
    assert not_enforced(who, (Pool("another"),), KeyedRandom(b"key"), settings) == ""
    decide(exchange(), who, risk(0.1), 25 * HOUR, DEFAULT)
    assert not_enforced(who, (Pool("another"),), KeyedRandom(b"key"), settings) == "onset"


def test_who_is_new_is_only_watched_and_nobody_is_told_of_an_exemption() -> None:
    who = account()
    new, known = (
        policy.decide(Parties(who, who), risk(12.0), 0.0, DEFAULT, bearing=policy.Bearing(reach))
        for reach in (Action.OBSERVE, Action.REFUSE)
    )

    assert (new.action, new.decided_by) == (Action.OBSERVE, "new")
    assert transition(who, new) == ("", None)
    assert known.action is Action.REFUSE


def parties(
    account: str = "a-1", organisation: str | None = "acme", plan: str | None = "pro"
) -> tuple[Named, ...]:
    return (Named(account, organisation, plan),)


@pytest.mark.parametrize(
    "covering",
    [
        Exemption(reason="r"),
        Exemption(account="a-1", reason="r"),
        Exemption(account="a-*", reason="r"),
        Exemption(organisation="acme", plan="p?o", reason="r"),
        Exemption(account="a-[12]", expires=100.5, reason="r"),
    ],
)
def test_all_given_patterns_must_match_and_do(covering: Exemption) -> None:
    assert exemption(parties(), [covering], 100.0) is covering


@pytest.mark.parametrize(
    "other",
    [
        Exemption(account="a-2", reason="r"),
        Exemption(account="A-1", reason="r"),
        Exemption(account="a-1", organisation="other", reason="r"),
        Exemption(account="a-1", plan="free", reason="r"),
        Exemption(account="a-1", expires=100.0, reason="r"),
    ],
)
def test_an_exemption_of_others_or_of_yesterday_covers_nobody(other: Exemption) -> None:
    assert exemption(parties(), [other], 100.0) is None


def test_who_has_no_organisation_or_plan_matches_only_the_star() -> None:
    alone = parties(organisation=None, plan=None)

    assert exemption(alone, [Exemption(organisation="acme", reason="r")], 0.0) is None
    assert exemption(alone, [Exemption(organisation="?*", reason="r")], 0.0) is None
    assert exemption(alone, [Exemption(plan="pro", reason="r")], 0.0) is None
    assert exemption(alone, [Exemption(reason="r")], 0.0) is not None


def test_the_first_that_matches_counts() -> None:
    gone = Exemption(expires=5.0, reason="gone")
    first, second = Exemption(reason="first"), Exemption(reason="second")

    assert exemption(parties(), [gone, first, second], 10.0) is first
    assert exemption(parties(), [], 10.0) is None


def test_an_exemption_needs_a_reason() -> None:
    with pytest.raises(ValidationError, match="reason"):
        Exemption.model_validate({"account": "a"})


def test_what_spares_an_account_spares_those_it_acts_for() -> None:
    front_end = parties(account="front", organisation="acme")
    asked = (Named("front/0001", None, "pro"), *front_end)

    listed = [
        Exemption(account="front", reason="r"),
        Exemption(account="front/0001", reason="r"),
        Exemption(organisation="acme", reason="r"),
    ]
    for one in listed:
        assert exemption(asked, [one], 0.0) is one
    assert exemption(asked, [Exemption(account="front/0002", reason="r")], 0.0) is None
