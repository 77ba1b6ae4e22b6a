"""A customer who was held back: reads why, writes, and is answered, over real sockets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.admin.console.conftest import Browser, Page

from distillgate.gate import Gate
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

CALL = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
PATH = "/help/appeal"


class Held(NamedTuple):
    """A gate that holds an account back, and its customer."""

    client: httpx2.Client
    browser: Browser
    gate: Gate
    audit: Path
    log: Path

    def refused(self, account: str = "acme", **headers: str) -> tuple[int, str, str]:
        """Return a refusal's status, its text, and the path of its link."""
        sent = self.client.post(
            "/v1/chat/completions", json=CALL, headers={"x-account": account, **headers}
        )
        text = sent.json()["error"]["message"]
        return sent.status_code, text, urlsplit(text.split()[-1]).path

    def page(self, link: str) -> Page:
        answer = self.client.get(link)
        assert answer.status_code == 200
        assert "script" not in answer.headers["content-security-policy"]
        return Page(answer.text)

    def write(self, link: str, note: str, **given: Any) -> Any:
        form = self.page(link).forms[0]["form"]
        data = {"form": form, "note": note, "contact": "", **given}
        return self.client.post(link, data=data)

    def told(self) -> str:
        assert self.gate.parts is not None
        self.gate.parts.governance.audit.close()
        self.gate.parts.telemetry.close()
        return self.audit.read_text() + self.log.read_text()


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    audit, log = tmp_path / "audit", tmp_path / "log"
    log.touch()
    settings = {
        "mode": "enforce",
        "key": "a secret",
        "admin": {"key": "operator"},
        "asgi": {"identity": {"header": "x-account"}},
        "actions": {"appeal": {"url": f"https://api.example.com{PATH}"}},
        "governance": {"audit": {"path": str(audit)}},
        "telemetry": {"log": {"destination": str(log)}},
        "policy": {"plans": {"default": {"requests_per_minute": 1}}},
    }
    gate = Gate(upstream(), settings)
    with (
        serve(gate.sidecar()) as address,
        httpx2.Client(base_url=address.url, trust_env=False, timeout=60) as client,
    ):
        browser = Browser(f"{address.url}/distillgate")
        with browser.client:
            browser.sign_in("operator")
            for account in ("acme", "other"):
                first = client.post(
                    "/v1/chat/completions", json=CALL, headers={"x-account": account}
                )
                assert first.status_code == 200
            admin = {"authorization": "Bearer operator"}
            order = {"reason": "a subpoena", "action": "refuse"}
            done = client.post("/distillgate/accounts/acme/restrict", json=order, headers=admin)
            assert done.status_code == 200
            yield Held(client, browser, gate, audit, log)


def test_a_customer_reads_what_holds_writes_and_is_answered_under_the_same_link(
    held: Held,
) -> None:
    status, text, link = held.refused()
    assert status == 403
    assert "https://api.example.com/help/appeal/" in text

    page = held.page(link)
    assert "held for review" in page.text
    assert "By a program. No person has looked at it yet." in page.text
    note = "We mark essays.\nAll keys are <b>Acme</b>'s."
    sent = held.write(link, note, contact="ops@acme.example")
    assert sent.status_code == 303
    assert "keep this address" in held.page(link).text

    review = held.browser.page("/review")
    assert "All keys are <b>Acme</b>'s." in review.text
    assert "ops@acme.example" in review.text
    answered = held.browser.send(
        review, "/answer", outcome="pardon", reason="Thank you: it is lifted.", days="3"
    )
    assert answered.status_code == 303
    assert "Nobody waits" in held.browser.page("/review").text

    page = held.page(link)
    assert "the limit is lifted until" in page.text
    assert "Thank you: it is lifted." in page.text
    assert page.forms == []
    account = held.browser.get("/json/accounts/acme").json()
    assert [one["what"] for one in account["history"]][:3] == ["answer", "pardon", "appeal"]
    told = held.told()
    assert {"appealed", "appeal_answered", "pardoned"} <= set(re.findall(r'"event":"(\w+)"', told))
    assert "We mark essays" not in told
    assert "ops@acme.example" not in told
    assert json.loads(told.splitlines()[0])


def test_an_answer_may_be_that_the_limit_stays_and_is_given_once(held: Held) -> None:
    link = held.refused()[2]
    held.write(link, "please")
    review = held.browser.page("/review")

    assert held.browser.send(review, "/answer", reason="no", days="1").status_code == 422
    kept = held.browser.send(review, "/answer", outcome="keep", reason="It stays.", days="1")
    again = held.browser.send(review, "/answer", outcome="pardon", reason="x", days="1")

    assert (kept.status_code, again.status_code) == (303, 404)
    page = held.page(link)
    assert "the limit stays" in page.text
    assert "It stays." in page.text
    account = held.browser.get("/json/accounts/acme").json()
    assert account["in_force"]["by"] == "order: a subpoena"


def test_a_plans_limit_and_a_suspicion_are_told_alike(held: Held) -> None:
    order = {"reason": "x", "action": "throttle"}
    held.client.post(
        "/distillgate/accounts/acme/restrict",
        json=order,
        headers={"authorization": "Bearer operator"},
    )
    texts = []
    for account in ("acme", "other"):
        status, text, link = held.refused(account)
        assert status == 429
        page = held.client.get(link).text
        for word in (*re.findall(r"dg-[0-9a-f]+", page), link, link.rpartition("/")[2],
                     *re.findall(r'value="[0-9a-f]{32}"', page)):  # fmt: skip
            page = page.replace(word, "…")
        texts.append((re.sub(r"\d\d:\d\d(:\d\d)?", "…", page), text.split("dg-")[0]))
    assert texts[0] == texts[1]
    for word in ("suspic", "campaign", "evidence", "risk", "detect"):
        assert word not in texts[0][0].lower()


def test_a_form_of_another_site_or_another_link_is_not_taken(held: Held) -> None:
    link, other = held.refused()[2], held.refused("other")[2]
    form = held.page(other).forms[0]["form"]

    forged = [
        held.client.post(link, data={"note": "x"}),
        held.client.post(link, data={"note": "x", "form": form}),
        held.client.post(
            other, data={"note": "x", "form": form}, headers={"sec-fetch-site": "cross-site"}
        ),
    ]
    assert [one.status_code for one in forged] == [403] * 3
    assert held.write(other, " ").status_code == 422
    assert held.write(other, "x" * 2001).status_code == 422
    assert held.write(other, "x" * 20_000).status_code == 413
    for nothing in (f"{PATH}/x.y", f"{PATH}/", link[:-1], f"{link}/x", f"{PATH}/../state"):
        assert held.client.get(nothing).status_code == 404
    assert held.browser.get("/json/review").json()["waiting"] == 0


def test_one_note_a_refusal_three_an_account_and_thirty_looks_a_minute(held: Held) -> None:
    links = [held.refused()[2] for _ in range(4)]
    assert [held.write(link, "x").status_code for link in links] == [303, 303, 303, 409]
    assert held.client.post(links[0], data={"note": "x"}).status_code == 403
    statuses = [held.client.get(links[0]).status_code for _ in range(31)]
    assert statuses[-1] == 429
    assert held.client.get(links[1]).status_code == 200


def test_of_what_is_written_only_what_is_seen_is_kept(held: Held) -> None:
    held.write(
        held.refused()[2], "one\u202e\u2066two\x07\r\n\u200b\r\nא three", contact="a\u200f@b"
    )
    [kept] = held.client.get(
        "/distillgate/appeals?most=1", headers={"authorization": "Bearer operator"}
    ).json()
    assert (kept["note"], kept["contact"]) == ("onetwo\n\nא three", "a@b")
    assert held.write(held.refused()[2], "\u202e \u200b").status_code == 422


def test_who_writes_again_and_again_takes_nobody_elses_turn(held: Held) -> None:
    link, other = held.refused()[2], held.refused("other")[2]
    form = held.page(link).forms[0]["form"]
    sent = [held.client.post(link, data={"note": "x", "form": form}) for _ in range(28)]
    assert [one.status_code for one in sent] == [303] + [409] * 27
    assert held.write(other, "I am honest").status_code == 303


def test_what_a_customer_wrote_is_theirs_to_have_and_to_have_erased(held: Held) -> None:
    held.write(held.refused()[2], "my note")
    admin = {"authorization": "Bearer operator"}
    exported = held.client.get("/distillgate/accounts/acme/export", headers=admin).json()
    assert [one["note"] for one in exported["appeals"]] == ["my note"]
    erased = held.client.post(
        "/distillgate/accounts/acme/erase", json={"reason": "asked"}, headers=admin
    )
    assert erased.status_code == 200
    assert held.client.get("/distillgate/appeals", headers=admin).json() == []
