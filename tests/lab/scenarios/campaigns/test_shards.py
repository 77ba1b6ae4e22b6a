from distillgate_lab.scenarios.campaigns.shards import by_subject


def test_shards_are_of_one_subject() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    texts = [f"{letters[n % 26] * 5} and {letters[n % 26] * 7}" for n in range(260)]

    shards = by_subject(texts, 10)

    assert sorted(i for shard in shards for i in shard) == list(range(260))
    assert sum(len({i % 26 for i in shard}) == 1 for shard in shards) > 20
