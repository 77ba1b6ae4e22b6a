from typing import Any

import pytest

from distillgate.dialects.ranking import RANKING
from distillgate.wire.request import from_document


@pytest.mark.parametrize(
    ("document", "texts"),
    [
        ({"query": "q", "documents": ["a", {"text": "b"}]}, ["q", "a", "b"]),
        ({"query": "q", "texts": ["a"]}, ["q", "a"]),
        ({"text_1": "a", "text_2": ["b", "c"]}, ["a", "b", "c"]),
        ({"queries": ["a"], "documents": ["b"]}, ["a", "b"]),
        ({"input": ["a", "b"]}, ["a", "b"]),
        ({"messages": [{"role": "user", "content": "a"}]}, ["a"]),
    ],
)
def test_each_text_is_an_input(document: dict[str, Any], texts: list[str]) -> None:
    request = from_document(RANKING, document)

    assert [message.text for message in request.messages] == texts
    assert request.turns == len(texts)
