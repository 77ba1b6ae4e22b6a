from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.lab.scenarios.conftest import newest

if TYPE_CHECKING:
    from tests.lab.scenarios.conftest import Played


def test_an_item_of_rejection_sampling_comes_from_eight_accounts(played: Played) -> None:
    senders: dict[str, set[str]] = defaultdict(set)
    for record in played("rejection sampling"):
        senders[newest(record)].add(record["account"])

    assert sorted(map(len, senders.values()))[len(senders) // 2] in (7, 8)
