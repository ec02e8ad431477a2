"""
Writes tiny AutoencoderDC of diffusers with random weights, and what they gave, in double precision:
    python make_dc_networks.py ../../../packages/nn/test/networks/fixtures
The form of the files is described there.
"""

import sys
from pathlib import Path

import torch
from diffusers import AutoencoderDC
from make_networks import randomize, save

NARROW = {
    "latent_channels": 2,
    "encoder_block_out_channels": (4, 4, 8),
    "decoder_block_out_channels": (4, 4, 8),
    "encoder_layers_per_block": (0, 1, 1),
    "decoder_layers_per_block": (0, 1, 2),
    "encoder_qkv_multiscales": ((), (), ()),
    "decoder_qkv_multiscales": ((), (), ()),
}
WIDE = {
    **NARROW,
    "decoder_block_out_channels": (4, 8, 4),
    "encoder_layers_per_block": (1, 1, 1),
    "decoder_layers_per_block": (1, 1, 1),
    "upsample_block_type": "interpolate",
    "encoder_out_shortcut": False,
    "decoder_in_shortcut": False,
    "decoder_conv_act_fn": "silu",
}


def dc(path: Path, seed: int, config: dict) -> None:
    generator = torch.Generator().manual_seed(seed)
    model = randomize(AutoencoderDC(**config), generator).double()
    drawn = lambda *shape: torch.randn(*shape, generator=generator).half().double()  # noqa: E731
    inputs = {"image": drawn(2, 3, 8, 12), "latent_sample": drawn(2, config["latent_channels"], 2, 3)}
    outputs = {"latent_sample": model.encoder(inputs["image"]), "sample": model.decoder(inputs["latent_sample"])}
    save(path, model, config, inputs, outputs)


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    dc(folder / "vae-dc.safetensors", 4, NARROW)
    dc(folder / "vae-dc-wide.safetensors", 5, WIDE)
