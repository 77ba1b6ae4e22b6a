"""What a client got for an exchange that has ended, read from the plan and from its answer."""

from distillgate.actions.effect import Effect, answer_result, cause_of, refusal_result
from distillgate.actions.plan import Plan
from distillgate.asgi.answer import Outgoing
from distillgate.asgi.reference import Named
from distillgate.policy.decision import Decision
from distillgate.wire.exchange import Outcome


def effect_of(
    decision: Decision, plan: Plan, answer: Outgoing | None, outcome: Outcome, named: Named
) -> Effect:
    """Return what a client got; without an `answer` the gate refused it, or nobody answered."""
    wait, measures = None, plan.measures
    if plan.refusal is not None:
        result, wait = refusal_result(decision, plan.refusal.headers)
    else:
        measures = measures if answer is None else answer.measures
        result = answer_result(outcome.status, measures, aborted=outcome.aborted)
    return Effect(
        *named,
        result,
        plan.cause or cause_of(decision),
        outcome.status,
        wait,
        measures,
        outcome.prompt_tokens,
        outcome.completion_tokens,
        None if plan.refusal is not None else outcome.latency,
        "" if answer is None else answer.reference,
    )
