"""The documents behind the pages, asked of an engine that a ring and honest people went through."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from distillgate.account.history import Event
from distillgate.account.windows import Usage
from distillgate.actions.effect import Effect
from distillgate.admin.console.account import account_page
from distillgate.admin.console.campaign import campaign_document
from distillgate.admin.console.health import health_document
from distillgate.admin.console.overview import campaigns_document, now_document
from distillgate.admin.console.render import Links, render
from distillgate.admin.console.review import review_document
from distillgate.admin.console.source import Source
from distillgate.campaign.jobs import complete
from distillgate.oversight.orders import Asked, give
from distillgate.oversight.roll import Roll
from distillgate.policy.decision import Action, Decision
from distillgate.policy.enforcement import ACTED_ON
from distillgate.telemetry.history import History

if TYPE_CHECKING:
    from tests.conftest import Worked

NOW = 1_800_010_000.0


@pytest.fixture
def source(worked: Worked) -> Source:
    return Source(
        worked.engine, History(lambda: NOW), NOW, "enforce", Roll(worked.engine), losing=("audit",)
    )


def test_now_counts_who_stands_how(source: Source) -> None:
    state = source.engine.state
    for account in state.accounts:
        account.restriction = 0
    ways = {
        "c-0": (ACTED_ON + 4, NOW + 9),
        "c-1": (2, NOW + 9),
        "c-2": (-1, 0.0),
        "c-3": (104, NOW - 9),
    }
    for name, (restriction, until) in ways.items():
        held = state.accounts.get(name)
        assert held is not None
        held.restriction, held.held_until = restriction, until
    pardoned = state.accounts.get("c-4")
    assert pardoned is not None
    pardoned.pardoned_until = NOW + 1

    found = complete(now_document(source))

    assert found["standing"] == {"acted_on": 1, "judged": 1, "pardoned": 1, "exempt": 1}
    assert [row["account"] for row in found["riskiest"]] in (["c-0", "c-1"], ["c-1", "c-0"])
    assert (found["mode"], found["losing"]) == ("enforce", ["audit"])
    assert found["remembered"]["accounts"] == len(state.accounts)
    assert found["last_hour"]["exchanges"] == 0
    assert source.standing(pardoned) == "pardoned"


def test_in_shadow_nobody_is_acted_on(worked: Worked) -> None:
    shadow = Source(worked.engine, History(lambda: NOW), NOW, "shadow", Roll(worked.engine))
    account = worked.engine.state.accounts.get("c-0")
    assert account is not None
    account.restriction, account.held_until = ACTED_ON + 4, NOW + 9

    assert shadow.standing(account) == "judged"


def test_campaigns_are_what_the_engine_holds_for_one_sender(source: Source, worked: Worked) -> None:
    found = complete(campaigns_document(source))

    [row] = found["campaigns"]  # its shape, its client and its template tie the same accounts
    assert worked.group in {tie["code"] for tie in row["ties"]}
    assert (found["known"], row["accounts"]) == (1, 16)
    assert row["plans"] == {"default": 16}
    assert row["counted_accounts"] == 0
    assert row["found"] == {}
    for number, says in enumerate(("confirmed", "confirmed", "honest")):
        asked = Asked(deed="label", by="ann", reason="", until=0.0, action=says)
        give(source.engine, f"c-{number}", asked, source.now)
    later = dataclasses.replace(source, roll=Roll(source.engine))
    [row] = complete(campaigns_document(later))["campaigns"]
    assert row["found"] == {"confirmed": 2, "honest": 1}


def test_a_campaign_is_shown_by_the_tie_that_is_asked_for_or_most_easily_checked(
    source: Source,
) -> None:
    [row] = complete(campaigns_document(source))["campaigns"]

    kinds = {}
    for name in (row["code"], *(tie["code"] for tie in row["ties"])):
        found: dict[str, Any] | None = complete(campaign_document(source, name))
        assert found is not None
        kinds[name] = found["group"]["kind"]
        assert found["campaign"]["code"] == row["code"]
    assert kinds.pop(row["code"]) == "prompt template"
    assert kinds == {tie["code"]: tie["kind"] for tie in row["ties"]}


def test_a_campaigns_evidence_adds_up_and_its_ties_name_what_is_shared(
    source: Source, worked: Worked
) -> None:
    found: dict[str, Any] | None = complete(campaign_document(source, worked.group))

    assert found is not None
    evidence = found["evidence"]
    assert sum(one["llr"] for one in evidence["families"]) == pytest.approx(evidence["risk"])
    assert all(one["llr"] <= one["cap"] for one in evidence["families"])
    assert list(evidence["rungs"].values()) == sorted(evidence["rungs"].values())
    ties = found["ties"]
    assert ties["hubs"][0]["code"] == worked.group
    assert ties["hubs"][0]["shared_by"] == 16
    assert all(one["hubs"][-1] < len(ties["hubs"]) for one in ties["accounts"] if one["hubs"])
    assert found["rho"]["linked"] == len([p for p in found["rho"]["points"] if p["linked"]])
    refill = source.engine.settings.policy.group_budget.refill
    assert found["pool"]["tokens_a_day"] == refill * found["campaign"]["budget"]


def test_who_shares_a_template_and_is_no_member_is_a_stray_with_a_reason(
    source: Source, worked: Worked
) -> None:
    account = source.engine.state.accounts.get("c-5")
    assert account is not None
    account.follows = account.exchanges = 400  # it talks, where the others do not

    found: dict[str, Any] | None = complete(campaign_document(source, worked.group))

    assert found is not None
    assert found["campaign"]["strays"] == 1
    [stray] = found["ties"]["strays"]
    assert stray["account"] == "c-5"
    assert stray["why"]
    assert "c-5" not in [one["account"] for one in found["members"]]


def test_what_is_no_campaign_has_no_document(source: Source) -> None:
    assert complete(campaign_document(source, "g-0")) is None
    assert account_page(source, "nobody") is None


def test_an_accounts_contributions_sum_to_its_risk(
    source: Source,
) -> None:
    found = account_page(source, "c-6")

    assert found is not None
    total = sum(one["llr"] for one in found["contributions"])
    assert total == pytest.approx(found["risk"])
    assert found["in_force"]["mode"] == "enforce"
    assert any(one["linked"] and one["share"] > 0 for one in found["groups"])
    assert found["budgets"] == []


def test_what_an_account_got_and_what_was_done_to_it_is_on_its_page(source: Source) -> None:
    account = source.engine.state.accounts.get("c-7")
    assert account is not None
    account.history = [
        Event(NOW - 9, "restricted", action="throttle", until=NOW + 9, texts=("work_list: much",)),
        Event(NOW - 5, "pardon", by="Ada", reason="<b>their auditor called</b>"),
    ]
    held = Decision("c-7", Action.THROTTLE, risk=2.5, enforced=True)
    source.outcomes.note(held, Effect("dg-1", "ticket-9", "throttled", "suspicion", 429, 7.0), NOW)
    cut = replace(held, action=Action.DEGRADE, enforced=False, not_enforced="onset")
    source.outcomes.note(cut, Effect("dg-2", measures=("reasoning",), completion_tokens=604), NOW)

    found = account_page(source, "c-7")

    assert found is not None
    assert [one["reference"] for one in found["recent"]] == ["dg-2", "dg-1"]
    more: dict[str, Any] = {"session": None, "title": "", "pages": (), "here": "", "shell": ""}
    more |= {"renewed": None, "otherwise": ""}
    text = "".join(render("account.html", found, Links("/c"), "accounts/c-7", api="", **more))
    for words in ("wait 7 seconds", "not enforced: onset", "reasoning", ">604<", "work list: much"):
        assert words in text
    assert "&lt;b&gt;their auditor called&lt;/b&gt;" in text


def test_review_begins_where_a_mistake_would_cost_most(source: Source) -> None:
    settings = source.engine.settings
    busy, sure, idle, refused = (
        source.engine.state.accounts.get(f"c-{number}") for number in range(4)
    )
    for account in source.engine.state.accounts:
        account.risk = 0.0
    assert busy is not None
    assert sure is not None
    assert idle is not None
    assert refused is not None
    busy.risk, sure.risk, idle.risk = 2.5, 9.0, 2.5
    refused.risk = settings.policy.ladder.refuse
    idle.usage = Usage.none()
    busy.usage = sure.usage = Usage.none().add((500.0, 0.0, 0.0), NOW)

    found = complete(review_document(source))

    assert found["known"] == 3
    assert [one["account"] for one in found["accounts"]] == ["c-0", "c-1", "c-2"]
    assert found["accounts"][0]["requests_a_day"] == 500
    assert found["accounts"][0]["expected_harm"] == pytest.approx(500 / (1 + math.exp(2.5)))


def test_health_reads_the_gates_own_counts(source: Source) -> None:
    metrics = (
        b"# HELP distillgate_failed_open_total Let pass.\n"
        b"# TYPE distillgate_failed_open_total counter\n"
        b'distillgate_failed_open_total{where="judge"} 3.0\n'
        b"# HELP distillgate_decision_seconds Time.\n"
        b"# TYPE distillgate_decision_seconds histogram\n"
        b'distillgate_decision_seconds_bucket{le="+Inf"} 4.0\n'
        b"distillgate_decision_seconds_count 4.0\n"
        b"distillgate_decision_seconds_sum 0.002\n"
        b"# HELP process_open_fds Others.\n# TYPE process_open_fds gauge\nprocess_open_fds 9.0\n"
    )

    found = health_document(source, metrics)

    [count] = found["counts"]
    assert (count["name"], count["labels"], count["value"]) == (
        "distillgate_failed_open_total", "where judge", 3.0,
    )  # fmt: skip
    assert found["decision_seconds"] == {"mean": 0.0005, "decisions": 4.0}
    assert health_document(source, b"")["decision_seconds"] is None
