import io

from rich.console import Console

from distillgate_lab.demo import main
from distillgate_lab.demo.script import write


def _play(**arguments: object) -> tuple[int, str]:
    out = io.StringIO()
    code = main(write(**arguments), Console(file=out, width=100))  # type: ignore[arg-type]  # keywords
    return code, " ".join(out.getvalue().split())


def test_a_campaign_is_caught_and_nobody_honest_is_touched() -> None:
    code, text = _play(scale=0.1, campaign_accounts=24, campaign_items=1200)

    assert "honest accounts touched 0 of 32" in text
    assert "campaign accounts caught 24 of 24" in text
    assert "of 1,200" in text
    assert "time added" in text
    assert "Why work-" in text
    assert code == 0


def test_a_campaign_that_is_missed_fails_the_demo() -> None:
    code, text = _play(scale=0.02, campaign_accounts=20, campaign_items=40)

    assert "the campaign was missed: 0 of 20 accounts caught" in text
    assert code == 1
