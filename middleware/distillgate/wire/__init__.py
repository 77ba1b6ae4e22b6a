"""What is asked and answered: the API shapes, as bytes and as values. Knows no account, no time.

A request goes `operation.match` (which call is it?) -> `codings.readings` (what bytes may it be?)
-> `request.parse` (what does it ask?), which reads bytes with `document` and hands the JSON to the
reader of its dialect. The same files read that dialect's answers for `response.Tap`, whose events
come from `sse`. `refusal` is how we say no.

`document` counts before it parses (`bounds`), reads what some upstream reads (`lenient`), and finds
what can be read in two ways (`cover`, `names`): that is judged by all of its readings together.
"""
