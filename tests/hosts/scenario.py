"""What is played at every host: one campaign, and honest customers beside it."""

import asyncio
import time

from distillgate_lab.drill.ledger import Row
from distillgate_lab.drill.play import Manner, Player, keys_of
from distillgate_lab.drill.script import write

CAMPAIGN, HONEST = "fixed reasoning prompt", "chat users"
ACCOUNTS = 40
"""Of the campaign, and of the honest."""
AT_ONCE = 1e6
"""Seconds of the scenario that pass in one: as fast as the host answers."""

CONFIG = """
mode: enforce
key: a secret
admin: {key: operator}
asgi: {identity: IDENTITY}
policy:
  plans: {named: {tight: {requests_per_minute: 3}}}
  enforcement: {onset_exchanges: 0}
  group_budget: {refill: 0.1, floor_per_day: 50}
actions: {throttle_status: STATUS}
signals: {work_list: {value_tokens: 100}}
telemetry: {log: {destination: LOG}}
"""
"""Budgets as small as the hosts' answers, which are two words."""


def play(url: str, *, calls: int, max_tokens: int | None) -> dict[str, Row]:
    """Play both at a host, and return what became of each."""
    script = write([CAMPAIGN, HONEST], accounts=ACCOUNTS, limit=calls, seed="hosts", texts=None)
    manner = Manner(url, AT_ONCE, "m", max_tokens)
    player = Player(script, manner, keys_of(script.calls, None), clock=time.time)
    return asyncio.run(player.play())
