from collections import Counter

from distillgate_lab.demo import campaign


def test_every_item_is_dealt_once_and_evenly() -> None:
    accounts = campaign.cast(10)
    calls = list(campaign.play(accounts, 200, start=3600.0, pause=40.0))
    texts = [call.body["messages"][0]["content"] for call in calls]

    assert set(Counter(call.account.name for call in calls).values()) == {20}
    assert len(set(texts)) > 195  # the generator may invent a problem twice, the dealer deals once
    assert all(not account.honest for account in accounts)


def test_it_is_one_template_round_what_varies() -> None:
    calls = list(campaign.play(campaign.cast(4), 40, start=0.0, pause=40.0))
    head, _ = campaign.TEMPLATE.split("{item}")

    assert all(call.body["messages"][0]["content"].startswith(head) for call in calls)


def test_the_accounts_keep_their_pace() -> None:
    calls = list(campaign.play(campaign.cast(1), 100, start=600.0, pause=40.0))

    assert calls[0].at >= 600.0
    assert 30.0 < (calls[-1].at - calls[0].at) / 99 < 50.0
