import json
import unicodedata

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.text import moment, nearest, redacted, visible, visible_json

ACTING = (
    "\r\n\t\x00\x07\x1b\x7f\x85\x9b\x9d\xad\u061c\u200b\u200e\u200f\u2028\u2029\u202a"
    "\u202e\u2060\u2066\u2069\ufeff\U000e0041"
)


@pytest.mark.parametrize("character", ACTING)
def test_what_acts_on_a_terminal_is_written_as_an_escape(character: str) -> None:
    shown = visible(f"a{character}b")
    written = visible_json(orjson.dumps({"name": f"a{character}b"}))

    assert shown.isprintable()
    assert shown.isascii()
    assert shown.startswith("a\\")
    assert written.isascii()
    assert character.encode() not in written
    assert json.loads(written) == {"name": f"a{character}b"}


@given(st.text())
def test_no_text_leaves_a_control_or_format_character(text: str) -> None:
    # Assigned by the newest Unicode, so that an older table of Python's says "unassigned".
    acting = {"Cc", "Cs", "Zl", "Zp"}

    assert not [c for c in visible(text) if unicodedata.category(c) in acting]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_says_the_same_before_and_after(text: str) -> None:
    data = orjson.dumps([text])

    assert orjson.loads(visible_json(data)) == [text]


def test_letters_of_every_script_stay_as_they_are() -> None:
    text = "Zoë · Ünïcode · Привет · 你好 · مرحبا · 32 % · “quoted” …"

    assert visible(text) == text
    assert visible_json(text.encode()) == text.encode()


@pytest.mark.parametrize(
    "url",
    [
        "redis://user:s3cret@host:6379/0",
        "redis://:s3cret@host",
        "redis://user:p@s3cret@host",
        "redis://user:p/s3cret@host",
        "redis://user:p#s3cret@host",
        "redis:user:s3cret@host",
        "https://s3cret@host/path",
        "https://host/path?api_key=s3cret&x=1",
        "https://host/path?x=1&access_token=s3cret#top",
        "cannot reach http://user:s3cret@host/x: refused",
    ],
)
def test_what_signs_in_is_left_out_of_an_address(url: str) -> None:
    told = redacted(url)

    assert "s3cret" not in told
    assert "host" in told


def test_a_name_with_an_at_sign_is_no_secret() -> None:
    assert redacted("ada@example.com: not known") == "ada@example.com: not known"


def test_a_hint_names_what_is_most_alike_or_nothing() -> None:
    assert nearest("reserch", ["pro", "research"]) == "; did you mean `research`?"
    assert nearest("xyz", ["pro", "research"]) == ""


def test_a_time_is_in_utc_to_the_second_and_may_have_no_end() -> None:
    assert moment(1.9) == "1970-01-01 00:00:01 UTC"
    assert moment(1e300) == moment(float("inf"), "%d %B %Y") == "further notice"
