"""A search that is taken up piece by piece."""

from tests.dealing import HARVEST, mixed

from distillgate.campaign.searches import Searches


def test_a_search_goes_on_where_it_was_left_and_gives_the_hands_one_by_one() -> None:
    served = mixed()
    searches = Searches(served.pool)
    assert (searches.are_due, searches.at_rest) == (True, True)

    pieces = 0
    while (group := searches.examine_next(served.now)) is None:
        pieces += 1
        assert (searches.are_due, searches.at_rest) == (True, False)

    assert pieces > 1
    assert len(set(group.rows) & set(HARVEST)) > 90
    assert (searches.are_due, searches.at_rest) == (False, True)
