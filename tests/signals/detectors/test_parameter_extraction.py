import pytest
from tests.observing import observe
from tests.signals.conftest import used

from distillgate.account.account import Account, learn
from distillgate.account.conduct import Trait
from distillgate.account.windows import DAY
from distillgate.dialects.chat import CHAT
from distillgate.signals.detectors.parameter_extraction import parameter_extraction
from distillgate.signals.signal import Family, Signal
from distillgate.wire.request import from_document


def asked(biased: list[list[int]], max_tokens: int = 1, days: float = 0.0) -> Signal | None:
    account = Account.new("a", 1, 0.0)
    for tokens in biased:
        document = {
            "messages": [{"role": "user", "content": "hi"}],
            "logit_bias": {str(token): 100 for token in tokens},
            "logprobs": True,
            "max_tokens": max_tokens,
        }
        request = from_document(CHAT, document)
        learn(account, observe(request), 0.0)
    account.conduct = used(Trait.PROBE, 10, 10).conduct
    return parameter_extraction(account, days * DAY)


def test_a_walk_over_the_vocabulary_is_seen() -> None:
    found = asked([list(range(10 * i, 10 * i + 10)) for i in range(100)])

    assert found is not None
    assert found.family is Family.SURFACE
    assert found.llr > 4


def test_the_further_it_went_the_more_it_weighs() -> None:
    llrs = [
        found.llr if (found := asked([[3 * i, 3 * i + 1, 3 * i + 2] for i in range(n)])) else 0.0
        for n in (10, 40, 80, 300)
    ]

    assert llrs[0] == 0
    assert llrs == sorted(llrs)
    assert llrs[-1] <= 8.0


def test_a_classifier_that_biases_the_same_labels_is_not() -> None:
    assert asked([[11, 198, 4021, 77]] * 500) is None


def test_a_writer_who_bans_many_words_in_long_texts_is_not() -> None:
    assert asked([list(range(i, i + 30)) for i in range(200)], max_tokens=900) is None


def test_a_classifier_with_many_labels_is_not() -> None:
    assert asked([list(range(150))] * 100) is None


def test_a_few_classifiers_on_one_key_are_not() -> None:
    assert asked([list(range(100 * (i % 8), 100 * (i % 8) + 20)) for i in range(200)]) is None


def test_one_new_token_a_request_is_enough_within_two_hundred() -> None:
    found = asked([[number] for number in range(200)])

    assert found is not None
    assert found.llr > 2.0


def test_a_walk_that_ended_is_half_forgotten_in_a_month() -> None:
    walk = [[3 * i, 3 * i + 1, 3 * i + 2] for i in range(100)]
    now, later = asked(walk), asked(walk, days=31.0)

    assert now is not None
    assert later is not None
    assert later.llr == pytest.approx(now.llr / 2)
