"""What an operator may write to a customer: what is done, by whom, until when, and what helps.

It has no evidence in it, and tells of a suspicion what a plan's limit tells: whoever asks in order
to learn what is known must not learn it here.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from distillgate.account.account import Account
from distillgate.engine.engine import Engine
from distillgate.oversight.in_force import InForce
from distillgate.policy.directives import ORDERED
from distillgate.text import visible

_DONE = {
    "throttle": "Some of its requests are answered with 429 and the time to wait in Retry-After.",
    "degrade": "Some parts of its answers are left out, or another model answers and says so.",
    "challenge": "Its requests are answered with 403 and a link, until it was verified.",
    "refuse": "Its requests are answered with 403.",
}


def letter(engine: Engine, account: Account, force: InForce) -> str:
    """Return a letter to an account's customer, ready to be copied."""
    name = visible(account.name)
    return "\n\n".join([f"About your account {name}", *_paragraphs(engine, account, force)]) + "\n"


def _paragraphs(engine: Engine, account: Account, force: InForce) -> Iterator[str]:
    if not force.enforced:
        until = "" if force.until is None else f", until {_moment(force.until)} at least"
        looked = " A person has looked at it." if force.by in ("pardon", "lift") else ""
        yield f"Nothing but the limits of its plan holds for it{until}.{looked}"
    else:
        yield _DONE[force.action] + _end(force)
        if force.by.startswith(ORDERED):
            yield "A person decided this."
        else:
            yield "This was decided automatically, from how much is asked and how."
        yield from _way_out(engine, account)


def _end(force: InForce) -> str:
    end = force.until if force.by.startswith(ORDERED) else force.restricted_until
    return "" if end is None else f" That ends by itself, on {_moment(end)} at the earliest."


def _way_out(engine: Engine, account: Account) -> Iterator[str]:
    """Yield how to be looked at by a person, and what helps."""
    actions = engine.settings.actions
    latest = next((one.reference for one in reversed(account.history or ()) if one.reference), "")
    named = f", and name {latest}" if latest else ", and name the reference of an answer (dg-…)"
    ways = [f"write to {actions.contact}{named}"] if actions.contact else []
    ways += ["follow the link in such an answer"] if actions.appeal.url else []
    if ways:
        yield f"To have a person look at it, {' or '.join(ways)}."
    yield (
        "It helps to know what the work is, and which of your accounts belong to one organisation: "
        "accounts that are declared count as one customer."
    )


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%d %B %Y, %H:%M} UTC"
