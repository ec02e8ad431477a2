"""Pipelines of the Stable Diffusion families and Flux with random weights, twenty to thirty thousand parameters each."""

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    DDIMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    LatentConsistencyModelPipeline,
    LCMScheduler,
    PNDMScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from tiny_t5_tokenizer import save_t5_tokenizer
from tiny_tokenizer import save_tokenizer
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)

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
    for value in module.buffers():
        if value.is_floating_point():
            value.data = value.half().float()
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
    last = model.quant_conv or model.encoder.conv_out
    means = model.config.latent_channels
    last.weight.data[means:] = 0
    last.bias.data[means:] = -30
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


def wide_vae(seed: int, scaling: float, shift: float) -> AutoencoderKL:
    """Sixteen channels, no convolutions between the halves and the latent."""
    plain = {"use_quant_conv": False, "use_post_quant_conv": False}
    return vae(seed, latent_channels=16, scaling_factor=scaling, shift_factor=shift, **plain)


def t5(scratch: Path, seed: int, width: int) -> tuple[T5TokenizerFast, T5EncoderModel]:
    count = save_t5_tokenizer(scratch)
    options = {"d_model": width, "d_kv": 4, "d_ff": 16, "num_layers": 2, "num_heads": 2, "feed_forward_proj": "gated-gelu"}
    model = T5EncoderModel(T5Config(vocab_size=count, **options))
    return T5TokenizerFast.from_pretrained(str(scratch)), randomize(model, seed)


def sd3_transformer(seed: int, **options) -> SD3Transformer2DModel:
    defaults = {
        "sample_size": 16,
        "num_layers": 2,
        "attention_head_dim": 4,
        "num_attention_heads": 2,
        "joint_attention_dim": 24,
        "caption_projection_dim": 8,
        "pooled_projection_dim": 20,
        "pos_embed_max_size": 12,
    }
    return randomize(SD3Transformer2DModel(**{**defaults, **options}), seed)


def sd3(scratch: Path, with_t5: bool = True, shift: float = 0.0609, seed: int = 20, **options) -> StableDiffusion3Pipeline:
    tokens, ids = tokenizer(scratch / "tokenizer")
    tokens_2, ids_2 = tokenizer(scratch / "tokenizer_2", pad="!")
    tokens_3, text_3 = t5(scratch / "tokenizer_3", seed + 2, 24) if with_t5 else (None, None)
    return StableDiffusion3Pipeline(
        text_encoder=text_encoder(ids, seed, projection=8),
        text_encoder_2=text_encoder(ids_2, seed + 1, hidden=12, projection=12, act="gelu"),
        text_encoder_3=text_3,
        tokenizer=tokens,
        tokenizer_2=tokens_2,
        tokenizer_3=tokens_3,
        vae=wide_vae(seed + 3, 1.5305, shift),
        transformer=sd3_transformer(seed + 4, **options),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )


def sd35(scratch: Path) -> StableDiffusion3Pipeline:
    """Normed queries and keys, a second attention in the first block, no T5."""
    return sd3(scratch, with_t5=False, shift=0.0, seed=30, qk_norm="rms_norm", dual_attention_layers=(0,))


def flux(scratch: Path, guided: bool = True, seed: int = 40) -> FluxPipeline:
    """Guidance told to the network, a shift that grows with the picture."""
    tokens, ids = tokenizer(scratch / "tokenizer")
    tokens_2, text_2 = t5(scratch / "tokenizer_2", seed + 1, 12)
    transformer = FluxTransformer2DModel(
        in_channels=64,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=12,
        pooled_projection_dim=8,
        guidance_embeds=guided,
        axes_dims_rope=(2, 2, 4),
    )
    shifting = {"shift": 3.0, "use_dynamic_shifting": True} if guided else {"shift": 1.0}
    return FluxPipeline(
        text_encoder=text_encoder(ids, seed),
        text_encoder_2=text_2,
        tokenizer=tokens,
        tokenizer_2=tokens_2,
        vae=wide_vae(seed + 2, 0.3611, 0.1159),
        transformer=randomize(transformer, seed + 3),
        scheduler=FlowMatchEulerDiscreteScheduler(**shifting),
    )


def schnell(scratch: Path) -> FluxPipeline:
    """No guidance, few steps."""
    return flux(scratch, guided=False, seed=50)


def taesd(scratch: Path) -> StableDiffusionPipeline:
    """A Stable Diffusion 1 with a tiny autoencoder in place of its own."""
    tokens, ids = tokenizer(scratch / "tokenizer")
    halves = {f"{half}_block_out_channels": (4, 4) for half in ("encoder", "decoder")}
    tiny = randomize(AutoencoderTiny(**halves, num_encoder_blocks=(1, 2), num_decoder_blocks=(2, 1)), 61)
    scheduler = DDIMScheduler(**BETAS, clip_sample=False, set_alpha_to_one=False)
    parts = {"text_encoder": text_encoder(ids, 60), "vae": tiny, "unet": unet(62), "tokenizer": tokens}
    return plain(StableDiffusionPipeline, {**parts, "scheduler": scheduler})


FAMILIES = {
    "sd1": sd1,
    "taesd": taesd,
    "sd2": sd2,
    "sdxl": sdxl,
    "inpainting": inpainting,
    "lcm": lcm,
    "sd3": sd3,
    "sd35": sd35,
    "flux": flux,
    "schnell": schnell,
}
