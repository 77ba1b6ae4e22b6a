"""The document of the page *Review*: whom a person should look at first.

First come customers who ask. Then who is restricted though the evidence is not beyond doubt, and
who is nearly: the more such an account does in a day, and the likelier it is honest, the more a
mistake costs.
"""

import math
from collections import Counter
from heapq import nlargest

from distillgate.account.account import Account
from distillgate.admin.console.source import AT_ONCE, Document, Source
from distillgate.campaign.jobs import Job
from distillgate.policy.appeals import Appeal
from distillgate.risk.actor import WEIGHED

_LISTED = 100
_LABELLED = 500
"""Labels by which signals are measured, the latest."""


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
    precision = yield from _precision(source)
    return {
        "at": source.now,
        "mode": source.mode,
        "appeals": [_appeal(source, one) for one in _waiting(source)],
        "waiting": source.engine.state.appeals.number(source.now),
        "labels": dict(Counter(one.says for one in source.engine.state.labels)),
        "precision": precision,
        "from": ladder.observe,
        "to": ladder.refuse,
        "known": known,
        "accounts": [
            _row(source, account, harm) for harm, _, account in nlargest(_LISTED, waiting)
        ],
    }


def _waiting(source: Source) -> list[Appeal]:
    return source.engine.state.appeals.waiting(source.now)[:_LISTED]


def _appeal(source: Source, appeal: Appeal) -> Document:
    """Return a customer's note, and whose it is."""
    account = source.engine.state.known(appeal.account)
    return {
        "account": appeal.account,
        "standing": "free" if account is None else source.standing(account),
        "risk": 0.0 if account is None else account.risk,
        "organisation": None if account is None else account.organisation,
        "reference": appeal.reference,
        "asked_at": appeal.at,
        "note": appeal.note,
        "contact": appeal.contact,
        "forgotten_at": appeal.until,
    }


def _precision(source: Source) -> Job[list[Document]]:
    """Return how often each signal spoke against accounts that people found guilty, or honest."""
    engine = source.engine
    told: dict[str, Counter[str]] = {}
    for label in list(engine.state.labels)[-_LABELLED:]:
        account = engine.state.known(label.account)
        if account is None or label.says == "unsure":
            continue
        found = engine.standing(account, source.now).found
        for signal in {signal.name for signal in found.risk.signals if signal.llr > 0}:
            told.setdefault(signal, Counter())[label.says] += 1
        yield 4 * WEIGHED
    return [
        {"signal": name, "confirmed": count["confirmed"], "honest": count["honest"]}
        for name, count in sorted(told.items(), key=lambda one: (-one[1].total(), one[0]))
    ]


def _harm(source: Source, account: Account) -> float:
    """Return the requests a day that would be hurt if it is honest, times how likely that is."""
    return _daily(source, account) / (1.0 + math.exp(min(account.risk, 50.0)))


def _daily(source: Source, account: Account) -> float:
    return account.usage.read(source.now).requests.day


def _row(source: Source, account: Account, harm: float) -> Document:
    return {
        **source.row(account),
        "requests_a_day": _daily(source, account),
        "expected_harm": harm,
        "last_seen": account.last_seen,
    }
