"""What the parameters of a request say about reading out the model instead of asking it."""

from distillgate.fingerprint.origin import HashText
from distillgate.records import FrozenRecord
from distillgate.wire.request import Request


class Probe(FrozenRecord, frozen=True):
    """How a request reads token probabilities.

    `tokens` are keyed hashes of the ids it biases: a walk over the vocabulary (Carlini et al. 2024,
    arXiv:2403.06634) biases new ones in every request, a classifier always the same few.
    """

    tokens: tuple[int, ...]
    single_token: bool
    """One output token is asked for: the answer is wanted for its probabilities."""


def probe(request: Request, hash_text: HashText) -> Probe | None:
    """Read the probe in a request's parameters; None where it asks for no probabilities."""
    parameters = request.parameters
    wants = parameters.logprobs or bool(parameters.top_logprobs) or parameters.echo
    if not wants and not parameters.logit_bias:
        return None
    return Probe(
        tokens=tuple(map(hash_text, parameters.logit_bias)),
        single_token=parameters.max_tokens is not None and parameters.max_tokens <= 2,
    )


def shape(request: Request) -> str:
    """Name the request's shape: which parameters are set, and how, coarsely.

    One program sends one shape; people's programs differ. A weak link, used beside others.
    """
    p = request.parameters
    parts = [request.operation.name]
    if p.temperature is not None:
        parts.append(f"t{p.temperature:g}")
    if p.top_p is not None:
        parts.append(f"p{p.top_p:g}")
    if p.max_tokens is not None:
        parts.append(f"m{p.max_tokens}")
    if p.effort:
        parts.append(f"e{p.effort}")
    place = request.operation.measured.instructions
    has_system_turn = place is not None and place.turn and bool(request.instructions)
    marks = (
        ("s", p.stream),
        ("j", p.json_output),
        ("l", p.logprobs),
        ("f", p.tools > 0),
        ("n", (p.n or 1) > 1),
        ("c", has_system_turn),
    )
    parts += [word for word, on in marks if on]
    return " ".join(parts)
