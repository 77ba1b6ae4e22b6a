import io

from rich.console import Console

from distillgate_lab.demo.call import HOUR, Account
from distillgate_lab.demo.ledger import Fate, Ledger
from distillgate_lab.demo.screen import LiveScreen, PlainScreen, clock, screen
from distillgate_lab.demo.script import Script

HONEST = Account("anna", "chat users")
WORKER = Account("work-0", "campaign", honest=False)
SCRIPT = Script((HONEST, WORKER), (), 3.0)


def _play(console: Console) -> None:
    ledger = Ledger(SCRIPT.accounts)
    with screen(console, SCRIPT, ledger) as shown:
        for at, account, got in (
            (60.0, HONEST, Fate.FULL),
            (HOUR, WORKER, Fate.AWAY),
            (HOUR + 1, WORKER, Fate.AWAY),
            (2 * HOUR, HONEST, Fate.CUT),
        ):
            shown.told(at, account, got, ledger.enter(account, got))


def test_no_terminal_gets_plain_lines_and_no_control_codes() -> None:
    out = io.StringIO()
    _play(Console(file=out, width=80))

    assert "\x1b" not in out.getvalue()
    assert out.getvalue().splitlines() == [
        "01:00  work-0: turned away",
        "01:00  2 requests; restricted: 0 of 1 honest, 1 of 1 campaign accounts",
        "02:00  anna: cut",
        "02:00  4 requests; restricted: 1 of 1 honest, 1 of 1 campaign accounts",
    ]


def test_a_terminal_gets_a_table_that_is_gone_in_the_end() -> None:
    out = io.StringIO()
    _play(Console(file=out, width=80, force_terminal=True))

    assert "work-0  turned away" in out.getvalue()
    assert out.getvalue().rstrip().endswith("\x1b[2K")


def test_the_console_decides_which_screen_it_is() -> None:
    ledger = Ledger(SCRIPT.accounts)
    terminal = Console(file=io.StringIO(), force_terminal=True)

    assert isinstance(screen(terminal, SCRIPT, ledger), LiveScreen)
    assert isinstance(screen(Console(file=io.StringIO()), SCRIPT, ledger), PlainScreen)


def test_the_plays_time_is_written_in_hours_and_minutes() -> None:
    assert clock(0.0) == "00:00"
    assert clock(2 * HOUR + 59 * 60 + 59) == "02:59"
