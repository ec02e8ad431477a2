"""A CLIP tokenizer small enough to read: single letters and a handful of merges, as vocab.json and merges.txt."""

import json
from pathlib import Path

LETTERS = "abcdefghijklmnopqrstuvwxyz,."
MERGES = ["c a", "ca t</w>", "d o", "do g</w>", "r e", "re d</w>", "b l", "bl u", "blu e</w>", "o n</w>"]
START, END = "<|startoftext|>", "<|endoftext|>"


def save_tokenizer(folder: Path, length: int, pad: str = END) -> dict:
    """Writes the files that CLIP checkpoints carry and gives the ids that a text encoder's config repeats."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = ["!", *LETTERS, *(f"{letter}</w>" for letter in LETTERS), *(merge.replace(" ", "") for merge in MERGES), START, END]
    ids = {token: index for index, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(ids))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *MERGES]) + "\n")
    specials = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": pad}
    (folder / "special_tokens_map.json").write_text(json.dumps(specials))
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": length, "do_lower_case": True, **specials}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return {
        "vocab_size": len(tokens),
        "max_position_embeddings": length,
        "bos_token_id": ids[START],
        "eos_token_id": ids[END],
        "pad_token_id": ids[pad],
    }
