"""How many tokens a request is: each message counted once, and never long on the event loop."""

from distillgate.tokenizer.count import Tokenizer, TokenizerSettings

__all__ = ["Tokenizer", "TokenizerSettings"]
