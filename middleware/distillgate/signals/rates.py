"""The weight of a rate, with what accounts differ in taken into account.

The requests of one account resemble each other: it asks for reasoning in all of them, or in none.
So a count of hits is not binomial, and a test that takes requests for independent (Wald's, CUSUM)
rings for honest accounts far more often than it says (measured: 2.6 to 6.4 % at a nominal 0.03 %).
Here every account has a rate of its own, drawn from a beta distribution (Skellam 1948): the hits
are beta-binomial, and past some dozens of texts more of them add nearly nothing. Under the honest
distribution the ratio of the two likelihoods is a martingale: however often it is looked at, the
share of honest accounts that ever show x nats is at most exp(-x) (Ville 1939). Means and spreads
are judged from what the advisory AA26-251A and the vendors' disclosures describe, not fitted.
"""

from math import lgamma
from typing import NamedTuple

from distillgate.account.account import Account
from distillgate.account.conduct import Tally, Trait
from distillgate.account.texts import Count
from distillgate.fingerprint.intents import Intent

_SILENT = 0.02
"""Nats below which a rate is no evidence."""


class Rate(NamedTuple):
    """How a share is weighed."""

    honest: float = 0.05
    """Mean share among honest accounts."""
    honest_spread: float = 0.3
    """How much honest accounts differ: the correlation of two texts of one account, in (0, 1)."""
    harvest: float = 0.7
    """Mean share among harvesting accounts."""
    harvest_spread: float = 0.2
    """How much harvesting accounts differ."""
    least: float = 20.0
    """Different texts (or requests, or days) before anything is said."""
    most: float = 40.0
    """As many after which more of the same say no more: they are not independent."""
    ceiling: float = 0.4
    """Highest weight, in nats: what was measured on kinds never seen before allows no more."""


def weigh(hits: float, of: float, rate: Rate) -> float | None:
    """Return the log-likelihood ratio of `hits` among `of`; None where it says nothing against."""
    if of < rate.least or hits <= rate.honest * of:
        return None
    if of > rate.most:
        hits, of = hits * rate.most / of, rate.most
    llr = _beta_binomial(hits, of, rate.harvest, rate.harvest_spread)
    llr -= _beta_binomial(hits, of, rate.honest, rate.honest_spread)
    return min(rate.ceiling, llr) if llr >= _SILENT else None


def weigh_asked(
    account: Account, count: Count, ask: Intent, rate: Rate
) -> tuple[float, float] | None:
    """Weigh how often an account's texts ask for something: weight and share.

    What its fixed texts ask for counts as one text that does, however often it is sent.
    """
    texts = account.texts
    if texts is None:
        return None
    hits = texts[count]
    if not hits and not texts.constant:  # nearly all accounts, with every request
        return None
    once = float(texts.constant & ask != 0)
    hits, of = hits + once, texts[Count.TEXTS] + once
    llr = weigh(hits, of, rate)
    return None if llr is None else (llr, hits / of)


def weigh_trait(
    account: Account, trait: Trait, rate: Rate, now: float
) -> tuple[float, Tally] | None:
    """Weigh a trait of an account's conduct: weight and tally."""
    tally = account.conduct.tally(trait, now) if account.conduct is not None else None
    if tally is None:
        return None
    llr = weigh(tally.hits, tally.trials, rate)
    return None if llr is None else (llr, tally)


def _beta_binomial(hits: float, of: float, mean: float, spread: float) -> float:
    # Less the binomial coefficient, which is the same under both.
    size = 1.0 / spread - 1.0
    a, b = mean * size, (1.0 - mean) * size
    return _log_beta(hits + a, max(0.0, of - hits) + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
