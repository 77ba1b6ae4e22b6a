import random

import numpy as np
import pytest
from benchmarks.text import Kind, account_means, matrix, said_of, train, without_fixed

from distillgate.fingerprint.templates import TEMPLATES


def test_lines_that_many_texts_share_are_taken_out() -> None:
    assert without_fixed([f"Do this:\nitem {n}" for n in range(50)])[7] == "item 7"


def test_a_classifier_learns_what_it_is_shown() -> None:
    dice = random.Random(1)
    words = ["copper", "beech", "alder", "willow"], ["torque", "gasket", "piston", "valve"]
    texts = [" ".join(dice.choices(words[n % 2], k=8)) for n in range(80)]
    labels = np.arange(80.0) % 2

    scores = matrix(texts).dot(train(matrix(texts), labels, np.full(80, 1 / 80)))

    assert scores[1::2].min() > scores[::2].max()
    assert matrix(["", "one"]).dot(np.ones(1 << 15))[0] == 0


def test_accounts_are_means_of_whole_batches() -> None:
    assert account_means(np.arange(45.0)).tolist() == [9.5, 29.5]


def test_what_the_gate_says_of_a_known_template_is_counted() -> None:
    head = "\n".join(next(t for t in TEMPLATES if t.name == "Alpaca").lines)
    seeds = (f"{a}{b} by the {b}{a} river" for a in "abcdefghij" for b in "klmnopqrs")
    kind = Kind("k", True, [("", f"{head}\n1. Write of a {seed}.") for seed in seeds])

    said = said_of(kind, random.Random(1))

    assert said.signed == pytest.approx(1.0)
    assert said.restricted == 6
    assert set(said.signals) == {"known_template"}
