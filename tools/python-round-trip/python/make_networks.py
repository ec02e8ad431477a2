"""
Writes reference networks: tiny ones of diffusers with random weights, and what they gave, in double precision:
    python make_networks.py ../../../packages/nn/test/networks/fixtures
The form of the files is described there.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from safetensors.numpy import save_file

TINY = {
    "encoder_block_out_channels": (4, 4, 4),
    "decoder_block_out_channels": (4, 4, 4),
    "num_encoder_blocks": (1, 0, 2),
    "num_decoder_blocks": (2, 1, 1),
    "latent_channels": 3,
}


class PooledBlock(torch.nn.Module):
    """A block that sees the whole picture first: taef2's, which diffusers lacks."""

    def __init__(self, block: torch.nn.Module, width: int):
        super().__init__()
        self.conv = block.conv
        self.pool = torch.nn.Sequential(
            torch.nn.Conv2d(width, 4 * width, 1, bias=False),
            torch.nn.GroupNorm(4, 4 * width),
            torch.nn.ReLU(),
            torch.nn.Conv2d(4 * width, width, 1, bias=False),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = x + self.pool(x)
        return torch.relu(self.conv(seen) + seen)


def pooled(model: AutoencoderTiny) -> AutoencoderTiny:
    """Exchanges the blocks at the lowest resolution: the encoder's last stage, the decoder's first."""
    config = model.config
    width, encoder, decoder = config.decoder_block_out_channels[0], model.encoder.layers, model.decoder.layers
    low = [(encoder, len(encoder) - 2 - i) for i in range(config.num_encoder_blocks[-1])]
    low += [(decoder, 2 + i) for i in range(config.num_decoder_blocks[0])]
    for layers, index in low:
        layers[index] = PooledBlock(layers[index], width)
    return model


def randomize(module: torch.nn.Module, generator: torch.Generator) -> torch.nn.Module:
    norms = {f"{name}.weight" for name, part in module.named_modules() if "Norm" in type(part).__name__}
    for name, value in sorted(module.named_parameters()):
        noise = torch.randn(value.shape, generator=generator)
        scale = 0.2 if value.ndim == 1 else 1.2 / value[0].numel() ** 0.5
        value.data = (scale * noise + (1 if name in norms else 0)).half().double()
    return module.eval()


def figures(module: torch.nn.Module, output: torch.Tensor) -> np.ndarray:
    """Of the mean square of an output: for each weight, sorted by name, ⟨gradient, weight⟩ and |gradient|²."""
    module.zero_grad()
    output.square().mean().backward()
    rows = []
    for _, value in sorted(module.named_parameters()):
        gradient = torch.zeros_like(value) if value.grad is None else value.grad
        rows += [float((gradient * value).sum()), float(gradient.square().sum())]
    return np.float32(rows)


def save(path: Path, module: torch.nn.Module, config: dict, inputs: dict, outputs: dict) -> None:
    tensors = {f"weights/{name}": value.detach().numpy().astype(np.float16) for name, value in module.named_parameters()}
    tensors |= {f"inputs/{name}": value.numpy().astype(np.float32) for name, value in inputs.items()}
    tensors |= {f"gradients/{name}": figures(module, value) for name, value in outputs.items()}
    tensors |= {f"outputs/{name}": value.detach().numpy().astype(np.float32) for name, value in outputs.items()}
    save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, path, {"config": json.dumps(config)})
    print(path.name, path.stat().st_size, "bytes", {name: float(value.std()) for name, value in outputs.items()})


def tiny(path: Path, seed: int, config: dict, with_pool: bool = False) -> None:
    generator = torch.Generator().manual_seed(seed)
    model = AutoencoderTiny(**config)
    randomize(pooled(model) if with_pool else model, generator).double()
    drawn = lambda *shape: torch.randn(*shape, generator=generator).half().double()  # noqa: E731
    inputs = {"image": drawn(2, 3, 8, 12), "latent_sample": 2 * drawn(2, config["latent_channels"], 2, 3)}
    outputs = {"latent_sample": model.encoder(inputs["image"]), "sample": model.decoder(inputs["latent_sample"])}
    save(path, model, {**config, **({"use_midblock_gn": True} if with_pool else {})}, inputs, outputs)


def published(folder: Path, seed: int) -> None:
    """A tiny autoencoder in the files of taesd's author: halves without a prefix, the decoder counting from 1, pictures in [0, 1]."""
    model = randomize(pooled(AutoencoderTiny(**TINY)), torch.Generator().manual_seed(seed)).float()
    (folder / "reference").mkdir(parents=True, exist_ok=True)
    shifted = {"encoder": 0, "decoder": 1}
    for half, shift in shifted.items():
        weights = getattr(model, half).layers.state_dict().items()
        named = {".".join([str(int(name.split(".")[0]) + shift), *name.split(".")[1:]]): value.half() for name, value in weights}
        torch.save(named, folder / f"tiny_{half}.pth")
    image = torch.rand(1, 3, 8, 12, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        latent = model.encoder(2 * image - 1)
        decoded = model.decoder(latent) / 2 + 0.5
    for name, value in {"input": image, "latent": latent, "decoded": decoded}.items():
        np.save(folder / "reference" / f"{name}_f32.npy", value.numpy())


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    published(folder.parents[4] / "tools" / "oracle" / "test" / "fixtures" / "tiny", 3)
    tiny(folder / "vae-tiny.safetensors", 1, TINY)
    tiny(folder / "vae-tiny-pooled.safetensors", 2, {**TINY, "act_fn": "silu"}, with_pool=True)
