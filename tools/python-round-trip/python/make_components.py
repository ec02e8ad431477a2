"""
Saves tiny networks alone with random weights, as diffusers and transformers save them, and what they give:
    python make_components.py FOLDER [--half]
FOLDER/NAME/ are the networks, FOLDER/NAME.safetensors inputs and outputs by the names of our graphs, computed in double precision.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny, DiTTransformer2DModel, PixArtTransformer2DModel, Transformer2DModel
from make_networks import TINY, randomize
from safetensors.numpy import save_file
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection, T5Config, T5EncoderModel

SIDE = 8
TOKENS = 512
TRANSFORMER = {"num_attention_heads": 2, "attention_head_dim": 4, "num_layers": 2, "sample_size": SIDE, "patch_size": 2, "in_channels": 3}
PIXART = {**TRANSFORMER, "out_channels": 6, "cross_attention_dim": 8, "caption_channels": 5, "norm_type": "ada_norm_single"}
# Told sizes, whose three embeddings share the width.
SIZED = {**PIXART, "attention_head_dim": 6, "cross_attention_dim": 12, "use_additional_conditions": True, "interpolation_scale": 2}
DIT = {**TRANSFORMER, "num_embeds_ada_norm": 10, "norm_type": "ada_norm_zero"}
T5 = {"vocab_size": 40, "d_model": 8, "d_kv": 4, "d_ff": 12, "num_layers": 2, "num_heads": 2}
VISION = {"hidden_size": 8, "intermediate_size": 16, "num_attention_heads": 2, "num_hidden_layers": 2, "image_size": 12, "patch_size": 4}


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).half().double()


def whole(below: int, *shape: int) -> torch.Tensor:
    return torch.randint(below, shape, generator=torch.Generator().manual_seed(1))


def t5(model):
    ids = whole(T5["vocab_size"], 1, TOKENS)
    return {"input_ids": ids}, {"last_hidden_state": model(ids).last_hidden_state}


def pixart(model):
    mask = torch.tensor([[1, 1, 1, 0], [1, 0, 0, 0]])
    inputs = {"sample": drawn(2, 3, SIDE, SIDE), "timestep": torch.tensor(37.0), "encoder_hidden_states": drawn(2, 4, 5, seed=1)}
    told = {}
    if model.config.get("use_additional_conditions") or getattr(model, "use_additional_conditions", False):
        told = {"resolution": torch.tensor([[64.0, 96.0], [32.0, 80.0]]), "aspect_ratio": torch.tensor([[0.75], [0.5]])}
    given = {"added_cond_kwargs": told or {"resolution": None, "aspect_ratio": None}, "encoder_attention_mask": mask}
    sample, text = inputs["sample"], inputs["encoder_hidden_states"]
    out = model(sample, encoder_hidden_states=text, timestep=inputs["timestep"].expand(2), **given).sample
    return {**inputs, **told, "encoder_attention_mask": mask}, {"out_sample": out}


def dit(model):
    inputs = {"sample": drawn(2, 3, SIDE, SIDE), "timestep": torch.tensor(7.0), "class_labels": torch.tensor([3, 9])}
    out = model(inputs["sample"], timestep=inputs["timestep"].long().expand(2), class_labels=inputs["class_labels"]).sample
    return inputs, {"out_sample": out}


def vision(model):
    pixels = drawn(2, 3, 12, 12)
    out = model(pixels)
    return {"pixel_values": pixels}, {"image_embeds": out.image_embeds, "last_hidden_state": out.last_hidden_state}


def tiny(model):
    image, latent = drawn(2, 3, 8, 12), 2 * drawn(2, 3, 2, 3, seed=1)
    return {"encoder/sample": image, "decoder/latent_sample": latent}, {
        "encoder/latent_sample": model.encode(image).latents,
        "decoder/sample": model.decode(latent).sample,
    }


NETWORKS = {
    "t5": (lambda: T5EncoderModel(T5Config(**T5, feed_forward_proj="gated-gelu")), t5),
    "pixart": (lambda: PixArtTransformer2DModel(**PIXART), pixart),
    "pixart-sizes": (lambda: PixArtTransformer2DModel(**SIZED), pixart),
    "pixart-old-class": (lambda: Transformer2DModel(**PIXART, norm_elementwise_affine=False, num_embeds_ada_norm=1000), pixart),
    "dit": (lambda: DiTTransformer2DModel(**DIT), dit),
    "dit-old-class": (lambda: Transformer2DModel(**DIT, norm_elementwise_affine=False, attention_bias=True, activation_fn="gelu-approximate"), dit),
    "clip-vision": (lambda: CLIPVisionModelWithProjection(CLIPVisionConfig(**VISION, projection_dim=6)), vision),
    "tiny": (lambda: AutoencoderTiny(**TINY), tiny),
}


def plain(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, np.ndarray]:
    arrays = {f"{prefix}/{name}": value.detach().numpy() for name, value in tensors.items()}
    return {name: np.ascontiguousarray(array if array.dtype == np.int64 else array.astype(np.float32)) for name, array in arrays.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", action="store_true", help="save the weights in half precision")
    options = parser.parse_args()
    torch.set_default_dtype(torch.float32)
    for name, (make, run) in NETWORKS.items():
        torch.manual_seed(0)
        model = randomize(make(), torch.Generator().manual_seed(len(name))).double()
        with torch.no_grad():
            inputs, outputs = run(model)
        # The weights are numbers of half precision; a table of places, which is no weight, would lose digits if it were used after this.
        (model.half() if options.half else model.float()).save_pretrained(options.folder / name)
        save_file(plain(inputs, "inputs") | plain(outputs, "outputs"), options.folder / f"{name}.safetensors")
        print(name, {key: float(value.std()) for key, value in outputs.items()})


if __name__ == "__main__":
    main()
