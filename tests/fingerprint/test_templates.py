from distillgate.fingerprint.templates import TEMPLATES, VERSION


def test_every_template_has_a_name_a_source_and_sentences() -> None:
    assert len({template.name for template in TEMPLATES}) == len(TEMPLATES)
    for template in TEMPLATES:
        assert "arXiv:" in template.source or "github.com/" in template.source
        assert template.lines
        assert all(len(line) >= 20 for line in template.lines)


def test_the_list_says_when_it_was_changed() -> None:
    year, month, day = map(int, VERSION.split("-"))
    assert year >= 2026
    assert 1 <= month <= 12
    assert 1 <= day <= 31
