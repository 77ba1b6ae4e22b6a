"""Make a model of random weights that reads bytes: `tiny_model.py FOLDER`."""

import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

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
config = LlamaConfig(
    vocab_size=320,
    hidden_size=64,
    intermediate_size=64,
    num_hidden_layers=1,
    num_attention_heads=1,
    num_key_value_heads=1,
    max_position_embeddings=4096,
    eos_token_id=vocabulary[END],
)
LlamaForCausalLM(config).save_pretrained(folder)
