"""
Adds a LoRA to a small pipeline with diffusers and compares every weight with those that this repository made:
    python fuse_lora.py FOLDER LORA STRENGTH NAME=FILE…
NAME is a component, FILE its merged weights. Prints a JSON line for each component: its name and the largest difference.
"""

import json
import sys

import torch
from diffusers import DiffusionPipeline
from diffusers.utils import logging
from safetensors.torch import load_file

logging.set_verbosity_error()


def main(folder: str, lora: str, strength: str, *merged: str) -> None:
    pipeline = DiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    pipeline.load_lora_weights(lora)
    pipeline.fuse_lora(lora_scale=float(strength))
    pipeline.unload_lora_weights()
    for pair in merged:
        name, file = pair.split("=", 1)
        ours = load_file(file)
        theirs = getattr(pipeline, name).state_dict()
        matched = {key: theirs.get(key, theirs.get(key.removeprefix("text_model."))) for key in ours}
        differences = [float((ours[key].float() - value).abs().max()) for key, value in matched.items() if value is not None]
        if len(differences) < len(ours):
            raise ValueError(f"{name}: {[key for key, value in matched.items() if value is None][:3]} are missing")
        print(json.dumps({"component": name, "difference": max(differences)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
