"""
Saves small pipelines of every family with random weights, as diffusers saves them, and beside them what diffusers paints:
    python make_cases.py FOLDER [FAMILY…] [--half] [--onnx]
FOLDER/FAMILY/ are the pipelines (safetensors), FOLDER/FAMILY-onnx/ the same as optimum-onnx exports them, and
FOLDER/NAME.safetensors the cases: options, every random draw in the order of this repository's `noise`, the picture.
"""

import argparse
from contextlib import nullcontext
from inspect import signature
from pathlib import Path

import numpy as np
import torch
from cases import CASES, Case
from diffusers import DiffusionPipeline
from record import Draws, PosteriorMean, absent_parts, as_pixels, keep_unmasked, mask, picture, psnr, save_case
from tiny_models import FAMILIES


def reordered(draws: list[np.ndarray], case: Case) -> list[np.ndarray]:
    """The starting noise first, then the posterior's, then the sampler's: the order of `generate`'s `noise`."""
    order = case.order
    return [draws[index] for index in order] + draws[len(order) :]


def paint(pipeline: DiffusionPipeline, case: Case, prompt: str) -> tuple[np.ndarray, list[np.ndarray]]:
    inputs = {"image": picture(case.width, case.height)} if case.image else {}
    if case.mask:
        inputs["mask_image"] = mask(case.width, case.height)
    if "height" in signature(pipeline.__call__).parameters:
        inputs |= {"width": case.width, "height": case.height}
    generator = torch.Generator().manual_seed(7)
    encoding = PosteriorMean() if case.mask else nullcontext()
    with Draws() as draws, encoding, torch.no_grad():
        image = pipeline(prompt, **inputs, **case.call, generator=generator).images[0]
    pixels = as_pixels(image)
    if case.mask:
        given = as_pixels(inputs["image"]), np.asarray(inputs["mask_image"])
        pixels = keep_unmasked(pixels, *given, feather=pipeline.vae_scale_factor // 2)
    return pixels, draws.values


def make_case(folder: Path, pipeline: DiffusionPipeline, case: Case) -> None:
    parts = pipeline.components
    if case.scheduler:
        parts["scheduler"] = case.scheduler.from_config(pipeline.scheduler.config)
    kind = case.pipeline or type(pipeline)
    variant = kind(**parts, **({"requires_safety_checker": False} if "safety_checker" in parts else {}))
    variant.set_progress_bar_config(disable=True)
    pixels, draws = paint(variant, case, case.prompt)
    other, _ = paint(variant, case, "dog")
    tensors = {"pixels": pixels, **{f"noise.{i}": draw for i, draw in enumerate(reordered(draws, case))}}
    if case.image:
        tensors["image"] = as_pixels(picture(case.width, case.height))
    if case.mask:
        tensors["mask"] = np.asarray(mask(case.width, case.height))
    save_case(folder / f"{case.name}.safetensors", case.options(), tensors)
    spread = pixels.astype(float).std()
    print(f"{case.name}: {len(draws)} draws, deviation {spread:.1f}, another prompt is {psnr(pixels, other):.1f} dB away")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("families", nargs="*", default=[])
    parser.add_argument("--half", action="store_true", help="save the weights in half precision")
    parser.add_argument("--onnx", action="store_true", help="also export with optimum-onnx")
    options = parser.parse_args()
    for family in options.families or FAMILIES:
        model = options.folder / family
        FAMILIES[family](model).save_pretrained(model)
        pipeline = DiffusionPipeline.from_pretrained(model, **absent_parts(model))
        for case in CASES:
            if case.family == family:
                make_case(options.folder, pipeline, case)
        # optimum-onnx asks every encoder for a posterior, which a tiny one lacks.
        if options.onnx and family != "taesd":
            from optimum.exporters.onnx import onnx_export_from_model

            task = "inpainting" if family == "inpainting" else "text-to-image"
            onnx_export_from_model(pipeline, options.folder / f"{family}-onnx", task=task, do_validation=False)
        if options.half:
            pipeline.to(torch.float16).save_pretrained(model)


if __name__ == "__main__":
    main()
