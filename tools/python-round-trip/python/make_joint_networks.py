"""
Writes tiny random transformers of diffusers with what they give, for packages/nn/test/networks (its fixtures/README.md says what is in a file):
    python make_joint_networks.py FOLDER
Everything is computed in double precision; timesteps stay small, because diffusers' sinusoids are single precision.
"""

import json
import sys
from pathlib import Path

import torch
from diffusers import FluxTransformer2DModel, SD3Transformer2DModel
from safetensors.torch import save_file

BATCH = 2
TEXT = 3

SD3 = {
    "sample_size": 4,
    "patch_size": 2,
    "in_channels": 3,
    "out_channels": 3,
    "num_layers": 2,
    "attention_head_dim": 4,
    "num_attention_heads": 2,
    "joint_attention_dim": 5,
    "caption_projection_dim": 8,
    "pooled_projection_dim": 6,
    "pos_embed_max_size": 5,
}
FLUX = {
    "in_channels": 4,
    "num_layers": 2,
    "num_single_layers": 1,
    "attention_head_dim": 8,
    "num_attention_heads": 2,
    "joint_attention_dim": 5,
    "pooled_projection_dim": 6,
    "axes_dims_rope": [2, 4, 2],
}

# Name, class, config, rows and columns of patches.
NETWORKS = [
    ("sd3", SD3Transformer2DModel, SD3, (2, 2)),
    ("sd3-normed", SD3Transformer2DModel, {**SD3, "qk_norm": "rms_norm"}, (3, 1)),
    ("sd3-dual", SD3Transformer2DModel, {**SD3, "qk_norm": "rms_norm", "dual_attention_layers": [0]}, (2, 5)),
    ("flux", FluxTransformer2DModel, {**FLUX, "guidance_embeds": True}, (2, 3)),
    ("flux-schnell", FluxTransformer2DModel, {**FLUX, "num_layers": 1, "num_single_layers": 2}, (1, 4)),
]


def randomize(model: torch.nn.Module, generator: torch.Generator) -> None:
    """Numbers large enough that every part shows, rounded to half precision. The table of positions is drawn too."""
    for name, value in sorted(model.state_dict().items()):
        noise = torch.randn(value.shape, generator=generator, dtype=torch.float64)
        if name == "pos_embed.pos_embed":
            drawn = 0.6 * noise
        elif value.ndim == 1:
            drawn = 0.2 * noise + (".norm_" in name and name.endswith("weight"))
        else:
            drawn = 1.2 * noise / value[0].numel() ** 0.5
        value.copy_(drawn.half())


def inputs_of(model: torch.nn.Module, grid: tuple[int, int], generator: torch.Generator) -> dict[str, torch.Tensor]:
    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator).half().double()

    rows, columns = grid
    config = model.config
    inputs = {
        "encoder_hidden_states": normal(BATCH, TEXT, config.joint_attention_dim),
        "pooled_projections": normal(BATCH, config.pooled_projection_dim),
    }
    if isinstance(model, SD3Transformer2DModel):
        sides = (rows * config.patch_size, columns * config.patch_size)
        return {**inputs, "hidden_states": normal(BATCH, config.in_channels, *sides), "timestep": torch.tensor([3.0, 120.0])}
    places = torch.tensor([[0.0, row, column] for row in range(rows) for column in range(columns)])
    guidance = {"guidance": torch.tensor([0.0625, 0.125])} if config.guidance_embeds else {}
    return {
        **inputs,
        **guidance,
        "hidden_states": normal(BATCH, rows * columns, config.in_channels),
        "timestep": torch.tensor([0.03125, 0.125]),
        "img_ids": places,
        "txt_ids": torch.zeros(TEXT, 3),
    }


def gradients_of(model: torch.nn.Module, output: torch.Tensor) -> torch.Tensor:
    """⟨gradient, weight⟩ and ‖gradient‖² of the mean square, for each weight by name; one that plays no part has zeros."""
    output.square().mean().backward()
    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    rows = []
    for name in sorted(model.state_dict()):
        value = tensors[name]
        gradient = torch.zeros_like(value) if value.grad is None else value.grad
        rows.append(torch.stack([(gradient * value).sum(), gradient.square().sum()]))
    return torch.stack(rows).detach()


def main(folder: Path) -> None:
    for seed, (name, kind, config, grid) in enumerate(NETWORKS):
        generator = torch.Generator().manual_seed(seed)
        model = kind(**config).double().eval()
        with torch.no_grad():
            randomize(model, generator)
        inputs = inputs_of(model, grid, generator)
        weights = {f"weights/{key}": value.half().contiguous() for key, value in model.state_dict().items()}
        if kind is SD3Transformer2DModel:
            model.pos_embed.pos_embed.requires_grad_()  # a buffer there, a parameter here
        output = model(**inputs, return_dict=False)[0]
        tensors = {
            **weights,
            **{f"inputs/{key}": value.float().contiguous() for key, value in inputs.items()},
            "outputs/out_hidden_states": output.detach().float().contiguous(),
            "gradients/out_hidden_states": gradients_of(model, output).float(),
        }
        save_file(tensors, folder / f"{name}.safetensors", {"config": json.dumps(config)})
        size = (folder / f"{name}.safetensors").stat().st_size
        print(f"{name}: {size} bytes, output up to {output.abs().max():.2f}, deviation {output.std():.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
