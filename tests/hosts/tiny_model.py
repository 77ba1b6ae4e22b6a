"""Make a model of random weights that reads bytes: `tiny_model.py FOLDER`.

GPT-2's architecture: SGLang has no rotary embedding for a processor without its own kernels.
"""

import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

folder = sys.argv[1]
END = "</s>"
TEMPLATE = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"

letters = sorted(pre_tokenizers.ByteLevel.alphabet())
vocabulary = {letter: number for number, letter in enumerate([*letters, END])}
core = Tokenizer(models.BPE(vocabulary, []))
core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
core.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, eos_token=END, pad_token=END)
tokenizer.chat_template = TEMPLATE
tokenizer.save_pretrained(folder)
config = GPT2Config(
    vocab_size=320,
    n_embd=64,
    n_layer=1,
    n_head=1,
    n_positions=4096,
    bos_token_id=vocabulary[END],
    eos_token_id=vocabulary[END],
)
GPT2LMHeadModel(config).save_pretrained(folder)
