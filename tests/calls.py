"""What tests go over where every call is meant."""

from distillgate.dialects.invocations import INVOCATIONS
from distillgate.dialects.registry import OPERATIONS

CALLS = [call for call in OPERATIONS if call is not INVOCATIONS]
"""The calls that a request can be of; which of them an invocation is, its body tells."""
