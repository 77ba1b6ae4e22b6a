"""A report is a head start for a group that shows one hand, and ends with the report."""

from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest
from tests.engine.conftest import ANSWER, World, chat, lexicon, make_engine
from tests.intel.telling import LABS, NAME, listen

from distillgate.account.windows import DAY
from distillgate.engine.entries import Feed, decode
from distillgate.intel.imported import told, withdrawn
from distillgate.intel.received import Told
from distillgate.intel.sketch import segments
from distillgate.records import encode
from distillgate.wire.exchange import Outcome

RULES = (
    "You mark short answers of pupils, one after the other.\nThink before you decide, slowly.\n"
    "Write your reasoning down before the mark.\nLeave none of its steps out.\n"
    "Then give the mark on a line of its own.\nUse the whole scale from one to five."
)
LONG = Outcome(status=200, prompt_tokens=200, completion_tokens=900, finish_reason="stop")
POOL, HELD = 800, 100


def feed(days: float = 14.0) -> list[Told]:
    lines = frozenset(segments(chat("x", "What is that?", RULES).request, LABS.newest))
    return [Told(NAME, "a lab", LABS.newest, lines, 1.8e9 + days * DAY)]


def world(*told_of: Told) -> World:
    random = Random(1)
    made = World(make_engine(), random, words=lexicon(random, 4000))
    listen(made.engine)
    for entry in told(told_of, made.now, "test"):
        made.engine.hand(entry)
    return made


def held(made: World) -> Iterator[int]:
    """Deal a list over a pool; yield the exchanges by which one more account is restricted."""
    accounts, seen = made.random, set[str]()
    for number, text in enumerate(made.work_list(3000), 1):
        name = f"c-{accounts.randrange(POOL)}"
        decision = made.send(name, text, system=RULES, outcome=LONG)
        if decision.action.restricts and name not in seen:
            seen.add(name)
            yield number


@pytest.fixture(scope="module")
def alone() -> int:
    """Exchanges of the pool until its first hundred accounts are restricted, without a report."""
    return list(islice(held(world()), HELD))[-1]


def test_a_second_pool_is_held_in_a_quarter_of_the_exchanges(alone: int) -> None:
    reported = list(islice(held(world(*feed())), HELD))[-1]

    assert reported <= alone / 4


def test_a_report_that_is_over_or_withdrawn_is_as_none(alone: int) -> None:
    over = world(*feed(days=-1.0))
    assert list(islice(held(over), HELD))[-1] == alone

    made = world(*feed())
    pool = held(made)
    next(pool)
    actors = [made.engine.state.actor(key) for key in made.engine.state.actors]
    assert any(actor is not None and actor.until < 4e9 for actor in actors)
    for entry in withdrawn([NAME], made.now + DAY, made.now, "test"):
        made.engine.hand(entry)
    accounts = [f"c-{number}" for number in range(POOL)]
    after = [made.send(name, "What now?", system=RULES) for name in accounts[:40]]
    assert not any(decision.action.restricts for decision in after), "nor is anybody held"


def test_what_rests_on_a_report_lapses_with_it() -> None:
    made = world(*feed(days=1.0))
    next(held(made))
    made.now = 1.8e9 + 1.1 * DAY

    after = [made.send(f"c-{number}", "What now?", system=RULES) for number in range(40)]

    assert not any(decision.action.restricts for decision in after)
    assert not any(group.reported for group in made.engine.state.groups), "others have its place"
    assert not made.engine.state.groups.reports, "it is looked for no more"


def test_a_crowd_is_not_harmed_by_a_report_of_its_prompt() -> None:
    made = world(*feed())
    people = [made.person() for _ in range(60)]

    decisions = [
        made.send(f"p-{who}", people[who](), system=RULES, outcome=LONG)
        for who in (made.random.randrange(60) for _ in range(900))
    ]

    assert not any(decision.action.restricts for decision in decisions)
    assert any(group.reported for group in made.engine.state.groups), "it was looked for"


def test_nothing_told_of_is_nothing_looked_for() -> None:
    made = world()
    made.engine.recognise = lambda _: pytest.fail("nothing holds")

    for text in islice(made.work_list(60), 60):
        made.send("a", text, system=RULES, outcome=ANSWER)


def test_many_reports_are_many_small_entries_of_the_log() -> None:
    many = [feed()[0]._replace(id=f"indicator--{n}") for n in range(70)]

    entries = [decode(encode(entry)) for entry in told(many, 1.0, "anna")]

    assert [len(entry.reports) for entry in entries if isinstance(entry, Feed)] == [32, 32, 6]
    [gone] = withdrawn(["a"], 9.0, 1.0, "anna")
    assert decode(encode(gone)).withdrawn == (("a", 9.0),)
