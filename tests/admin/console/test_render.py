"""Figures are looked up where they stand, and written for people."""

from __future__ import annotations

import pytest

pytest.importorskip("jinja2")

from distillgate.admin.console.render import FORMS, Links, moment, pointer, render, resolve, style

DOCUMENT = {"a/b": [{"~x": 1}], "none": None}


def test_a_pointer_finds_what_it_was_made_for() -> None:
    assert pointer("a/b", 0, "~x") == "/a~1b/0/~0x"
    assert resolve(DOCUMENT, "/a~1b/0/~0x") == 1
    assert resolve(DOCUMENT, "") is DOCUMENT
    for wrong in ("/a", "/a~1b/1", "/a~1b/x", "/none/x"):
        with pytest.raises((LookupError, TypeError, ValueError)):
            resolve(DOCUMENT, wrong)


def test_links_quote_whatever_a_name_holds_and_a_report_has_none() -> None:
    links = Links("/d/console")
    assert links.page("accounts", "a/b ?#") == "/d/console/accounts/a%2Fb%20%3F%23"
    assert links.json("now", "/x y") == "/d/console/json/now?at=/x%20y"
    assert Links().page("accounts", "a") is None
    assert Links().json("now", "/x") == "#json"


@pytest.mark.parametrize(
    ("form", "value", "words"),
    [
        ("count", 1234.4, "1,234"),
        ("share", 0.5, "50 %"),
        ("share", 0.012, "1.2 %"),
        ("nats", -1.5, "−1.50"),  # noqa: RUF001 - a minus
        ("rho", 0.0123, "0.012"),
        ("word", "rate_limit", "rate limit"),
        ("duration", 300.0, "5 minutes"),
        ("duration", 86_400.0, "1 day"),
        ("duration", 3.0, "3 seconds"),
        ("micro", 0.00042, "420 µs"),
    ],
)
def test_values_are_written_for_people(form: str, value: object, words: str) -> None:
    assert FORMS[form](value) == words


def test_a_time_is_written_for_machines_too() -> None:
    assert moment(0.0) == '<time datetime="1970-01-01T00:00:00Z">01 Jan 1970, 00:00 UTC</time>'
    assert moment(9e12) == "further notice"


def test_a_template_that_asks_for_what_is_not_there_fails_loudly() -> None:
    from jinja2 import UndefinedError

    with pytest.raises((UndefinedError, LookupError)):
        "".join(render("health.html", {}, Links(), "health", session=None))


def test_the_style_sheet_loads_nothing() -> None:
    assert "url(" not in style()
    assert "@import" not in style()
