"""Pipelines of the Stable Diffusion families with random weights, twenty to thirty thousand parameters each."""

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    EulerDiscreteScheduler,
    LatentConsistencyModelPipeline,
    LCMScheduler,
    PNDMScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from tiny_tokenizer import save_tokenizer
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

LENGTH = 16
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}


def randomize(module: torch.nn.Module, seed: int) -> torch.nn.Module:
    """
    Gaussian weights large enough that every input shows in the output, rounded to half precision, so that a folder saved
    in half precision holds the very same network. Drawn by name: the order in which a library lists them does not matter.
    """
    generator = torch.Generator().manual_seed(seed)
    for name, value in sorted(module.named_parameters()):
        noise = torch.randn(value.shape, generator=generator)
        if value.ndim >= 2:
            fan_in = value[0].numel() if "embedding" not in name else 1
            drawn = 0.9 * noise / fan_in**0.5
        elif name.endswith("weight"):
            drawn = 1 + 0.1 * noise
        else:
            drawn = 0.1 * noise
        value.data = drawn.half().float()
    return module.eval()


def text_encoder(ids: dict, seed: int, hidden: int = 8, projection: int | None = None, act: str = "quick_gelu"):
    config = CLIPTextConfig(
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=2,
        num_attention_heads=2,
        hidden_act=act,
        projection_dim=projection or hidden,
        **ids,
    )
    return randomize((CLIPTextModelWithProjection if projection else CLIPTextModel)(config), seed)


def vae(seed: int, **options) -> AutoencoderKL:
    """Factor 2. Its posterior is so narrow that its noise does not matter: whoever draws it, and when, the latent is the mean."""
    model = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(4, 4),
        layers_per_block=1,
        norm_num_groups=2,
        sample_size=32,
        **options,
    )
    randomize(model, seed)
    model.quant_conv.weight.data[4:] = 0
    model.quant_conv.bias.data[4:] = -30
    return model


def unet(seed: int, **options) -> UNet2DConditionModel:
    defaults = {
        "sample_size": 16,
        "block_out_channels": (4, 8),
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "layers_per_block": 1,
        "norm_num_groups": 2,
        "attention_head_dim": 2,
        "cross_attention_dim": 8,
    }
    return randomize(UNet2DConditionModel(**{**defaults, **options}), seed)


def tokenizer(folder: Path, pad: str = "<|endoftext|>"):
    ids = save_tokenizer(folder, LENGTH, pad)
    return CLIPTokenizer.from_pretrained(str(folder)), ids


def plain(pipeline_class, parts: dict):
    return pipeline_class(safety_checker=None, feature_extractor=None, requires_safety_checker=False, **parts)


def sd1(scratch: Path) -> StableDiffusionPipeline:
    tokens, ids = tokenizer(scratch / "tokenizer")
    scheduler = PNDMScheduler(**BETAS, skip_prk_steps=True, set_alpha_to_one=False)
    parts = {"text_encoder": text_encoder(ids, 1), "vae": vae(2), "unet": unet(3), "tokenizer": tokens}
    return plain(StableDiffusionPipeline, {**parts, "scheduler": scheduler})


def sd2(scratch: Path) -> StableDiffusionPipeline:
    """Velocity prediction, linear projections, heads of one width, exact GELU, `!` as padding."""
    tokens, ids = tokenizer(scratch / "tokenizer", pad="!")
    network = unet(6, attention_head_dim=(1, 2), use_linear_projection=True)
    scheduler = DDIMScheduler(**BETAS, prediction_type="v_prediction", clip_sample=False, set_alpha_to_one=False)
    parts = {"text_encoder": text_encoder(ids, 4, act="gelu"), "vae": vae(5), "unet": network, "tokenizer": tokens}
    return plain(StableDiffusionPipeline, {**parts, "scheduler": scheduler})


def sdxl(scratch: Path) -> StableDiffusionXLPipeline:
    """Two text encoders, sizes and pooled text as conditions, several transformer layers at the lowest resolution."""
    tokens, ids = tokenizer(scratch / "tokenizer")
    tokens_2, ids_2 = tokenizer(scratch / "tokenizer_2", pad="!")
    network = unet(
        10,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2),
        attention_head_dim=(1, 2),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 8,
        cross_attention_dim=16,
    )
    return StableDiffusionXLPipeline(
        text_encoder=text_encoder(ids, 7),
        text_encoder_2=text_encoder(ids_2, 8, projection=8, act="gelu"),
        tokenizer=tokens,
        tokenizer_2=tokens_2,
        vae=vae(9, scaling_factor=0.13025),
        unet=network,
        scheduler=EulerDiscreteScheduler(**BETAS, timestep_spacing="leading"),
        add_watermarker=False,
    )


def inpainting(scratch: Path) -> StableDiffusionInpaintPipeline:
    """Nine channels: latent, mask, latent of the picture without the masked part."""
    tokens, ids = tokenizer(scratch / "tokenizer")
    scheduler = DDIMScheduler(**BETAS, clip_sample=False, set_alpha_to_one=False)
    parts = {"text_encoder": text_encoder(ids, 11), "vae": vae(12), "unet": unet(13, in_channels=9), "tokenizer": tokens}
    return plain(StableDiffusionInpaintPipeline, {**parts, "scheduler": scheduler})


def lcm(scratch: Path) -> LatentConsistencyModelPipeline:
    tokens, ids = tokenizer(scratch / "tokenizer")
    network = unet(16, time_cond_proj_dim=8)
    scheduler = LCMScheduler(**{**BETAS, "steps_offset": 0})
    parts = {"text_encoder": text_encoder(ids, 14), "vae": vae(15), "unet": network, "tokenizer": tokens}
    return plain(LatentConsistencyModelPipeline, {**parts, "scheduler": scheduler})


FAMILIES = {"sd1": sd1, "sd2": sd2, "sdxl": sdxl, "inpainting": inpainting, "lcm": lcm}
