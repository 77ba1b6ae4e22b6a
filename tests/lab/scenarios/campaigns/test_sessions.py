from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.lab.scenarios.conftest import Played


def test_a_stored_session_carries_answers_that_were_never_given(played: Played) -> None:
    records = played("stored sessions")
    given = {record["response"]["text"] for record in records}

    carried = {
        m["content"] for r in records for m in r["request"]["messages"] if m["role"] == "assistant"
    }
    assert carried
    assert not carried & given


def test_a_relayed_conversation_hops_between_accounts(played: Played) -> None:
    records = played("live relay")
    answered = {record["response"]["text"]: record["account"] for record in records}

    hops = Counter(
        answered[message["content"]] != record["account"]
        for record in records
        for message in record["request"]["messages"][-2:-1]
        if message["role"] == "assistant" and message["content"] in answered
    )
    assert hops[True] > hops[False] / 2
