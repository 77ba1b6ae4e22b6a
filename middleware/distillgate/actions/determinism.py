"""Measure: take out the seed, so that the same question is not the same answer each time.

A harvester that asks again with the seed it used before gets its old answer again from the cache or
the sampler, and can tell what a change of its prompt does. Everybody else gets an answer as good.
"""

from distillgate.actions import nested
from distillgate.actions.draft import Draft

_SEEDS = ("seed", "random_seed", "sampling_seed")
"""OpenAI's and vLLM's name, Mistral's, SGLang's."""


def determinism(draft: Draft) -> None:
    """Take out the seed."""
    for name in _SEEDS:
        draft.remove(name)
    nested.take_out(draft, draft.measured.fields.seeds, "seed")
