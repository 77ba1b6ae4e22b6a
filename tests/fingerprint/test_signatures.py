import pytest

from distillgate.fingerprint.segments import NOTHING, SegmentSettings, cut
from distillgate.fingerprint.signatures import Signatures
from distillgate.fingerprint.templates import TEMPLATES, Template

SETTINGS = SegmentSettings()
EACH = pytest.mark.parametrize("number", range(len(TEMPLATES)), ids=lambda n: TEMPLATES[n].name)


def find(turn: str, system: str = "", seed: int = 7) -> int | None:
    signatures = Signatures(SETTINGS, seed)
    return signatures.find(cut(turn, SETTINGS, seed), cut(system, SETTINGS, seed))


@EACH
@pytest.mark.parametrize("seed", [0, 1, 2**63])
def test_a_template_is_known_under_any_key(number: int, seed: int) -> None:
    text = "\n".join(TEMPLATES[number].lines)

    found = find(f"{text}\n\nA seed task of our own.\n", seed=seed)

    assert found is not None
    assert TEMPLATES[found].source == TEMPLATES[number].source


@EACH
def test_numbering_case_and_line_breaks_do_not_hide_it(number: int) -> None:
    lines = (f"{i}. {line.upper()}" for i, line in enumerate(TEMPLATES[number].lines, 1))

    assert find("\r\n   ".join(lines)) is not None


def test_it_is_known_in_the_instructions_too() -> None:
    assert find("Anything.", "\n".join(TEMPLATES[-1].lines)) == len(TEMPLATES) - 1


def test_one_quoted_sentence_of_several_is_not_enough() -> None:
    templates = (Template("a", "b", ("The first sentence of it.", "The second sentence of it.")),)
    signatures = Signatures(SETTINGS, 1, templates)

    assert signatures.find(cut("What is: The first sentence of it.", SETTINGS, 1), NOTHING) is None
    both = cut("The first sentence of it. The second sentence of it.", SETTINGS, 1)
    assert signatures.find(both, NOTHING) == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Let's think step by step.",
        "Please act as an impartial judge and evaluate the quality of the response.",
        "You are a helpful assistant. Follow the given examples.",
        "You are an AI assistant. Answer in French.",
    ],
)
def test_what_honest_work_sends_is_no_template(text: str) -> None:
    assert find(text, text) is None
