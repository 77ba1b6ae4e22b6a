"""Whatever the measures do, all that they do not name keeps every byte."""

from itertools import combinations
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.actions.bands import Band, Measure
from distillgate.actions.limits import LimitNames
from distillgate.actions.mark.measure import MarkSettings
from distillgate.actions.plan import ActionsSettings, Known, plan
from distillgate.actions.route import RouteSettings
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.policy.decision import Action, Decision
from distillgate.wire.edit import Body, Item
from distillgate.wire.exchange import Exchange
from distillgate.wire.operation import Operation
from distillgate.wire.request import parse

MEASURES: tuple[Measure, ...] = get_args(Measure)
SIZES = range(len(MEASURES) + 1)
SUBSETS = [list(chosen) for size in SIZES for chosen in combinations(MEASURES, size)]
NAMED = frozenset({
    "model", "logprobs", "top_logprobs", "logit_bias", "n", "max_tokens", "max_completion_tokens",
    "max_output_tokens", "seed", "thinking", "reasoning_effort", "context_management", "min_tokens",
    "system", "instructions", "best_of", "echo",
})  # fmt: skip
"""What the measures may name in what follows."""

NUMBERS = st.sampled_from([
    str(2**256), str(-(2**256)), "0." + "1234567890" * 4, "1e400", "-0", "1.0E+2", "NaN",
    "-Infinity", str(2**64), "18446744073709551617.5",
])  # fmt: skip
ODD = st.sampled_from(
    ['"\\u0061\\/\\ud83d"', '"\\\\\\""', "[ 1 ,\t2]", '{"b":1, "b":2,"B" : 3}', "null"]
)
KEYS = st.sampled_from(['"x"', '"X"', '"\\u0078"', '"metadata"', '"user"', '"tools_"', '"é"'])
SPACE = st.text(" \n\t", max_size=2)
FREE = st.tuples(KEYS, NUMBERS | ODD)
ASKED = st.tuples(
    st.sampled_from([
        '"model"', '"logprobs"', '"n"', '"N"', '"max_tokens"', '"MAX_TOKENS"', '"seed"',
        '"max_output_tokens"', '"min_tokens"', '"s\\u0065ed"', '"best_of"', '"instructions"',
    ]),
    NUMBERS | st.sampled_from(["1", "9000", '"m-large"', "true", "null"]),
)  # fmt: skip
THINKS = '{"type": "enabled", "budget_tokens": 31999, "x":1e400}'
FIXED = [
    ('"messages"', '[ {"role":"user","content":"Why is a river brown?","n":1e400} ]'),
    ('"input"', '"Why is a river brown?"'),
    ('"prompt"', '"Why"'),
]


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Write a request in any layout."""
    members = [*FIXED, *draw(st.lists(FREE | ASKED, max_size=8))]
    if draw(st.booleans()):
        members.append(('"thinking"', THINKS))
    parts = [
        f"{draw(SPACE)}{key}{draw(SPACE)}:{draw(SPACE)}{value}{draw(SPACE)}"
        for key, value in draw(st.permutations(members))
    ]
    return f"{draw(SPACE)}{{{','.join(parts)}}}{draw(SPACE)}".encode()


def unnamed(items: list[Item]) -> list[bytes]:
    """List the members that no measure names, key and all."""
    found = (item for item in items if item.key is not None and item.key.casefold() not in NAMED)
    return [item.head.strip() + item.value.text() for item in found if item.key != "messages"]


@pytest.mark.parametrize(
    "operation",
    [CHAT, COMPLETIONS, RESPONSES, MESSAGES],
)
@given(bodies(), st.sampled_from(SUBSETS))
def test_all_else_keeps_every_byte(operation: Operation, raw: bytes, chosen: Any) -> None:
    settings = ActionsSettings(
        bands=[Band(measures=chosen)],
        route=RouteSettings(models={"*": "m-small"}),
        mark=MarkSettings(share=1.0),
    )
    asked = Exchange("a", parse(operation, raw), id="dg-1")
    judged = Decision("a", Action.DEGRADE, enforced=True, group_code="g-1")

    found = plan(asked, judged, settings, Known(b"secret", LimitNames()))

    assert found.refusal is None
    if found.body is None:
        return
    before, after = Body(raw), Body(found.body)
    assert unnamed(after.root.items()) == unnamed(before.root.items())
    (turns,) = before.root.members("messages")
    (sent,) = after.root.members("messages")
    kept = sent.items()[-1].value.text()
    assert kept == turns.items()[0].value.text()
