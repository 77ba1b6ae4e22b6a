from distillgate_lab.scenarios.generated import corpus


def test_there_is_something_of_every_kind_of_text() -> None:
    found = corpus("small")

    assert all(
        (
            found.conversations,
            found.questions,
            found.public,
            found.batches,
            found.benchmarks,
            found.pools,
            found.documents,
            found.answers,
        )
    )
    assert {pool.opening > 300 for pool in found.pools} == {True, False}


def test_it_is_the_same_every_time() -> None:
    assert corpus("small") == corpus("small")
    assert corpus("small").questions != corpus("other").questions
