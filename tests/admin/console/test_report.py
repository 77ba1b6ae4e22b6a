"""A report: one file that loads nothing, shows what its document holds, and can hide who it is."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("jinja2")

from tests.admin.console.conftest import Page

from distillgate.admin.console.pseudonyms import pseudonymous
from distillgate.admin.console.render import resolve
from distillgate.admin.console.report import SHOWN, assemble, write
from distillgate.campaign.jobs import complete

if TYPE_CHECKING:
    from tests.admin.console.conftest import Browser
    from tests.conftest import Worked


@pytest.fixture
def document(signed_in: Browser, worked: Worked) -> dict[str, Any]:
    campaign = signed_in.get(f"/json/campaigns/{worked.group}").json()
    return assemble("a test", signed_in.get("/json/now").json(), [campaign, None])


def test_a_report_is_one_file_that_asks_nobody_for_anything(document: dict[str, Any]) -> None:
    text = "".join(write(document))
    page = Page(text)

    assert page.loads == ["data:,"]
    assert page.handlers == []
    assert page.forms == []
    assert not re.findall(r"(?:href|src|url)\s*[=(]\s*[\"']?(?:https?:)?//", text)
    assert all(link.startswith("#") for link in page.links)
    targets = {link[1:] for link in page.links}
    assert targets <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_its_policy_allows_its_own_style_and_nothing_else(document: dict[str, Any]) -> None:
    text = "".join(write(document))

    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src &#39;none&#39;; style-src &#39;sha256-{digest}&#39;" in text


def test_every_figure_is_the_documents_and_the_document_is_inside(document: dict[str, Any]) -> None:
    page = Page("".join(write(document)))

    assert len(page.figures) > 30
    for _, pointer, shown in page.figures:
        assert str(resolve(document, pointer)) == shown, pointer
    assert json.loads(page.text[page.text.index('{"about"') :]) == document


def test_with_pseudonyms_nobody_is_named_and_everything_else_is_the_same(
    document: dict[str, Any],
) -> None:
    document["campaigns"][0]["campaign"]["organisations"] = {"acme": 3}
    document["campaigns"][0]["members"][0]["organisation"] = "acme"

    hidden = complete(pseudonymous(document, b"secret"))

    names = {one["account"] for one in document["campaigns"][0]["members"]}
    text = "".join(write(hidden))
    assert not [name for name in names if re.search(rf"\b{re.escape(name)}\b", text)]
    assert "acme" not in text
    members = hidden["campaigns"][0]["members"]
    assert len({one["account"] for one in members}) == len(names)
    assert members[0]["organisation"] in hidden["campaigns"][0]["campaign"]["organisations"]
    drawn = {row["account"] for row in hidden["campaigns"][0]["heat"]["accounts"]}
    assert drawn <= {one["account"] for one in members}
    assert hidden["now"]["standing"] == document["now"]["standing"]
    assert complete(pseudonymous(document, b"secret")) == hidden
    assert complete(pseudonymous(document, b"other")) != hidden


def test_the_largest_report_stays_below_two_megabytes(document: dict[str, Any]) -> None:
    [one] = document["campaigns"]
    point = one["rho"]["points"][0]
    row = {**one["heat"]["accounts"][0], "sent": [3] * 336, "held": [1] * 336}
    member = one["members"][0]
    heaviest = {
        **one,
        "rho": {**one["rho"], "points": [point] * 1000},
        "heat": {**one["heat"], "accounts": [row] * 96, "total": {
            name: [999] * 336 for name in ("sent", "judged", "cut", "away")}},
        "members": [member] * 1000,
    }  # fmt: skip
    whole: list[Any] = []
    for number in range(8):
        made = copy.deepcopy(heaviest)
        made["campaign"]["code"] = f"g-{number:016x}"
        whole.append(made)
    whole = whole[:SHOWN]
    now = {**document["now"], "campaigns": document["now"]["campaigns"][:1] * 200}

    assert len("".join(write(assemble("the largest", now, whole))).encode()) < 2_000_000
