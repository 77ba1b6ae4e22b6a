"""The console over real sockets: its pages, what they show, and what its forms do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from tests.admin.console.conftest import Page

if TYPE_CHECKING:
    from tests.admin.console.conftest import Browser
    from tests.conftest import Worked


MOVING = ("/activity", "/last_hour")
"""What changes with the time at which one looks."""


def paths(worked: Worked) -> list[str]:
    return [
        "/now", "/campaigns", f"/campaigns/{worked.group}", "/accounts/c-1", "/review", "/health",
        "/find?q=",
    ]  # fmt: skip


def test_every_page_is_well_formed_loads_nothing_but_its_style_and_runs_nothing(
    signed_in: Browser, worked: Worked
) -> None:
    for path in paths(worked):
        page = signed_in.page(path)

        assert page.loads == ["data:,", "/distillgate/console/style.css"], path
        assert page.handlers == [], path
        assert len(page.ids) == len(set(page.ids)), path
        assert all(link.startswith(("/distillgate/console", "#")) for link in page.links), path
        assert "Ada" in page.text


def test_every_figure_links_to_its_value_in_json(signed_in: Browser, worked: Worked) -> None:
    documents: dict[str, Any] = {}
    for path in ("/now", f"/campaigns/{worked.group}", "/accounts/c-1"):
        page = signed_in.page(path)
        assert len(page.figures) > 10
        for link, pointer, shown in page.figures:
            kind, _, at = link.partition("?at=")
            assert at == quote(pointer)
            if kind not in documents:
                origin = signed_in.base.split("/distillgate")[0]
                documents[kind] = signed_in.client.get(origin + kind).json()
            value: Any = documents[kind]
            for part in pointer.split("/")[1:]:
                value = value[int(part)] if isinstance(value, list) else value[part]
            if not pointer.startswith(MOVING):
                assert str(value) == shown, (path, pointer)


def test_a_figure_can_be_asked_for_alone_and_one_that_is_not_there_is_an_error(
    signed_in: Browser, worked: Worked
) -> None:
    accounts = signed_in.get(f"/json/campaigns/{worked.group}?at=/campaign/accounts")
    assert accounts.json() == 16
    for wrong in ("/campaign/nothing", "/campaign/accounts/1", "/members/999", "/members/x"):
        answer = signed_in.get(f"/json/campaigns/{worked.group}?at={wrong}")
        assert answer.status_code == 404
    assert signed_in.get("/json/nothing").status_code == 404
    assert signed_in.get("/json/campaigns/c-0").status_code == 404


def test_the_key_of_the_other_pages_reads_the_json_too(browser: Browser, worked: Worked) -> None:
    answer = browser.client.get(
        f"{browser.base}/json/now", headers={"authorization": f"Bearer {worked.key}"}
    )
    assert answer.json()["mode"] == "shadow"
    assert browser.get("/json/now").status_code == 401


def test_a_campaign_shows_its_members_its_likeness_and_what_speaks_against_it(
    signed_in: Browser, worked: Worked
) -> None:
    page = signed_in.page(f"/campaigns/{worked.group}")
    found = signed_in.get(f"/json/campaigns/{worked.group}").json()

    assert "16 accounts behave as one sender: they share one prompt template" in page.text
    assert sorted(one["account"] for one in found["members"]) == sorted(
        f"c-{number}" for number in range(16)
    )
    [this] = [p for p in found["rho"]["points"] if p["code"] == found["rho"]["this"]]
    assert this["topic"] == pytest.approx(found["examined"]["topic"]["rho"])
    low, high = found["rho"]["honest"]["style"]
    assert 0 < low < 0.16 < high < 1
    assert found["campaign"]["fates"]["sent"] == 300
    assert sum(found["heat"]["total"]["sent"]) == 300
    assert sum(sum(row["sent"]) for row in found["heat"]["accounts"]) == 300
    assert "What speaks against it" in page.text
    total = sum(one["llr"] for one in found["evidence"]["contributions"])
    assert total == pytest.approx(found["evidence"]["risk"])


def test_an_account_is_pardoned_with_a_reason_and_the_pardon_is_ended(
    signed_in: Browser, worked: Worked
) -> None:
    page = signed_in.page("/accounts/c-1")
    order = "/accounts/c-1/order/pardon"
    assert signed_in.send(page, order, reason=" ").status_code == 422
    assert signed_in.send(page, order, reason="x", days="0").status_code == 422
    assert signed_in.send(page, order, reason="x", days="many").status_code == 422

    done = signed_in.send(page, order, reason="their auditor called", days="2")

    assert done.status_code == 303
    after = signed_in.page("/accounts/c-1")
    assert "a person gave it a pardon" in after.text
    assert signed_in.send(after, "/order/unpardon", reason="a mistake").status_code == 303
    assert signed_in.get("/json/accounts/c-1").json()["in_force"]["until"] is None


def test_an_order_that_cannot_be_obeyed_or_is_none_changes_nothing(
    signed_in: Browser, worked: Worked
) -> None:
    page = signed_in.page("/accounts/c-1")

    nothing = signed_in.send(page, "/order/revoke", reason="x")
    assert nothing.status_code == 409 or "nothing is ordered" in nothing.text
    [form] = [one for one in page.forms if one["action"].endswith("/order/pardon")]
    for path, status in (
        ("/accounts/c-1/order/erase", 404),
        ("/accounts/nobody/order/pardon", 404),
        ("/campaigns/c-0/order/pardon", 404),
    ):
        given = {"csrf": form["csrf"], "reason": "x", "days": "1"}
        assert signed_in.client.post(signed_in.base + path, data=given).status_code == status


def test_a_campaign_is_ordered_about_after_a_preview_and_as_it_was_shown(
    signed_in: Browser, worked: Worked
) -> None:
    page = signed_in.page(f"/campaigns/{worked.group}")

    answer = signed_in.send(page, "/order/exempt", reason="an evaluation of ours", days="3")

    assert answer.status_code == 200
    assert "16 accounts" in answer.text
    assert list(worked.engine.state.directives) == []
    preview = Page(answer.text)
    [form] = [one for one in preview.forms if one["action"].endswith("/order/exempt")]
    origin = signed_in.base.split("/distillgate")[0]
    kept = {name: value for name, value in form.items() if name not in ("action", "method", "")}
    changed = signed_in.client.post(origin + form["action"], data={**kept, "sure": "15"})
    assert changed.status_code == 409
    assert list(worked.engine.state.directives) == []
    done = signed_in.client.post(origin + form["action"], data=kept)
    assert done.status_code == 303
    held = list(worked.engine.state.directives)
    assert {one.subject for one in held} == {f"c-{number}" for number in range(16)}
    assert {(one.deed, one.by, one.reason) for one in held} == {
        ("exempt", "Ada", "an evaluation of ours")
    }


def test_a_lift_a_kill_and_a_name_are_ordered_by_whom_the_session_names(
    signed_in: Browser, worked: Worked
) -> None:
    account = signed_in.page("/accounts/c-2")
    now = signed_in.page("/now")
    campaign = signed_in.page(f"/campaigns/{worked.group}")

    assert signed_in.send(account, "/order/lift", reason="verified", days="1").status_code == 303
    assert signed_in.send(now, "/kill", reason="an outage").status_code == 303
    assert "Killed by Ada, " in (shown := signed_in.page("/now").text)
    assert "an outage. Nothing is held back." in shown
    assert "killed by Ada, " in signed_in.page("/health").text
    assert signed_in.send(signed_in.page("/now"), "/resume", reason="over").status_code == 303
    named = signed_in.send(campaign, "/name", name="winter")

    assert named.status_code == 303
    assert "winter" in signed_in.page(f"/campaigns/{worked.group}").text
    assert signed_in.get("/find?q=winter").headers["location"].endswith("/campaigns/winter")
    events: list[dict[str, Any]] = []
    while "named" not in [one["event"] for one in events]:
        events = [json.loads(line) for line in worked.log.read_bytes().splitlines()]
    told = {one["event"]: one["by"] for one in events if "by" in one and one["event"] != "decision"}
    assert {told[event] for event in ("lifted", "killed", "resumed", "named")} == {"Ada"}


def test_a_name_that_is_taken_or_none_is_refused_in_words(
    signed_in: Browser, worked: Worked
) -> None:
    page = signed_in.page(f"/campaigns/{worked.group}")
    for name, status in (("g-1", 422), ("x" * 65, 422), ("a\u202eb", 422)):
        answer = signed_in.send(page, "/name", name=name)
        assert answer.status_code == status
        assert "Not done" in answer.text


def test_what_is_not_known_is_a_page_that_says_so(signed_in: Browser) -> None:
    for path in ("/accounts/nobody", "/campaigns/c-0", "/campaigns/nobody"):
        assert "nothing is known of" in signed_in.page(path, 404).text
    assert "Nothing is known of" in signed_in.page("/find?q=nobody").text
    assert signed_in.get("/accounts/").status_code == 404
    for nobody in ("/campaigns/", "/campaigns/%0a"):
        assert signed_in.get(nobody).headers["location"].endswith("/console/campaigns")


def test_find_goes_to_the_account_or_lists_an_organisations(
    signed_in: Browser, worked: Worked
) -> None:
    assert signed_in.get("/find?q=c-3").headers["location"] == "/distillgate/console/accounts/c-3"
    account = worked.engine.state.accounts.get("c-3")
    assert account is not None
    account.organisation = "acme <b>"

    page = signed_in.page("/find?q=acme+%3Cb%3E")

    assert "/distillgate/console/accounts/c-3" in page.links


def test_names_are_shown_and_never_run(signed_in: Browser, worked: Worked) -> None:
    account = worked.engine.state.accounts.get("c-4")
    assert account is not None
    nasty = '"><script>alert(1)</script>\u202e&amp;\x00'
    account.organisation = nasty
    account.plan = "<img src=x onerror=alert(1)>"
    group = worked.engine.state.groups.named(worked.group)
    assert group is not None
    group.name = "</title><svg onload=alert(1)>"

    for path in ("/now", "/campaigns", f"/campaigns/{worked.group}", "/accounts/c-4"):
        text = signed_in.get(path).text
        page = signed_in.page(path)
        assert "<script" not in text
        assert "<img" not in text
        assert "onload=alert(1)>" not in text.replace("&lt;svg onload=alert(1)&gt;", "")
        assert page.handlers == []
        assert "\u202e" not in text
        assert "\x00" not in text
