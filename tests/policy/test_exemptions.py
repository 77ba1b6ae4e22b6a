import pytest
from pydantic import ValidationError

from distillgate.policy.exemptions import Exemption, exemption
from distillgate.policy.parties import Named


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
