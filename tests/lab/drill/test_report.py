from io import StringIO

from rich.console import Console

from distillgate_lab.drill import report
from distillgate_lab.drill.answer import Answer, Fate
from distillgate_lab.drill.ledger import Row
from distillgate_lab.drill.script import Script, write


def script() -> Script:
    return write(["chat users"], accounts=4, limit=5, seed="s", texts=None)


def rows() -> dict[str, Row]:
    row = Row()
    row.enter("a", Answer(Fate.ALLOWED))
    row.enter("a", Answer(Fate.THROTTLED, "rate_limit_exceeded"))
    return {"slow": row, "chat users": Row()}


def test_every_scenario_is_a_line() -> None:
    console = Console(file=StringIO(), width=200)
    console.print(report.table(rows()))
    head, slow, chat = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # a StringIO

    assert head.split()[:3] == ["scenario", "accounts", "restricted"]
    assert slow.split() == ["slow", "1", "1", "1", "1", "0", "0", "0", "0", "1"]
    assert chat.split()[-1] == "never"
    assert list(report.said(rows())) == ["slow: rate_limit_exceeded (1)"]


def group(code: str, exchanges: int, link: float) -> dict[str, object]:
    return {"code": code, "exchanges": exchanges, "link": link}


def test_groups_that_grew_are_kept_though_they_are_linked_no_more() -> None:
    watch = report.Watch([group("g-1", 5, 3.0), group("g-2", 5, 3.0)])
    watch.see([group("g-1", 5, 3.0), group("g-2", 9, 2.5)])
    watch.see([group("g-3", 1, 4.0), group("g-2", 12, 2.1)])
    watch.see([])

    assert watch.groups == [group("g-3", 1, 4.0), group("g-2", 12, 2.1)]


def test_what_could_not_be_seen_is_said() -> None:
    played = script()
    text = "\n".join(report.limits(played, 5000.0))

    assert "clocks say nothing" in text
    assert f"{played.left_out:,} later calls" in text
    assert report.document(rows(), played, 5000.0)["limits"] == text.split("\n")
