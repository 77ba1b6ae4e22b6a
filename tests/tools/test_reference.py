from tools.reference import PAGES, differing

from distillgate.signals.registry import ACCOUNT, GROUP


def test_the_pages_are_what_the_code_says() -> None:
    assert list(differing()) == [], "write them anew: python -m tools.reference"


def test_every_detector_has_its_row() -> None:
    rows = [line for line in PAGES["detectors.md"]().splitlines() if line.startswith("| `")]

    assert [row.split("`")[1] for row in rows] == [detector.name for detector in (*ACCOUNT, *GROUP)]


def test_every_setting_has_its_row_and_says_what_it_is() -> None:
    rows = [line for line in PAGES["settings.md"]().splitlines() if line.startswith("| `")]
    named = {row.split("`")[1]: row.rsplit(" | ", 1)[1] for row in rows}

    assert {"mode", "proxy.upstream", "policy.exemptions[].reason"} <= set(named)
    assert len(named) == len(rows) > 100
    assert [name for name, text in named.items() if len(text) < 10] == []
