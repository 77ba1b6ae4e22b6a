import pytest

from distillgate.signals.detector import Detector, Reads
from distillgate.signals.registry import ACCOUNT, GROUP, OFF

EACH = pytest.mark.parametrize("detector", [*ACCOUNT, *GROUP], ids=lambda detector: detector.name)


def test_a_name_is_registered_once() -> None:
    names = [detector.name for detector in (*ACCOUNT, *GROUP)]

    assert len(set(names)) == len(names) > 20


def test_what_reads_less_is_asked_first() -> None:
    assert [detector.reads for detector in ACCOUNT] == sorted(
        detector.reads for detector in ACCOUNT
    )
    assert {detector.reads for detector in ACCOUNT} == set(Reads)


@EACH
def test_a_registration_says_all_that_is_said_of_a_detector(detector: Detector) -> None:
    assert detector.asks
    assert detector.doubt.honest
    assert detector.doubt.clears


def test_an_indicator_of_the_advisory_has_at_most_one_detector() -> None:
    indicators = [d.indicator for d in ACCOUNT if d.indicator is not None]

    assert sorted(indicators) == list(range(1, 11))


def test_detectors_of_groups_are_asked_in_the_order_of_their_turns() -> None:
    assert [detector.turn for detector in GROUP] == sorted(detector.turn for detector in GROUP)
    assert len(GROUP) > 8


def test_a_detector_that_may_speak_for_accounts_cannot_be_off() -> None:
    assert {"payloads", "life_cycle", "grading"} <= OFF
    assert not OFF & {"shared_key", "exchangeability", "work_list"}
