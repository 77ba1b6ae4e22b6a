"""A budget of false alarms is kept on accounts not fitted to, with a campaign in the log too."""

import math
from random import Random

import pytest

from distillgate.risk.null import MIN_ACCOUNTS, Peak, excess, fit_margins, fit_shifts, tail

THROTTLE = 2.0


def people(count: int, seed: int, *, scale: float = 1.0, kind: str = "pro/rare") -> list[Peak]:
    """Honest accounts: most show nothing, some a little, few much."""
    rng = Random(seed)
    risks = (max(0.0, rng.expovariate(1 / scale) - 0.5) for _ in range(count))
    return [Peak(f"{kind}-{n}", kind, risk, {"variants": risk}) for n, risk in enumerate(risks)]


def campaign(count: int) -> list[Peak]:
    return [Peak(f"c-{n}", "pro/rare", 9.0, {"variants": 9.0}) for n in range(count)]


@pytest.mark.parametrize("budget", [1e-2, 1e-3])
@pytest.mark.parametrize("guilty", [0, 400])
def test_the_budget_is_kept_on_others_even_with_a_campaign_in_the_log(
    budget: float, guilty: int
) -> None:
    known = [*people(20_000, 1), *campaign(guilty)]
    calibration = fit_margins(
        fit_shifts(known, budget=budget, contamination=0.03),
        known,
        throttle=THROTTLE,
        contamination=0.03,
    )
    level = THROTTLE + calibration.of("pro/rare").margin

    realised = sum(peak.risk >= level for peak in people(50_000, 2)) / 50_000

    assert budget / 5 < realised <= budget * 1.1


def test_a_campaign_in_the_log_is_still_restricted_after() -> None:
    known = [*people(20_000, 1), *campaign(400)]
    shifts = fit_shifts(known, budget=1e-3, contamination=0.03)
    fitted = fit_margins(shifts, known, throttle=THROTTLE, contamination=0.03)

    assert THROTTLE + fitted.of("pro/rare").margin <= 9.0


def test_a_class_that_shows_more_is_given_more() -> None:
    known = [*people(2000, 1), *people(2000, 2, scale=3.0, kind="team/heavy")]
    shifts = fit_shifts(known, budget=1e-3, contamination=0.03)
    fitted = fit_margins(shifts, known, throttle=THROTTLE, contamination=0.03)

    assert fitted.of("team/heavy").margin > 2 * fitted.of("pro/rare").margin > 0


def test_a_class_of_few_accounts_shares_what_everybody_shows() -> None:
    few = people(MIN_ACCOUNTS - 1, 2, scale=3.0, kind="team/heavy")
    shifts = fit_shifts([*people(2000, 1), *few], budget=1e-3, contamination=0.03)

    assert "team/heavy" not in shifts.classes
    assert shifts.of("team/heavy") is shifts.everyone


def test_where_nobody_shows_anything_nothing_is_added() -> None:
    quiet = [Peak(f"a-{n}", "pro/rare") for n in range(1000)]
    shifts = fit_shifts(quiet, budget=1e-4, contamination=0.03)
    fitted = fit_margins(shifts, quiet, throttle=THROTTLE, contamination=0.03)

    assert fitted.of("pro/rare").margin == 0.0
    assert fitted.of("pro/rare").shifts == {}


def test_a_likelihood_ratio_that_keeps_its_promise_has_no_excess() -> None:
    """P(LR >= 1/u) = u is the most that honest accounts may show."""
    kept = [-math.log((rank + 1) / 1000) for rank in range(1000)]

    assert excess(kept, 0.0) == pytest.approx(0.0, abs=1e-9)
    assert excess([llr + 1.5 for llr in kept], 0.0) == pytest.approx(1.5, abs=1e-9)


def test_the_contaminated_share_fits_nothing() -> None:
    assert excess([50.0] * 20 + [0.0] * 980, 0.03) == 0.0
    assert excess([50.0] * 20 + [0.0] * 980, 0.0) > 40


def test_the_tail_of_exponential_risks_is_found() -> None:
    risks = [-math.log((rank + 0.5) / 10_000) for rank in range(10_000)]

    assert tail(risks, 1e-4, 0.03) == pytest.approx(math.log(1e4), rel=0.02)
    assert tail([], 1e-4, 0.03) == 0.0
