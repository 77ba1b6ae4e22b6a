from random import Random

from distillgate.campaign.template import TemplateIndex, TemplateSettings
from distillgate.fingerprint.segments import SegmentSettings, cut

SEGMENTS = SegmentSettings()
RULES = "Grade the following essay from one to ten.\nGive two reasons for the grade."


def pieces(text: str) -> tuple[int, ...]:
    return cut(text, SEGMENTS, 1).hashes


def lines(text: str) -> list[int]:
    """Give the segments of a text without its anchors."""
    return cut(text, SEGMENTS, 1).longer(0)


def index(**settings: int) -> TemplateIndex:
    return TemplateIndex(TemplateSettings(sightings=1 << 14, **settings))


def known(templates: TemplateIndex, value: int) -> bool:
    return templates.find((value,)) is not None


def words(number: int) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def test_what_one_unit_sends_is_private_however_often() -> None:
    templates = index()
    for _ in range(20):
        assert templates.learn(pieces(RULES), 1) is None

    assert len(templates) == 0
    assert not any(known(templates, value) for value in pieces(RULES))


def test_what_a_second_unit_sends_too_becomes_a_template() -> None:
    templates = index()
    templates.learn(pieces(f"{RULES}\nThe essay is about rivers"), 1)
    found = templates.learn(pieces(f"{RULES}\nThe essay is about whales"), 2)

    assert found is not None
    rules = set(lines(RULES))
    assert rules <= found.segments
    slots = {
        value
        for text in ("The essay is about rivers", "The essay is about whales")
        for value in lines(text)
    }
    assert not slots & found.segments
    assert all(known(templates, value) for value in rules)


def test_a_template_is_found_again_and_finding_learns_nothing() -> None:
    templates = index()
    text = pieces(RULES)
    for _ in range(3):
        assert templates.find(text) is None
    templates.learn(text, 1)
    found = templates.learn(text, 2)

    assert found is not None
    assert templates.find(pieces(f"{RULES}\nSomething else altogether")) is found
    assert templates.find(pieces("Something else altogether, and long")) is None
    assert templates.learn(text, 3) is found
    assert len(templates) == 1


def test_the_template_that_covers_most_of_a_text_is_its_template() -> None:
    templates = index()
    small, large = "A small shared sentence.", RULES
    for principal in (1, 2):
        templates.learn(pieces(small), principal)
    for principal in (1, 2):
        templates.learn(pieces(large), principal)

    found = templates.find(pieces(f"{small}\n{large}"))

    assert found is not None
    assert set(lines(large)) <= found.segments


def test_a_flood_of_unique_text_makes_no_templates_and_forgets_none() -> None:
    templates = index(max_templates=100)
    for principal in (1, 2):
        templates.learn(pieces(RULES), principal)
    size = templates._owners.nbytes + templates._tags.nbytes

    for i in range(20_000):
        templates.learn(pieces(f"Unique {words(i)} sentence"), i + 10)

    assert templates._owners.nbytes + templates._tags.nbytes == size
    assert len(templates) <= 100
    assert templates.find(pieces(RULES)) is not None


def test_templates_are_bounded_and_the_longest_unused_goes() -> None:
    templates = index(max_templates=50)
    texts = [pieces(f"Shared {words(i)} sentence") for i in range(120)]
    for text in texts:
        for principal in (1, 2):
            templates.learn(text, principal)
        templates.learn(texts[0], 3)

    assert len(templates) == 50
    assert templates.find(texts[0]) is not None
    assert templates.find(texts[1]) is None
    assert templates.find(texts[-1]) is not None


def test_pinned_templates_are_not_forgotten() -> None:
    templates = index(max_templates=300)
    pinned = [pieces(f"Pinned {words(i)} sentence") for i in range(200)]
    for text in pinned:
        templates.learn(text, 1)
        found = templates.learn(text, 2)
        assert found is not None
        templates.pin(found.key, pinned=True)

    for i in range(2000):
        for principal in (1, 2):
            templates.learn(pieces(f"Passing {words(i)} sentence"), principal)

    assert all(templates.find(text) is not None for text in pinned)
    assert len(templates) == 300


def test_one_template_has_a_bounded_number_of_segments() -> None:
    templates = index(max_segments=4)
    text = pieces("\n".join(f"The line of {words(i)} and no other" for i in range(30)))
    for principal in (1, 2):
        templates.learn(text, principal)

    assert all(len(t.segments) <= 4 for value in text if (t := templates._of.get(value)))


def test_an_empty_text_has_no_template() -> None:
    assert index().learn(pieces(""), 1) is None


def test_a_template_that_was_forgotten_can_be_made_again_under_its_key() -> None:
    index = TemplateIndex(TemplateSettings(sightings=1 << 10))
    segments = (11 << 32 | 1, 12 << 32 | 2, 13 << 32 | 3)
    made = index.restore(7, segments)

    assert made.key == 7
    assert index.restore(7, ()) is made
    assert index.look_up(segments).hits == {7: 3}
    assert set(index.segments(7)) == set(segments)


def test_a_template_made_again_keeps_its_segments_when_another_with_them_goes() -> None:
    index = TemplateIndex(TemplateSettings(sightings=1 << 10, max_templates=2))
    index.restore(1, (101, 102))
    index.restore(2, (101, 103))
    index.restore(3, (104,))

    assert index.look_up((101, 102, 103, 104)).hits == {2: 2, 3: 1}


def test_what_is_foreseen_is_what_learning_gives() -> None:
    pick, templates = Random(3), index(max_segments=6)
    lines = [f"The line of {words(i)} and no other" for i in range(40)]
    foreseen = 0
    for _ in range(400):
        text = pieces("\n".join(pick.sample(lines, 5)) if pick.random() < 0.9 else "Short one.")
        principal = pick.randrange(6)
        expected = templates.foresee(templates.look_up(text), principal)
        known = len(templates)
        found = templates.learn(text, principal)
        assert (found and (found.key, found.segments)) == (
            expected and (expected.key, expected.segments)
        )
        foreseen += len(templates) > known
    assert foreseen > 3
