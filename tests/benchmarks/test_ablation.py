"""What a signal moved is told by adding the risk up without it."""

from collections import defaultdict

from benchmarks.detection.ablation import Moved, weigh
from tests.campaign.test_groups import Traffic

from distillgate.config.schema import Config
from distillgate.engine.assessment import Assessment
from distillgate.risk.fuse import fuse
from distillgate.signals.signal import Family, Signal

CONFIG = Config()


def moved(*signals: Signal, grouped: bool = False) -> tuple[dict[str, Moved], set[str]]:
    """Return what each signal moved, and those without which nothing would be restricted."""
    found: dict[str, Moved] = defaultdict(Moved)
    group = next(iter(grown().groups)) if grouped else None
    assessed = Assessment(fuse(signals, CONFIG.risk), group)
    return found, set(weigh(assessed, CONFIG, found))


def grown() -> Traffic:
    traffic = Traffic(min_units=2)
    for principal in range(1, 9):
        traffic.send(principal, f"Mark the answer.\nGive one reason.\n{principal} owls")
    return traffic


def test_a_signal_that_tips_the_balance_moved_it_and_one_beside_did_not() -> None:
    found, needed = moved(
        Signal("parameter_extraction", Family.SURFACE, 2.5, "why"),
        Signal("variation", Family.CONTENT, 0.2, "why"),
    )

    assert needed == {"parameter_extraction"}
    assert (found["variation"].shown, found["variation"].moved) == (1, 0)
    assert found["parameter_extraction"].moved == 1


def test_without_its_link_a_group_takes_everything_with_it() -> None:
    link, taken = (
        Signal("one_manner", Family.LINKAGE, 3.0, "why"),
        Signal("work_list", Family.HARVEST, 1.0, "why"),
    )
    found, needed = moved(link, taken, grouped=True)

    assert needed == {"one_manner"}
    assert found["one_manner"].moved == 1
