from typing import Any

import orjson
import pytest

from distillgate.actions.dependents import settle
from distillgate.actions.determinism import determinism
from distillgate.actions.draft import Draft
from distillgate.actions.limits import LimitNames
from distillgate.actions.parameters import ParametersSettings, parameters
from distillgate.actions.route import RouteSettings, route
from distillgate.dialects.gemini import GEMINI, GEMINI_EMBED
from distillgate.dialects.interactions import INTERACTIONS
from distillgate.dialects.native import NATIVE
from distillgate.dialects.ollama import OLLAMA_CHAT, OLLAMA_GENERATE
from distillgate.dialects.ranking import RANKING
from distillgate.wire.operation import Operation
from distillgate.wire.request import parse

MOST = ParametersSettings().max_tokens
OLLAMA, STEPS = OLLAMA_CHAT, INTERACTIONS


def degraded(operation: Operation, document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    draft = Draft(parse(operation, orjson.dumps(document)))
    parameters(draft, ParametersSettings(), LimitNames())
    determinism(draft)
    settle(draft)
    return orjson.loads(draft.body.text()), draft.done


@pytest.mark.parametrize(
    ("operation", "before", "after"),
    [
        (GEMINI, {}, {"generationConfig": {"maxOutputTokens": MOST}}),
        (GEMINI, {"generationConfig": None}, {"generationConfig": {"maxOutputTokens": MOST}}),
        (
            GEMINI,
            {"generation_config": {"max_output_tokens": 90_000, "temperature": 0.5}},
            {"generation_config": {"max_output_tokens": MOST, "temperature": 0.5}},
        ),
        (
            GEMINI,
            {"generation_config": {"topP": 0.5}},
            {"generation_config": {"topP": 0.5, "maxOutputTokens": MOST}},
        ),
        (
            GEMINI,
            {
                "generationConfig": {
                    "maxOutputTokens": 100, "candidateCount": 5, "responseLogprobs": True,
                    "logprobs": 5, "seed": 1,
                    "thinkingConfig": {"thinkingBudget": -1, "thinkingLevel": "HIGH"},
                }
            },
            {
                "generationConfig": {
                    "maxOutputTokens": 100, "candidateCount": 1,
                    "thinkingConfig": {"thinkingBudget": MOST // 2, "thinkingLevel": "LOW"},
                }
            },
        ),
        (STEPS, {}, {"generation_config": {"max_output_tokens": MOST}}),
        (
            STEPS,
            {"generation_config": {"max_output_tokens": 5, "thinking_level": "high", "seed": 1}},
            {"generation_config": {"max_output_tokens": 5, "thinking_level": "low"}},
        ),
        (OLLAMA, {}, {"options": {"num_predict": MOST}}),
        (
            OLLAMA,
            {"options": {"num_predict": -1, "seed": 1}, "think": "high", "logprobs": True},
            {"options": {"num_predict": MOST}, "think": "low"},
        ),
        (
            OLLAMA,
            {"options": {"num_predict": 10}, "think": True},
            {"options": {"num_predict": 10}, "think": True},
        ),
        (
            OLLAMA_GENERATE,
            {"prompt": "x", "OPTIONS": {"Num_Predict": 90_000}},
            {"prompt": "x", "OPTIONS": {"Num_Predict": MOST}},
        ),
    ],
)  # fmt: skip
def test_parameters_inside_of_objects_are_capped_and_taken_out(
    operation: Operation, before: dict[str, Any], after: dict[str, Any]
) -> None:
    found, done = degraded(operation, before)

    assert found == after
    assert bool(done) == (before != after)


def test_a_request_of_another_call_gets_no_such_object() -> None:
    for operation in (NATIVE, RANKING, GEMINI_EMBED):
        assert degraded(operation, {"text": "x"}) == ({"text": "x"}, [])


@pytest.mark.parametrize("operation", [OLLAMA, OLLAMA_GENERATE, STEPS])
def test_another_model_answers_where_the_body_names_it(operation: Operation) -> None:
    draft = Draft(parse(operation, b'{"model":"large","input":"x"}'))

    route(draft, RouteSettings(models={"large": "small"}))

    assert orjson.loads(draft.body.text()) == {"model": "small", "input": "x"}
