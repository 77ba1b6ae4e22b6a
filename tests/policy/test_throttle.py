import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from distillgate.policy.draw import Draw
from distillgate.policy.throttle import ThrottleSettings, plan_wait, suspect_wait
from distillgate.wire.exchange import Exchange
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

DEFAULT = ThrottleSettings()
DRAW = Draw(b"key")


def exchange(reference: str) -> Exchange:
    return Exchange("a", from_document(Operation.CHAT, {}), id=reference)


@given(st.text(max_size=40), st.floats(0.0, 1e9))
def test_a_plans_wait_is_true_lengthened_within_its_share_and_bounded(
    reference: str, seconds: float
) -> None:
    found = plan_wait(seconds, exchange(reference), DRAW, DEFAULT)

    assert found == plan_wait(seconds, exchange(reference), DRAW, DEFAULT)
    assert min(seconds, 120.0) <= found <= min(120.0, seconds * (1 + DEFAULT.jitter))


@given(st.text(max_size=40), st.floats(0.0, 1e9))
def test_a_suspects_wait_is_drawn_within_its_bounds(reference: str, now: float) -> None:
    wait, delay = suspect_wait(exchange(reference), now, DRAW, DEFAULT)

    assert DEFAULT.min_wait <= wait <= DEFAULT.max_wait <= 120.0
    assert 0.0 <= delay <= DEFAULT.delay_seconds


def test_a_suspects_waits_differ_from_one_time_to_the_next() -> None:
    waits = {suspect_wait(exchange("same"), float(i), DRAW, DEFAULT) for i in range(100)}

    assert len(waits) == 100


@pytest.mark.parametrize("value", [0.0, 121.0])
def test_a_wait_that_sdks_give_up_on_is_refused(value: float) -> None:
    with pytest.raises(ValidationError, match="max_wait"):
        ThrottleSettings(max_wait=value)
