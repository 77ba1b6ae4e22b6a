"""What tests go over where every call is meant."""

from distillgate.wire.operation import Operation

CALLS = [call for call in Operation if call is not Operation.INVOCATIONS]
"""The calls that a request can be of; which of them an invocation is, its body tells."""
