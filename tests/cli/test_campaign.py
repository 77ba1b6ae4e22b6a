"""The groups that one operator feeds, listed and named from a terminal, at a real gate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from distillgate.cli import campaign
from distillgate.text import visible

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.conftest import Worked


def test_groups_are_listed_named_and_explained_by_their_name(run: Run, worked: Worked) -> None:
    gate = ("--url", worked.url, "--key", worked.key)

    listed = run("campaign", "list", "--groups", *gate)
    assert listed.code == 0
    head, *rows = listed.out.splitlines()
    assert " ".join(head.split()) == "group shares accounts exchanges link risk last seen"
    [row] = [row for row in rows if row.startswith(worked.group)]
    assert "prompt template" in row
    assert " 16 " in row

    named = run("campaign", "name", worked.group, "winter list", *gate)
    assert named == (0, f"{worked.group} is called winter list from now on\n", "")
    found = json.loads(run("campaign", "list", "--groups", "--json", *gate).out)
    assert "winter list" in [group["id"] for group in found]

    for name in (worked.group, "winter list"):
        ended = run("explain", name, *gate)
        assert ended.code == 0
        assert ended.out.startswith("group winter list: 16 accounts or organisations ")
        assert "one operator feeds it" in ended.out
        assert "c-0" in ended.out
        assert " value tokens (" in ended.out
    assert run("explain", "c-3", *gate).out.startswith("account c-3 ")


def test_groups_of_one_hand_are_one_campaign_and_its_members_are_listed(
    run: Run, worked: Worked
) -> None:
    gate = ("--url", worked.url, "--key", worked.key)

    head, row, *ties = run("campaign", "list", *gate).out.splitlines()
    assert head.split()[:3] == ["campaign", "accounts", "held"]
    name, count, *_ = row.split()
    assert (name[:2], count) == ("c-", "16")
    assert any("share one prompt template: " in tie for tie in ties)

    members = run("campaign", "members", name, "--csv", *gate).out.splitlines()
    assert members[0] == "campaign,account"
    assert sorted(members[1:]) == sorted(f"{name},c-{n}" for n in range(16))
    assert run("campaign", "members", worked.group, *gate).out.splitlines() == sorted(
        f"c-{n}" for n in range(16)
    )
    assert run("campaign", "members", "c-0", *gate).code == 1


@pytest.mark.parametrize("name", ["=1+2", "+1", "-1", "@sum", "\tx", "\rx"])
def test_no_name_is_a_formula_in_a_spreadsheet(name: str) -> None:
    assert campaign.cell(name).startswith("'")
    assert campaign.cell(f"k{name}") == visible(f"k{name}")


def test_a_traffic_logs_campaigns_are_listed_without_a_gate(run: Run, log: Path) -> None:
    assert run("campaign", "list", "--replay", log).out == "no campaign is known\n"
    assert run("campaign", "list").code == 2


def test_a_group_that_was_restricted_is_listed_and_forgotten_with_a_reason(
    run: Run, worked: Worked
) -> None:
    gate = ("--url", worked.url, "--key", worked.key)
    assert run("campaign", "list", "--remembered", *gate).out == "no group is remembered\n"
    groups = worked.engine.state.groups
    group = groups.named(worked.group)
    assert group is not None
    groups.remember(group, group.last_seen)

    head, row = run("campaign", "list", "--remembered", *gate).out.splitlines()
    assert " ".join(head.split()) == "group shared texts link last restricted"
    assert row.startswith(f"{worked.group}  prompt template ")

    order = ("campaign", "forget", worked.group, *gate)
    assert run(*order).code == 2
    done = run(*order, "--reason", "a public prompt", "--by", "anna")
    assert done == (0, f"{worked.group} is forgotten\n", "")
    assert len(groups.memory) == 0
    again = run(*order, "--reason", "a public prompt")
    assert again == (1, "", f"{worked.group}: nothing is remembered of it at {worked.url}\n")


def test_what_the_gate_refuses_is_one_line_with_its_reason(run: Run, worked: Worked) -> None:
    gate = ("--url", worked.url, "--key", worked.key)

    unknown = run("campaign", "name", "g-0", "winter", *gate)
    assert unknown == (1, "", f"g-0: not known to {worked.url}\n")
    no_name = run("campaign", "name", worked.group, "g-1", *gate)
    assert no_name.code == 2
    assert "answered 422: give a name" in no_name.err
    assert no_name.err.count("\n") == 1
    stranger = run("campaign", "list", "--url", worked.url, "--key", "wrong")
    assert (stranger.code, stranger.out) == (2, "")
    assert stranger.err.startswith(f"{worked.url}: no gate with this key answers there")


def test_the_key_may_come_from_the_environment(
    run: Run, worked: Worked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTILLGATE_ADMIN_KEY", worked.key)
    assert worked.group in run("campaign", "list", "--url", worked.url).out


def test_without_groups_and_without_pages_it_says_so(run: Run, serving: Any) -> None:
    def nothing(_: Any) -> JSONResponse:
        return JSONResponse([])

    url = serving(Starlette(routes=[Route("/groups", nothing)])).url
    assert run("campaign", "list", "--groups", "--url", url).out == "no campaign is known\n"
    wrong = run("campaign", "list", "--url", f"{url}/elsewhere")
    assert wrong == (1, "", f"{url}/elsewhere: no operator's pages there\n")


def test_a_gate_is_needed(run: Run) -> None:
    assert run("campaign", "list").code == 2
    assert run("campaign", "name", "g-1", "x").code == 2
