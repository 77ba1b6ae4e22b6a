import numpy as np

from distillgate.account.account import Account
from distillgate.account.texts import Count, Texts
from distillgate.fingerprint.sketch import STYLE, TOPIC, Sketch
from distillgate.signals.detectors.breadth import breadth
from distillgate.signals.signal import Family


def account(texts: int, own: float) -> Account:
    """Give an account whose texts are `own` about one subject, the rest anything."""
    random = np.random.default_rng(1)
    subject = random.normal(size=TOPIC)
    made = Account.new("a", 1, 0.0)
    made.texts = Texts(0.0)
    for _ in range(texts):
        topic = own * subject + (1 - own) * random.normal(size=TOPIC)
        made.texts.add(Count.TEXTS)
        made.texts.turn_to(Sketch(topic.astype(np.float32), np.zeros(STYLE, np.float32)))
    return made


def test_texts_without_anything_in_common_weigh_next_to_nothing() -> None:
    found = breadth(account(500, own=0.0), 0.0)

    assert found is not None
    assert found.family is Family.CONTENT
    assert 0 < found.llr <= 0.15


def test_one_business_says_nothing() -> None:
    assert breadth(account(500, own=0.5), 0.0) is None


def test_few_texts_say_nothing() -> None:
    assert breadth(account(300, own=0.0), 0.0) is None
    assert breadth(Account.new("a", 1, 0.0), 0.0) is None
