"""The end of the play in pictures: a report on disk, of what the gate of the stage knows."""

from __future__ import annotations

import io
import shutil

import httpx2
import pytest

pytest.importorskip("jinja2")

from rich.console import Console

from distillgate_lab.demo.call import Account, chat, user
from distillgate_lab.demo.pictures import show_pictures
from distillgate_lab.demo.stage import headers, stage


def test_the_report_is_where_it_says_and_shows_who_was_there() -> None:
    out = io.StringIO()
    with stage() as place:
        call = chat(0.0, Account("visitor", "chat users"), [user("hello")])
        sent = httpx2.post(
            place.url + call.path, json=call.body, headers=headers(call.account, "r"), timeout=60
        )
        assert sent.status_code == 200

        path = show_pictures(Console(file=out, width=200), place, stay=False)

    assert out.getvalue().split() == ["in", "pictures:", str(path)]
    text = path.read_text()
    assert '<data value="1" data-at="/now/last_hour/exchanges">1</data>' in text
    assert "http://" not in text.replace(f"{place.url}/distillgate", "")
    shutil.rmtree(path.parent)
