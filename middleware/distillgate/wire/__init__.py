"""What is asked and answered: the API shapes, as bytes and as values. Knows no account, no time.

A request goes `operation.match` (which call is it?) -> `request.parse` (what does it ask?), which
reads bytes with `document` and hands the JSON to the reader of its dialect: `chat`, `completions`
(embeddings too), `responses`, `messages` (Anthropic). The same four files read that dialect's
answers for `response.Tap`, whose events come from `sse`. `refusal` is how we say no.
"""
