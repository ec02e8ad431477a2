"""A T5 tokenizer small enough to read: unigrams over single letters and a few words, as tokenizer.json."""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from tiny_tokenizer import LETTERS

PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"
WORDS = ["▁a", "▁cat", "▁dog", "▁red", "▁blue", "▁on", "▁", "at", "ed"]


def save_t5_tokenizer(folder: Path) -> int:
    """Writes the files that checkpoints carry and gives the number of tokens."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = [(PAD, 0.0), (END, 0.0), (UNKNOWN, 0.0)]
    pieces += [(word, -2.0 - 0.25 * index) for index, word in enumerate(WORDS)]
    pieces += [(letter, -6.0 - 0.125 * index) for index, letter in enumerate(LETTERS)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=2))
    tokenizer.add_special_tokens([PAD, END, UNKNOWN])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.post_processor = processors.TemplateProcessing(single=f"$A {END}", special_tokens=[(END, 1)])
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    specials = {"eos_token": END, "pad_token": PAD, "unk_token": UNKNOWN}
    (folder / "special_tokens_map.json").write_text(json.dumps(specials))
    config = {"tokenizer_class": "T5Tokenizer", "extra_ids": 0, "model_max_length": 512, **specials}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return len(pieces)
