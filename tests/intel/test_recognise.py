"""A reported template is found in what is sent, whatever is in its slots."""

from tests.engine.conftest import chat
from tests.intel.telling import LABS, NAME, report

from distillgate.campaign.reports import MOST_MATCHED, Reports
from distillgate.intel.community import create
from distillgate.intel.recognise import Recogniser

PROMPT = "Mark this short answer with care.\nSay in two lines why you do.\nThink before you decide."


def test_a_request_is_recognised_by_half_of_the_lines_wherever_they_are() -> None:
    reports = Reports()
    reports.add(report(PROMPT, 100.0), 0.0)
    recognise = Recogniser(LABS, lambda: reports)

    assert recognise(chat("a", f"{PROMPT}\nWhat is a mountain?")) == (NAME,)
    assert recognise(chat("b", "What is a river?", PROMPT)) == (NAME,)
    half = "\n".join(PROMPT.split("\n")[:2])
    assert recognise(chat("c", f"{half}\nWhat is a forest?")) == (NAME,)
    assert recognise(chat("d", "What is a mountain?\nThink before you decide.")) == ()
    assert recognise(chat("e", "What is a mountain?")) == ()


def test_what_holds_now_is_looked_for_and_no_other_communitys() -> None:
    held = [Reports()]
    recognise = Recogniser(LABS, lambda: held[0])
    stranger = Recogniser(create("others", 0.0), lambda: held[0])
    exchange = chat("a", f"{PROMPT}\nWhat is a mountain?")
    assert recognise(exchange) == ()

    held[0].add(report(PROMPT, 100.0), 0.0)
    assert recognise(exchange) == (NAME,)
    assert stranger(exchange) == ()
    held[0].withdraw([(NAME, 100.0)], 0.0, ())
    assert recognise(exchange) == ()

    held[0] = Reports()  # as a snapshot that is adopted
    for number in range(9):
        held[0].add(report(PROMPT, 100.0, f"indicator--{number}"), 0.0)
    assert recognise(exchange) == tuple(f"indicator--{n}" for n in range(9 - MOST_MATCHED, 9))


def test_of_each_source_as_many_are_named_as_of_others() -> None:
    reports = Reports()
    recognise = Recogniser(LABS, lambda: reports)
    for number in range(50):
        reports.add(report(PROMPT, 100.0, f"indicator--{number:02}", source="a foe"), 0.0)
    reports.add(report(PROMPT, 100.0, "indicator--z", source="a lab"), 0.0)

    named = recognise(chat("a", f"{PROMPT}\nWhat is a mountain?"))
    assert len(named) == MOST_MATCHED
    assert "indicator--z" in named


def test_many_reports_of_popular_lines_keep_no_templates_own_out() -> None:
    """Nine of as many sources, each made from two of every five requests."""
    reports = Reports()
    recognise = Recogniser(LABS, lambda: reports)
    popular = [f"Popular sentence number {number} of all." for number in range(9)]
    for number, line in enumerate(popular):
        name, first = f"indicator--{number}", PROMPT.split("\n", maxsplit=1)[0]
        prompt = f"{first}\n{line}\nNobody ever sends number {number}."
        reports.add(report(prompt, 100.0, name, source=name), 0.0)
    reports.add(report(PROMPT, 100.0, "indicator--z", source="a lab"), 0.0)
    same = report(PROMPT, 100.0, "indicator--zz", source="indicator--0")
    reports.add(same, 0.0)

    said = "\n".join(popular[:4])
    named = recognise(chat("a", f"{PROMPT}\n{said}\nWhat is a mountain?"))
    assert len(named) == MOST_MATCHED
    assert named[:2] == ("indicator--z", "indicator--zz")
