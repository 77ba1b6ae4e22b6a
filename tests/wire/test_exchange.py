import pytest

from distillgate.wire.exchange import Outcome


@pytest.mark.parametrize(
    ("outcome", "tokens"),
    [
        (Outcome(completion_tokens=7, answer_chars=4000, answer_deltas=50), 7),
        (Outcome(completion_tokens=0, answer_chars=4000), 0),
        (Outcome(answer_chars=401), 101),
        (Outcome(answer_chars=400, answer_deltas=300), 300),
        (Outcome(), 0),
    ],
)
def test_output_tokens_are_the_usage_or_a_guess(outcome: Outcome, tokens: int) -> None:
    assert outcome.output_tokens == tokens
