"""An analyst's day in a real browser: a campaign appears, is looked at, judged, and judged anew."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import httpx2
import pytest

pytest.importorskip("playwright", reason="playwright is not installed")

from tests.browser.conftest import Person
from tests.cli.conftest import until

from distillgate.admin.proof import hashed
from distillgate.gate import Gate
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

SHARED = "a-long-enough-secret"
KEYS = {role: f"dk-{role}-key-of-one-person" for role in ("viewer", "analyst", "lead", "operator")}
ACCOUNTS = [f"sk-drill-{number}" for number in range(30)]
DRILL = ("fixed reasoning prompt@shared", "--accounts", "30", "--limit", "500", "--speed", "1e9")
PAGES = ("/now", "/campaigns", "/review", "/what-if", "/audit", "/find?q=g-", "/health")
CALL = {"model": "m-large", "messages": [{"role": "user", "content": "What is a river?"}]}


class Site(NamedTuple):
    """A gate, what it keeps, and the keys of those who ask it."""

    url: str
    audit: Path
    keys: Path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    audit, keys = tmp_path / "audit.jsonl", tmp_path / "keys.txt"
    keys.write_text("\n".join(ACCOUNTS))
    people = {f"the {role}": {"role": role, "key": hashed(key)} for role, key in KEYS.items()}
    settings = {
        "mode": "enforce",
        "key": "the secret of all the hashes",
        "admin": {"key": SHARED, "people": people},
        "governance": {"audit": {"path": str(audit)}},
        "policy": {
            "enforcement": {"onset_exchanges": 0},
            "group_budget": {"refill": 0.1, "floor_per_day": 50},
        },
        "actions": {"appeal": {"url": "https://api.example.com/appeal"}},
        "signals": {"work_list": {"value_tokens": 4000}},
        "telemetry": {"log": {"level": "off"}},
    }
    with serve(Gate(upstream(), settings).sidecar()) as address:
        yield Site(address.url, audit, keys)


@contextmanager
def playing(site: Site) -> Iterator[None]:
    """Play the drill as people do, by the command, while the block runs and to its end."""
    where = ("--target", f"{site.url}/v1", "--keys", str(site.keys))
    command = [sys.executable, "-m", "distillgate", "drill", *DRILL, *where]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as drill:
        yield
        assert drill.wait(300) == 0


@pytest.mark.timeout(900)  # seconds of a browser's work, and of waiting on a busy machine
def test_an_analysts_day(site: Site, chromium: Browser) -> None:
    people = {name: Person(chromium, site.url) for name in (*KEYS, "stranger")}
    for name, key in KEYS.items():
        people[name].sign_in(key)

    assert people["stranger"].open("/now").locator("#key").is_visible()
    assert people["stranger"].barriers_here() == []
    campaign = a_campaign_appears(site, people["lead"])
    account = it_is_looked_at(people["analyst"], campaign)
    a_member_is_pardoned_and_unpardoned(people["analyst"], people["lead"], account)
    a_customer_appeals_and_is_answered(site, people["stranger"], people["analyst"])
    a_role_sees_what_it_may(people, account)
    enforcement_is_ended_and_resumed(site, people["operator"])
    an_order_on_all_is_seen_before_it_is_given(people["lead"], campaign)
    nothing_bars_anybody(people["lead"], campaign, account)

    for person in people.values():
        assert person.complaints == []
        person.leave()


def a_campaign_appears(site: Site, person: Person) -> str:
    """Return the campaign's path."""
    person.open("/campaigns")
    assert "g-" not in person.says()
    links = person.page.locator('main a[href*="/console/campaigns/"]')
    person.page.get_by_role("link", name="Keep it up to date").click()
    with playing(site):
        links.first.wait_for(timeout=120_000)
    path = links.first.get_attribute("href")
    assert path is not None
    return path.partition("/console")[2]


def it_is_looked_at(person: Person, campaign: str) -> str:
    """Return a member's path."""
    page = person.open(campaign)
    assert "behave as one" in person.says() or "one sender" in person.says()
    scatter = page.get_by_role("heading", name="Unlike independent users").locator("..")
    assert scatter.locator("svg").first.bounding_box()["width"] > 100  # type: ignore[index]
    assert scatter.locator("svg circle, svg path, svg rect").count() > 3
    page.locator('main table a[href*="/console/accounts/"]').first.click()
    page.wait_for_url("**/accounts/**")
    assert "What may be done" in person.says()
    return page.url.partition("/console")[2]


def a_member_is_pardoned_and_unpardoned(analyst: Person, lead: Person, account: str) -> None:
    analyst.open(account)
    analyst.send("Pardon", reason="their prompt is public")
    assert analyst.page.locator("main .tag").filter(has_text="pardoned").count()

    lead.page.locator("nav").get_by_role("link", name="Audit").click()
    name = account.rpartition("/")[2]
    row = lead.page.locator("main tbody tr").filter(has_text=re.compile(rf"^.*pardoned.*{name}"))
    until(lambda: lead.page.reload() and row.count())
    assert "the analyst" in row.inner_text()
    assert "their prompt is public" in row.inner_text()
    row.locator("input[name=reason]").fill("it was not theirs")
    row.get_by_role("button", name="unpardon").click()
    lead.page.wait_for_load_state()
    until(lambda: lead.open("/audit") and "it was not theirs" in lead.says())
    lead.page.get_by_role("button", name="Verify the chain").click()
    lead.page.wait_for_load_state()
    assert "nothing was changed, swapped or taken out" in lead.says()
    analyst.open(account)
    assert not analyst.page.locator("main .tag").filter(has_text="pardoned").count()


def a_customer_appeals_and_is_answered(site: Site, customer: Person, analyst: Person) -> None:
    link = refused_link(site)
    page = customer.page
    page.goto(site.url + link)
    assert "No person has looked at it yet." in customer.says()
    page.locator("#note").fill("We grade our students' essays.")
    page.get_by_role("button", name="Send").click()
    page.wait_for_load_state()
    assert "Received" in customer.says()

    analyst.open("/review")
    assert "We grade our students' essays." in analyst.says()
    case = analyst.page.locator("article.appeal").first
    case.locator("input[name=reason]").fill("Thank you: it is lifted.")
    case.get_by_role("button", name="Pardon").click()
    analyst.page.wait_for_load_state()
    assert "We grade" not in analyst.says()

    page.goto(site.url + link)
    assert "Thank you: it is lifted." in customer.says()
    assert customer.barriers_here() == []


def refused_link(site: Site) -> str:
    """Return the path of the link that the first account is told that is refused."""
    with httpx2.Client(base_url=site.url, trust_env=False, timeout=60) as client:
        for key in ACCOUNTS:
            headers = {"authorization": f"Bearer {key}"}
            answer = client.post("/v1/chat/completions", json=CALL, headers=headers)
            if found := re.search(r"https://api\.example\.com(/appeal/[\w.~-]+)", answer.text):
                assert answer.status_code in (403, 429)
                return found[1]
    pytest.fail("no account of the campaign is refused")


def an_order_on_all_is_seen_before_it_is_given(person: Person, campaign: str) -> None:
    person.open(campaign)
    person.send("Preview: Exempt", reason="a contract")
    assert "Nothing has been done yet." in person.says()
    assert person.barriers_here() == []


def a_role_sees_what_it_may(people: dict[str, Person], account: str) -> None:
    viewer = people["viewer"]
    answer = viewer.page.goto(viewer.base + account)
    assert answer is not None
    assert answer.status == 403
    viewer.complaints.clear()  # the browser's own word of the 403
    listed = {name: people[name].open("/now").locator("nav").inner_text() for name in KEYS}
    assert ["Audit" in listed[name] for name in KEYS] == [False, False, True, False]
    assert ["Review" in listed[name] for name in KEYS] == [False, True, True, False]
    switch = {name: "kill switch" in people[name].says() for name in KEYS}
    assert switch == dict.fromkeys(KEYS, False) | {"operator": True}


def enforcement_is_ended_and_resumed(site: Site, person: Person) -> None:
    person.open("/now")
    person.send("End all enforcement now", reason="complaints since noon")
    assert "Killed by the operator, " in person.says()
    person.send("Let the configured mode hold again", reason="mended")
    assert "Enforcing" in person.says()
    said = site.audit.read_text()
    assert re.search(r'"killed".*"by":"the operator"', said)


def nothing_bars_anybody(person: Person, campaign: str, account: str) -> None:
    """See that no page has what axe-core finds serious, in light and in dark."""
    paths = [*PAGES, campaign, account]
    assert [one for path in paths for one in person.barriers(path)] == []
