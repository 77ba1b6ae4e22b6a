"""What orders must say, and how JSON answers are written."""

import asyncio
import json
import time
from typing import Any, NamedTuple

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from distillgate.admin.documents import answer, by, days, number, said, unhurried
from distillgate.admin.roles import Caller
from distillgate.campaign.jobs import Job
from distillgate.oversight.errands import PIECE


class Row(NamedTuple):
    """A row."""

    name: str


def asking(query: str = "", name: str = "") -> Request:
    request = Request({"type": "http", "query_string": query.encode(), "headers": []})
    request.state.caller = Caller(name, "administrator")
    request.state.is_taken = {"vera"}.__contains__
    return request


@pytest.mark.parametrize("given", [{}, {"reason": " "}, {"reason": 7}, {"by": "anna"}])
def test_no_order_is_without_a_reason(given: dict[str, Any]) -> None:
    with pytest.raises(HTTPException) as raised:
        said(asking(), given)
    assert raised.value.status_code == 422


def test_nobody_says_to_be_whom_a_key_of_their_own_names() -> None:
    with pytest.raises(HTTPException) as raised:
        said(asking(), {"reason": "why", "by": "vera"})
    assert raised.value.status_code == 422


def test_an_order_says_who_and_why() -> None:
    assert said(asking(), {"reason": " why ", "by": " anna "}) == {"by": "anna", "reason": "why"}
    assert by(asking(), {}) == by(asking(), {"by": 7}) == "operator"


def test_whose_key_it_is_gives_the_order_whoever_they_say_they_are() -> None:
    assert by(asking(name="bo"), {"by": "anna"}) == "bo"


@pytest.mark.parametrize("given", [True, "7", -1, 0, 4000, None])
def test_days_are_a_number_within_ten_years(given: object) -> None:
    with pytest.raises(HTTPException):
        days({"days": given}, 30.0)
    assert days({}, 30.0) == 30.0 * 86_400


@pytest.mark.parametrize("query", ["most=0", "most=11", "most=x", "most=-1", "most=\u0663"])
def test_a_number_of_the_query_is_whole_and_bounded(query: str) -> None:
    with pytest.raises(HTTPException):
        number(asking(query), "most", 5, 10)
    assert number(asking(""), "most", 5, 10) == 5
    assert number(asking("most=7"), "most", 5, 10) == 7


def test_named_tuples_are_objects() -> None:
    found = answer([Row("a")], status=201)

    assert (found.status_code, json.loads(bytes(found.body))) == (201, [{"name": "a"}])


def test_of_many_that_ask_one_works_in_each_turn_of_the_loop() -> None:
    worked: list[int] = []

    def work(number: int) -> Job[int | None]:
        for _ in range(5):
            worked.append(number)
            until = time.perf_counter() + PIECE
            while time.perf_counter() < until:
                pass
            yield 1
        return number or None

    async def ask() -> tuple[list[int | None], int]:
        asking = [asyncio.ensure_future(unhurried(work(number))) for number in range(4)]
        most = 0
        while not all(one.done() for one in asking):
            before = len(worked)
            await asyncio.sleep(0)
            most = max(most, len(worked) - before)
        return [one.result() for one in asking], most

    found, most = asyncio.run(ask())

    assert found == [None, 1, 2, 3]
    assert most == 1
    assert sorted(worked) == sorted(list(range(4)) * 5)
    assert asyncio.run(ask())[0] == [None, 1, 2, 3]  # in another loop
