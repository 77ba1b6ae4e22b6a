"""What tests go over where every call is meant."""

from distillgate.dialects.registry import OPERATIONS

CALLS = [call for call in OPERATIONS if call.choose is None]
"""The calls that a request can be of; which of them an invocation is, its body tells."""
