from distillgate.account.account import Account, AccountSettings, learn
from distillgate.fingerprint.fingerprint import Fingerprinter, FingerprintSettings
from distillgate.signals.detectors.parameter_extraction import (
    ParameterExtractionSettings,
    parameter_extraction,
)
from distillgate.signals.signal import Family, Signal
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

READER = Fingerprinter(FingerprintSettings(), 1)


def asked(biased: list[list[int]], max_tokens: int = 1) -> Signal | None:
    account = Account("a", 1, 0.0, AccountSettings())
    for tokens in biased:
        document = {
            "messages": [{"role": "user", "content": "hi"}],
            "logit_bias": {str(token): 100 for token in tokens},
            "logprobs": True,
            "max_tokens": max_tokens,
        }
        request = from_document(Operation.CHAT, document)
        exchange, found = Exchange("a", request), READER.read(request)
        learn(account, exchange, found, 5, Outcome(status=200), 0.0, AccountSettings())
    return parameter_extraction(account, ParameterExtractionSettings(), 0.0)


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
    assert llrs[-1] <= ParameterExtractionSettings().ceiling


def test_a_classifier_that_biases_the_same_labels_is_not() -> None:
    assert asked([[11, 198, 4021, 77]] * 500) is None


def test_a_writer_who_bans_many_words_in_long_texts_is_not() -> None:
    assert asked([list(range(i, i + 30)) for i in range(200)], max_tokens=900) is None
