"""The document of the page *Review*: whom a person should look at first.

Who is restricted though the evidence is not beyond doubt, and who is nearly: the more such an
account does in a day, and the likelier it is honest, the more a mistake costs.
"""

import math
from heapq import nlargest

from distillgate.account.account import Account
from distillgate.admin.console.source import AT_ONCE, Document, Source
from distillgate.campaign.jobs import Job

_LISTED = 100


def review_document(source: Source) -> Job[Document]:
    """Return what the page *Review* shows."""
    ladder = source.engine.settings.policy.ladder
    waiting: list[tuple[float, str, Account]] = []
    known = 0
    for number, account in enumerate(source.engine.state.accounts, 1):
        if ladder.observe <= account.risk < ladder.refuse:
            known += 1
            waiting.append((_harm(source, account), account.name, account))
        if len(waiting) > 2 * _LISTED:
            waiting = nlargest(_LISTED, waiting)
            yield 100
        if not number % AT_ONCE:
            yield AT_ONCE
    return {
        "at": source.now,
        "mode": source.mode,
        "from": ladder.observe,
        "to": ladder.refuse,
        "known": known,
        "accounts": [
            _row(source, account, harm) for harm, _, account in nlargest(_LISTED, waiting)
        ],
    }


def _harm(source: Source, account: Account) -> float:
    """Return the requests a day that would be hurt if it is honest, times how likely that is."""
    return _daily(source, account) / (1.0 + math.exp(min(account.risk, 50.0)))


def _daily(source: Source, account: Account) -> float:
    half_life = source.engine.settings.account.half_life
    return account.usage.read(source.now, half_life).requests.day


def _row(source: Source, account: Account, harm: float) -> Document:
    return {
        **source.row(account),
        "requests_a_day": _daily(source, account),
        "expected_harm": harm,
        "last_seen": account.last_seen,
    }
