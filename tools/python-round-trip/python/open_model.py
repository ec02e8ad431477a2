"""
Opens a model folder of this repository in Python and paints its cases again:
    python open_model.py MODEL CASE.safetensors… [-- MODEL CASE.safetensors…]…
One JSON object a line: which library, which case, how far the picture is from the one in the case (PSNR in decibels).
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DiffusionPipeline
from record import Replayed, absent_parts, as_pixels, load_case, psnr
from safetensors.torch import load_file
from transformers import CLIPTextModelWithProjection

WEIGHTS = "diffusion_pytorch_model.safetensors"


def joined_vae(model: Path) -> AutoencoderKL:
    """The autoencoder whose halves lie in `vae_encoder/` and `vae_decoder/`."""
    config = AutoencoderKL.load_config(str(model / "vae_decoder"))
    vae = AutoencoderKL.from_config(config)
    halves = [load_file(model / half / WEIGHTS) for half in ("vae_encoder", "vae_decoder")]
    vae.load_state_dict({name: value.float() for half in halves for name, value in half.items()})
    return vae.eval()


def open_in_diffusers(model: Path) -> DiffusionPipeline:
    given = {} if (model / "vae").is_dir() else {"vae": joined_vae(model)}
    return DiffusionPipeline.from_pretrained(str(model), torch_dtype=torch.float32, **given, **absent_parts(model))


def open_in_optimum(model: Path):
    from optimum.onnxruntime import ORTDiffusionPipeline

    return ORTDiffusionPipeline.from_pretrained(str(model))


def paint(pipeline, options: dict, tensors: dict[str, np.ndarray]) -> np.ndarray:
    pipeline.set_progress_bar_config(disable=True)
    draws = [tensors[f"noise.{i}"] for i in range(sum(name.startswith("noise.") for name in tensors))]
    with Replayed(draws), torch.no_grad():
        image = pipeline(
            options["prompt"],
            negative_prompt=options.get("negativePrompt"),
            num_inference_steps=options["steps"],
            guidance_scale=options["guidanceScale"],
            width=options["width"],
            height=options["height"],
        ).images[0]
    return as_pixels(image)


def text_similarity(model: Path, pipeline: DiffusionPipeline) -> float:
    """Opens the text encoder with its projection too; gives the largest difference between both openings."""
    projected = CLIPTextModelWithProjection.from_pretrained(str(model / "text_encoder"), torch_dtype=torch.float32)
    length = pipeline.tokenizer.model_max_length
    ids = pipeline.tokenizer("a cat", padding="max_length", max_length=length, return_tensors="pt").input_ids
    with torch.no_grad():
        states = [encoder(ids).last_hidden_state for encoder in (projected, pipeline.text_encoder)]
    return float((states[0] - states[1]).abs().max())


def main(model: Path, cases: list[Path]) -> None:
    openers = {"diffusers": open_in_diffusers, "optimum-onnx": open_in_optimum}
    for library, opener in openers.items():
        try:
            pipeline = opener(model)
        except ImportError as error:
            print(json.dumps({"library": library, "skipped": str(error)}))
            continue
        if library == "diffusers" and "text_projection.weight" in load_file(model / "text_encoder" / "model.safetensors"):
            print(json.dumps({"library": "transformers", "case": "text encoder", "difference": text_similarity(model, pipeline)}))
        for path in cases:
            case, tensors = load_case(path)
            value = psnr(paint(pipeline, case["options"], tensors), tensors["pixels"])
            print(json.dumps({"library": library, "case": path.stem, "psnr": value}), flush=True)


if __name__ == "__main__":
    # Loading the libraries takes longer than opening a small model, so one run may open several.
    for call in "\n".join(sys.argv[1:]).split("\n--\n"):
        opened, *painted = map(Path, call.split("\n"))
        main(opened, painted)
