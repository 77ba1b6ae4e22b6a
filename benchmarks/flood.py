"""A flood of throwaway accounts: does it push out an attacker's record, grow memory, slow the path?

The engine alone, in a process of its own. A campaign and a single prober are restricted first, and
one account is pardoned. Then accounts come that are each seen once, a quarter of them through one
popular template. Beside them, exchanges of accounts that are known are timed as they are without a
flood. Times are of the thread's processor.
"""

import gc
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import ledger, machine
from distillgate.cli.collector import few_collections
from distillgate.dialects.chat import CHAT
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.engine.entries import Order
from distillgate.policy.decision import Decision
from distillgate.wire.exchange import Client, Exchange, Outcome
from distillgate.wire.request import Request, from_document

ACCOUNTS = 1_000_000
KNOWN = 2_000
TIMED = 4_000
"""Exchanges of known accounts that are timed, before the flood and at its end."""
CAMPAIGN, TEXTS = 60, 30
START = 1.8e9
BYTES = 2048
"""An account's share of memory, as `benchmarks state` has it for a target."""
PROBER = "prober"
TEMPLATE = (
    "You write a worked solution for the task below.\nState the idea first, in a sentence.\n"
    "Then give each step with its reason.\nCheck the result in another way.\n"
    "End with the result on a line of its own.\n"
)
POPULAR = TEMPLATE.replace("solution", "recipe").replace("task", "dish").replace("step", "stage")
ANSWER = Outcome(status=200, prompt_tokens=200, completion_tokens=600, finish_reason="stop")


class Town:
    """An engine, a clock, and whoever sends."""

    def __init__(self, limit: int) -> None:
        account = {"max_accounts": limit}
        self.engine = Engine(
            EngineSettings.model_validate({"account": account}), count=_count, secret=b"f" * 32
        )
        self.dice = random.Random(3)
        pick = self.dice.choices
        self.words = ["".join(pick("abdefgiklmnorstu", k=pick((4, 6, 8))[0])) for _ in range(5000)]
        self.now = START

    def send(self, account: str, text: str, **options: Any) -> Decision:
        """Send one exchange, at once answered."""
        document = {"model": "m", "messages": [{"role": "user", "content": text}], **options}
        client = Client(user_agent="OpenAI/Python 3.1")
        exchange = Exchange(account, from_document(CHAT, document), client=client)
        decision = self.engine.begin(exchange, self.now)
        self.engine.finish(decision, ANSWER, self.now + 1.0)
        self.now += 0.05
        return decision

    def text(self) -> str:
        """Write some thirty words."""
        return " ".join(self.dice.choices(self.words, k=30)) + "."

    def campaign(self) -> list[str]:
        """Deal one list over the campaign's accounts until it is told; give who is restricted."""
        names = [f"campaign-{i}" for i in range(CAMPAIGN)]
        for _ in range(CAMPAIGN * TEXTS):
            self.send(self.dice.choice(names), TEMPLATE + self.text())
        for i in range(400):
            bias = {str(token): 100 for token in range(10 * i, 10 * i + 10)}
            self.send(PROBER, "Say a word.", logit_bias=bias, logprobs=True, max_tokens=1)
        held = (self.engine.state.accounts.get(name) for name in [*names, PROBER])
        return [account.name for account in held if account is not None and account.restriction]

    def timed(self) -> float:
        """Give the exchanges a second of processor time of accounts that are known."""
        began = time.thread_time()
        for i in range(TIMED):
            self.send(f"known-{i % KNOWN}", self.text())
        return TIMED / (time.thread_time() - began)

    def flood(self, accounts: int) -> Iterator[tuple[int, float]]:
        """Mint accounts; give, a tenth at a time, how many there were and exchanges a second."""
        tenth = max(1, accounts // 10)
        for done in range(0, accounts, tenth):
            began = time.thread_time()
            for number in range(done, min(accounts, done + tenth)):
                head = POPULAR if number % 4 == 0 else ""
                self.send(f"flood-{number}", head + self.text())
            yield done + tenth, tenth / (time.thread_time() - began)

    def evidence(self, names: list[str]) -> dict[str, tuple[Any, ...]]:
        """Give what there is on accounts: exchanges, restriction, groups, texts in their rows."""
        found = {}
        groups = self.engine.state.groups
        for name in names:
            account = self.engine.state.accounts.get(name)
            if account is None:
                continue
            shared = sorted(groups.of_principal(account.principal), key=lambda group: group.key)
            rows = [(group.key, group.row(account.principal, groups.members)) for group in shared]
            texts = [(key, int(groups.members.texts[row])) for key, row in rows if row is not None]
            found[name] = (account.exchanges, account.restriction, account.held_until, texts)
        return found


def run(accounts: int, limit: int) -> dict[str, Any]:
    """Play the flood."""
    gc.collect()
    before = ledger.resident()
    town = Town(limit)
    fixed = ledger.touch(town.engine)
    empty = ledger.resident() - before
    restricted = town.campaign()
    pardoned = restricted[0]
    town.engine.order(Order(START, "pardon", pardoned, START + 1e9))
    town.timed()
    known = town.evidence(restricted)
    without = town.timed()
    phases = [
        {"accounts": done, "per_second": rate, "bytes": ledger.resident() - before}
        for done, rate in town.flood(accounts)
    ]
    after = town.evidence(restricted)
    within = town.timed()
    again = {name: town.send(name, TEMPLATE + town.text()) for name in restricted[1:-1]}
    kept = town.engine.state.accounts.get(pardoned)
    return {
        "accounts": accounts,
        "limit": limit,
        "table_bytes": fixed,
        "empty_bytes": empty,
        "bound_bytes": empty + limit * BYTES,
        "evicted": town.engine.state.accounts.evicted,
        "restricted": len(restricted),
        "intact": sum(after.get(name) == known[name] for name in restricted),
        "still_restricted": sum(one.action.restricts for one in again.values()),
        "asked_again": len(again),
        "pardon_kept": kept is not None and kept.pardoned_until == START + 1e9,
        "known_per_second": [without, within],
        "phases": phases,
    }


def measure(
    cores: machine.Cores,  # noqa: ARG001
    *,
    quick: bool,
    calibration: dict[str, Any],  # noqa: ARG001
) -> dict[str, Any]:
    """Measure in a process of its own; `quick` is a hundredth of the accounts, and of the room."""
    part = 100 if quick else 1
    limit = EngineSettings().account.max_accounts // part
    command = [sys.executable, "-m", "benchmarks.flood", str(ACCOUNTS // part), str(limit)]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def write(result: dict[str, Any]) -> str:
    """Write the table."""
    without, within = result["known_per_second"]
    lines = [
        (
            f"A flood of {result['accounts']:,} accounts, with room for {result['limit']:,}: "
            f"{result['evicted']:,} went"
        ),
        (
            f"  of {result['restricted']} restricted, {result['intact']} records are as they were; "
            f"{result['still_restricted']} of {result['asked_again']} are restricted when they "
            f"send again; a pardon is {'kept' if result['pardon_kept'] else 'LOST'}"
        ),
        (
            f"  exchanges of known accounts a second: {without:,.0f} before, {within:,.0f} after "
            f"({within / without:.0%})"
        ),
        (
            f"  resident: {result['empty_bytes'] / 1e6:,.0f} MB empty, bound "
            f"{result['bound_bytes'] / 1e6:,.0f} MB"
        ),
        f"  {'accounts':>12} {'a second':>10} {'to no flood':>12} {'resident MB':>12}",
    ]
    lines += [
        f"  {phase['accounts']:>12,} {phase['per_second']:>10,.0f} "
        f"{phase['per_second'] / without:>12.0%} {phase['bytes'] / 1e6:>12,.0f}"
        for phase in result["phases"]
    ]
    return "\n".join(lines)


def _count(request: Request) -> int:
    return sum(len(message.text) for message in request.messages) // 4


if __name__ == "__main__":
    with few_collections():
        found = run(int(sys.argv[1]), int(sys.argv[2]))
    json.dump(found, sys.stdout)
