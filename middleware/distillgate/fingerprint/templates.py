"""Prompt templates that are published for making training data from a model, and where.

Only their fixed sentences, a few each: enough to know them again, under any key (see
`fingerprint.signatures`). Left out on purpose: prompts that honest work sends as well, such as the
judges of public leaderboards (MT-Bench, G-Eval) and the few-shot examples and triggers of public
benchmarks ("Let's think step by step", Kojima et al. 2022).
"""

from typing import NamedTuple

VERSION = "2026-11-23"
"""When this list was last changed."""


class Template(NamedTuple):
    """One published prompt."""

    name: str
    source: str
    lines: tuple[str, ...]
    """Fixed sentences of it, as published."""


TEMPLATES = (
    Template(
        "self-instruct, tasks",
        "Wang et al. 2022, arXiv:2212.10560",
        ("Come up with a series of tasks:",),
    ),
    Template(
        "self-instruct, classification",
        "Wang et al. 2022, arXiv:2212.10560",
        (
            (
                "Can the following task be regarded as a classification task with finite output"
                " labels?"
            ),
        ),
    ),
    Template(
        "self-instruct, instances",
        "Wang et al. 2022, arXiv:2212.10560",
        (
            "Come up with examples for the following tasks.",
            "Try to generate multiple examples when possible.",
            ("If the task doesn't require additional input, you can generate the output directly."),
        ),
    ),
    Template(
        "self-instruct, labelled instances",
        "Wang et al. 2022, arXiv:2212.10560",
        (
            (
                "Given the classification task definition and the class labels, generate an "
                "input that corresponds to each of the class labels."
            ),
            "If the task doesn't require input, just generate possible class labels.",
        ),
    ),
    Template(
        "Alpaca",
        "Taori et al. 2023, github.com/tatsu-lab/stanford_alpaca",
        (
            "You are asked to come up with a set of 20 diverse task instructions.",
            (
                "You are asked to come up with a set of 20 diverse code generation task "
                "instructions."
            ),
            (
                "These task instructions will be given to a GPT model and we will evaluate the "
                "GPT model for completing the instructions."
            ),
            "Try not to repeat the verb for each instruction to maximize diversity.",
            "The language used for the instruction also should be diverse.",
            "The type of instructions should be diverse.",
            "You should generate an appropriate input to the instruction.",
            "It should involve realistic data and should not contain simple placeholders.",
        ),
    ),
    Template(
        "Evol-Instruct, in depth",
        "Xu et al. 2023, arXiv:2304.12244",
        (
            "I want you act as a Prompt Rewriter.",
            (
                "Your objective is to rewrite a given prompt into a more complex version to "
                "make those famous AI systems (e.g., chatgpt and GPT4) a bit harder to handle."
            ),
            (
                "But the rewritten prompt must be reasonable and must be understood and "
                "responded by humans."
            ),
            "You SHOULD complicate the given prompt using the following method:",
        ),
    ),
    Template(
        "Evol-Instruct, in breadth",
        "Xu et al. 2023, arXiv:2304.12244",
        (
            "I want you act as a Prompt Creator.",
            (
                "Your goal is to draw inspiration from the #Given Prompt# to create a brand new"
                " prompt."
            ),
            (
                "This new prompt should belong to the same domain as the #Given Prompt# but be "
                "even more rare."
            ),
        ),
    ),
    Template(
        "OSS-Instruct",
        "Wei et al. 2023, arXiv:2312.02120",
        (
            (
                "You are exceptionally skilled at crafting high-quality programming problems "
                "and offering precise solutions."
            ),
            (
                "Please gain inspiration from the following random code snippet to create a "
                "high-quality programming problem."
            ),
            "Present your output in two distinct sections:",
        ),
    ),
    Template(
        "MetaMath, rephrasing",
        "Yu et al. 2023, arXiv:2309.12284",
        (
            "You are an AI assistant to help me rephrase questions.",
            "Follow the given examples.",
        ),
    ),
    Template(
        "MetaMath, self-verification",
        "Yu et al. 2023, arXiv:2309.12284",
        (
            (
                "You are an AI assistant to help me rewrite question into a declarative "
                "statement when its answer is provided."
            ),
            "Follow the given examples and rewrite the question.",
        ),
    ),
    Template(
        "UltraFeedback, ratings",
        "Cui et al. 2023, arXiv:2310.01377",
        (
            "Your role is to evaluate text quality based on given criteria.",
            (
                'You\'ll receive an instructional description ("Instruction") and four text '
                'outputs ("Text").'
            ),
            "Understand and interpret instructions to evaluate effectively.",
            "Provide annotations for each text with a rating and rationale.",
            "The four texts given are independent, and should be evaluated separately.",
        ),
    ),
    Template(
        "UltraFeedback, critique",
        "Cui et al. 2023, arXiv:2310.01377",
        (
            (
                "Given my answer to an instruction, your role is to provide specific and "
                "constructive feedback for me."
            ),
            (
                "You should find the best way for me to learn from your feedback and improve my"
                " performance."
            ),
            (
                "Finally, score the overall quality of the answer from 1 to 10, where 1 is the "
                "worst and 10 is the best."
            ),
        ),
    ),
    Template(
        "self-rewarding judge",
        "Yuan et al. 2024, arXiv:2401.10020",
        (
            (
                "Review the user's question and the corresponding response using the additive "
                "5-point scoring system described below."
            ),
            "Points are accumulated based on the satisfaction of each criterion:",
        ),
    ),
    Template(
        "Persona Hub and Tulu 3 personas",
        "Ge et al. 2024, arXiv:2406.20094; Lambert et al. 2024, arXiv:2411.15124",
        (
            ("Create a verifiable instruction that the following persona might ask you to do:"),
            "Create a math problem related to the following persona:",
            (
                "The above example is not tied to any particular persona, but you should create"
                " one that is unique and specific to the given persona."
            ),
        ),
    ),
    Template(
        "Orca explanations",
        "Mukherjee et al. 2023, arXiv:2306.02707",
        (
            "You are an AI assistant.",
            (
                "Provide a detailed answer so user don't need to search outside to understand "
                "the answer."
            ),
            "You will be given a task.",
            "You must generate a detailed and long answer.",
            "While performing the task think step-by-step and justify your steps.",
            "User will you give you a task.",
            "Your goal is to complete the task as faithfully as you can.",
        ),
    ),
    Template(
        "long reasoning traces",
        "Min et al. 2024, arXiv:2412.09413; github.com/NovaSky-AI/SkyThought",
        (
            (
                "Your role as an assistant involves thoroughly exploring questions through a "
                "systematic long thinking process before providing the final precise and "
                "accurate solutions."
            ),
        ),
    ),
    Template(
        "ToolBench trajectories",
        "Qin et al. 2023, arXiv:2307.16789",
        (
            "You are AutoGPT, you can use many tools(functions) to do the following task.",
            "First I will give you the task description, and your task start.",
            (
                "At each step, you need to give your thought to analyze the status now and what"
                " to do next, with a function call to actually excute your step."
            ),
        ),
    ),
)
