"""What an exchange of a heavy account costs the engine, here and in another tree, in one run.

    python -m benchmarks.heavy [TREE...]

The 500 accounts of `phases` send eight requests each; then one of them sends 8,000 in a row, of
which the last 2,000 are measured, as `phases` measures.
"""

import gc
import random
from collections import Counter

import orjson

from benchmarks import phases, prompts

BEFORE, SENT, MEASURED = 4000, 8000, 2000


def play(before: int = BEFORE, sent: int = SENT, measured: int = MEASURED) -> dict[str, float]:
    """Return the microseconds an exchange by phase."""
    from distillgate.engine.engine import Engine, EngineSettings
    from distillgate.tokenizer import Tokenizer
    from distillgate.tokenizer.count import TokenizerSettings

    count = Tokenizer(TokenizerSettings()).count
    engine = Engine(EngineSettings(), count=count, secret=b"benchmark" * 4, enforce=True)
    dice, taken = random.Random(1), Counter[str]()
    gc.freeze()
    for number in range(before + sent):
        text = prompts.text(dice, phases.TOKENS)
        body = orjson.dumps({"model": "m", "messages": [{"role": "user", "content": text}]})
        who = number % phases.ACCOUNTS if number < before else 0
        spent = phases.exchanged(engine, body, f"account-{who}", 1.8e9 + number / 100)
        if number >= before + sent - measured:
            taken.update(spent)
    return {phase: ns / measured / 1000 for phase, ns in taken.items()}


if __name__ == "__main__":
    phases.main(play, "benchmarks.heavy")
