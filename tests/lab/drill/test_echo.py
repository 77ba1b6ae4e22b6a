import asyncio

from distillgate_lab.drill.echo import Echo

EXPECTED = "The first line of an answer that was expected,\nand its second."


def chat(*texts: str) -> dict[str, object]:
    return {"model": "m", "messages": [{"role": "user", "content": text} for text in texts]}


def test_an_expected_answer_becomes_the_real_one_wherever_it_is_carried() -> None:
    async def play() -> dict[str, object]:
        echo = Echo()
        first = echo.expect(EXPECTED)
        carried = echo.find(chat("Go on.", EXPECTED, f"Is this right?\n\n{EXPECTED}\nThanks"))
        first.set_result("What came.")
        return await carried.real()

    assert asyncio.run(play()) == chat(
        "Go on.", "What came.", "Is this right?\n\nWhat came.\nThanks"
    )


def test_a_call_waits_for_an_answer_that_is_under_way() -> None:
    async def play() -> list[bool]:
        echo = Echo()
        first = echo.expect(EXPECTED)
        waiting = asyncio.ensure_future(echo.find(chat(EXPECTED)).real())
        await asyncio.sleep(0)
        before = waiting.done()
        first.set_result("x")
        return [before, await waiting == chat("x")]

    assert asyncio.run(play()) == [False, True]


def test_what_nobody_expected_and_what_is_too_short_to_tell_stays() -> None:
    async def play() -> dict[str, object]:
        echo = Echo()
        echo.expect("yes").set_result("no")
        return await echo.find(chat("yes", EXPECTED)).real()

    assert asyncio.run(play()) == chat("yes", EXPECTED)


def test_a_request_without_messages_stays_as_it_is() -> None:
    request = {"model": "m", "input": ["a"]}

    async def play() -> dict[str, object]:
        return await Echo().find(request).real()

    assert asyncio.run(play()) is request
