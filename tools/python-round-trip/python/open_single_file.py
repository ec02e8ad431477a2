"""
Opens a model in one file with diffusers, which finds its parts by the original names, and compares every weight with
the folder that the file was made from:
    python open_single_file.py FILE FOLDER
Prints a JSON line for each component: its name and the largest difference of a weight.
"""

import json
import sys
from pathlib import Path

import torch
from diffusers import DiffusionPipeline
from diffusers.loaders import FromSingleFileMixin
from diffusers.utils import logging
from record import absent_parts

logging.set_verbosity_error()


def networks(pipeline: DiffusionPipeline) -> dict[str, torch.nn.Module]:
    return {name: part for name, part in pipeline.components.items() if isinstance(part, torch.nn.Module)}


def largest_difference(part: torch.nn.Module, wanted: torch.nn.Module) -> float:
    given, expected = part.state_dict(), wanted.state_dict()
    if given.keys() != expected.keys():
        raise ValueError(f"other weights: {sorted(given.keys() ^ expected.keys())[:4]}")
    missing = [name for name, value in given.items() if value.is_meta]
    if missing:
        raise ValueError(f"not found: {missing[:4]}")
    compared = {name: value for name, value in expected.items() if value.is_floating_point()}
    return max(float((given[name] - value).abs().max()) for name, value in compared.items())


def is_compared(pipeline: DiffusionPipeline, name: str) -> bool:
    """
    diffusers tells SDXL's text encoders apart by their widths, gives SD 3's first one an identity for a projection, leaves T5's
    tied table without values, and splits Flux's fused layers at the sizes of the published model alone.
    """
    parts = networks(pipeline)
    kind = type(pipeline).__name__
    if kind == "StableDiffusionXLPipeline" and name == "text_encoder_2":
        return parts["text_encoder"].config.hidden_size != parts["text_encoder_2"].config.hidden_size
    return not (kind == "StableDiffusion3Pipeline" and name in ("text_encoder", "text_encoder_3"))


def main(file: str, folder: str) -> None:
    absent = absent_parts(Path(folder))
    expected = DiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32, **absent)
    kind: type[FromSingleFileMixin] = type(expected)
    single = kind.from_single_file(file, config=folder, torch_dtype=torch.float32, local_files_only=True, **absent)
    opened = networks(single)
    for name, part in networks(expected).items():
        if not is_compared(expected, name):
            continue
        difference = largest_difference(opened[name], part)
        print(json.dumps({"component": name, "difference": difference}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
