"""What a calibration would do, told from peaks alone."""

import pytest

from distillgate.cli.calibrate import objection
from distillgate.cli.calibration_report import document, show
from distillgate.cli.fitting import Fit, Peaks
from distillgate.policy.decision import Decision, Reason
from distillgate.risk.calibration import Calibration, Null
from distillgate.risk.fuse import RiskSettings

CAPS = RiskSettings().caps
THROTTLE = 2.0


def peaks(linked: float, alone: float) -> Peaks:
    """Make 100 accounts: four of a group and one alone with so much risk, the rest with none."""
    found = Peaks()
    for number in range(95):
        found.add(Decision(f"honest-{number}"), "pro/rare")
    for number in range(4):
        reasons = (Reason("work_list", "harvest", linked, "many texts"),)
        decision = Decision(f"ring-{number}", risk=linked, reasons=reasons, group="g-1")
        found.add(decision, "pro/rare")
    reasons = (Reason("known_template", "signature", alone, "a list's own words"),)
    found.add(Decision("alone", risk=alone, reasons=reasons), "pro/rare")
    return found


def fit(margin: float, *, linked: float = 5.0) -> Fit:
    null = Null(accounts=95, margin=margin)
    calibration = Calibration(budget=1e-3, days=30.0, everyone=null)
    return Fit(calibration, peaks(linked, 2.5), peaks(linked, 2.5), THROTTLE)


def test_it_is_told_whom_the_gate_restricts_without_it_and_in_which_groups() -> None:
    bare = document(fit(0.0), CAPS)["uncalibrated"]

    assert bare == {
        "restricted": 5,
        "alone": 1,
        "left_out": 4,
        "groups": [{"group": "g-1", "accounts": 4, "restricted": 4}],
    }


def test_more_than_can_be_borne_is_refused_and_less_is_not() -> None:
    assert "5 of 100 accounts are restricted" in objection(fit(0.0), 0.03)
    assert "bears 3" in objection(fit(0.0), 0.03)
    assert objection(fit(0.0), 0.05) == ""


def test_whom_it_acquits_is_named_and_a_linked_group_never_unread() -> None:
    one, all_of_them = fit(1.0), fit(4.0)

    assert [row["account"] for row in document(one, CAPS)["acquitted"]] == ["alone"]
    assert objection(one, 0.1) == ""
    acquitted = document(all_of_them, CAPS)["acquitted"]
    assert [row["group"] for row in acquitted] == ["g-1"] * 4 + [None]
    assert "would acquit 4 accounts of groups that the gate links" in objection(all_of_them, 0.1)


def test_a_margin_beyond_what_a_family_can_say_is_warned_of() -> None:
    assert document(fit(0.5), CAPS)["warnings"] == []
    [warning] = document(fit(4.5), CAPS)["warnings"]
    assert warning.startswith("everyone: the margin of 4.50 nats")
    assert "conduct (0.9)" in warning
    assert "harvest (4)" in warning
    assert "linkage" not in warning


def test_people_read_all_of_that(capsys: pytest.CaptureFixture[str]) -> None:
    show(document(fit(4.0), CAPS))

    told = " ".join(capsys.readouterr().out.split())
    assert "without it: 5 (5.0%), 1 of them in no group" in told
    assert "g-1: 4 of 4 accounts" in told
    assert "it acquits 5:" in told
    assert "ring-0 of g-1 (pro/rare): 5.00 nats without it" in told
