"""What the hands behind a group sent and took in all."""

from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.taken import distinct_texts, taken_by


def group(kind: Kind, took: float, texts: int = 0) -> Group:
    made = Group.new(Key(kind, 7), 0.0, sample=192, due=48)
    made.value.taken, made.output_tokens, made.exchanges = took, 2 * took, 100
    for value in range(texts):
        made.repeats.add(value, 1)
    return made


def test_what_siblings_sent_and_took_counts_as_the_same_hands() -> None:
    one, sibling = group(Kind.TURN, 1000.0), group(Kind.TURN, 500.0, texts=100)

    assert distinct_texts(one, 40.0, 40.0, (sibling,), None) == 140.0
    assert taken_by(one, 40.0, (sibling,), None, None).tokens == 1500.0


def test_all_that_one_hands_accounts_were_answered_counts_at_the_groups_worth() -> None:
    one = group(Kind.TURN, 1000.0)  # half of the tokens that came with the key are value

    assert taken_by(one, 40.0, (), None, 6000.0).tokens == 3000.0
    assert taken_by(one, 40.0, (), None, 100.0).tokens == 1000.0


def test_accounts_that_met_took_before_they_met_as_they_do_since() -> None:
    one = group(Kind.LINKS, 1000.0)

    assert distinct_texts(one, 50.0, 300.0, (), None) == 150.0
    assert taken_by(one, 300.0, (), None, None).tokens == 3000.0
