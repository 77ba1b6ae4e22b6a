"""Links in refusals: signed, ending, and of that refusal alone."""

from __future__ import annotations

import base64

import pytest
from pydantic import ValidationError

from distillgate.account.windows import DAY
from distillgate.actions.appeal import AppealSettings, Ticket, form_token, link, read

ON = AppealSettings(url="https://api.example.com/appeal/", days=2)
TICKET = Ticket("dg-1", "acme \ud800 ☃", "held", 1_800_000_000.0)
SECRET = b"a secret"


def token() -> str:
    return link(ON, SECRET, TICKET).rpartition("/")[2]


def test_a_link_leads_to_its_own_refusal_until_it_ends() -> None:
    assert link(ON, SECRET, TICKET).startswith("https://api.example.com/appeal/")
    assert read(token(), SECRET, ON, TICKET.at) == TICKET
    assert read(token(), SECRET, ON, TICKET.at + 2 * DAY) is None
    assert token().isascii()


def test_a_link_holds_for_the_longest_names_there_are() -> None:
    long = TICKET._replace(reference="dg-" + "0" * 32, account="\U0001f600" * 128)
    sent = link(ON, SECRET, long).rpartition("/")[2]
    assert read(sent, SECRET, ON, long.at) == long


def test_without_an_address_there_is_none() -> None:
    assert link(AppealSettings(), SECRET, TICKET) == ""


def test_what_another_hand_wrote_leads_nowhere() -> None:
    payload, _, signature = token().partition(".")
    other = base64.urlsafe_b64encode(b'["dg-2","acme","held",1800000000]').decode()
    for forged in ("", ".", payload, f"{payload}.", f"{other}.{signature}", f"{payload}é.x",
                   f"{payload}.{signature}x", "x" * 5000, f".{signature}"):  # fmt: skip
        assert read(forged, SECRET, ON, TICKET.at) is None
    assert read(token(), b"another", ON, TICKET.at) is None
    assert form_token(SECRET, token()) not in ("", signature)
    assert form_token(SECRET, token()) != form_token(SECRET, other)


@pytest.mark.parametrize(
    "url",
    ["api.example.com/appeal", "https://api.example.com", "https://api.example.com/",
     "ftp://x/appeal", "https://x/appeal?a=1", "https:///appeal", "https://x/ä"],
)  # fmt: skip
def test_an_address_needs_a_path_of_its_own(url: str) -> None:
    with pytest.raises(ValidationError):
        AppealSettings(url=url)
