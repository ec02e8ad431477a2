"""What is painted with each family: the options of a call, in diffusers' words and in this repository's."""

from dataclasses import dataclass, field

from diffusers import (
    DDIMScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    FluxImg2ImgPipeline,
    FluxInpaintPipeline,
    StableDiffusion3Img2ImgPipeline,
    StableDiffusion3InpaintPipeline,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
)

# Where a picture is started from, diffusers draws the posterior's noise first.
FROM_PICTURE = (1, 0)


@dataclass
class Case:
    name: str
    family: str
    steps: int = 5
    guidance: float = 7.5
    prompt: str = "a red cat, on a blue dog."
    negative: str | None = None
    width: int = 32
    height: int = 32
    strength: float | None = None
    image: bool = False
    mask: bool = False
    pipeline: type | None = None
    scheduler: type | None = None
    sampler: str | None = None
    order: tuple[int, ...] = ()
    # As this repository counts; diffusers counts from 0.
    clip_skip: int | None = None
    extra: dict = field(default_factory=dict)

    @property
    def call(self) -> dict:
        """The arguments of diffusers' call."""
        strength = {} if self.strength is None else {"strength": self.strength}
        skip = {} if self.clip_skip is None else {"clip_skip": self.clip_skip - 1}
        negative = {} if self.negative is None else {"negative_prompt": self.negative}
        return {"num_inference_steps": self.steps, "guidance_scale": self.guidance, **strength, **negative, **skip, **self.extra}

    def options(self) -> dict:
        """The options of this repository's `generate`; the model folder's name besides."""
        given = {
            "prompt": self.prompt,
            "negativePrompt": self.negative,
            "clipSkip": self.clip_skip,
            "steps": self.steps,
            "guidanceScale": self.guidance,
            "sampler": self.sampler,
            "width": self.width,
            "height": self.height,
            "strength": self.strength,
        }
        return {"model": self.family, "options": {key: value for key, value in given.items() if value is not None}}


CASES = [
    Case("sd1-pndm", "sd1", negative="blue."),
    Case("sd1-wide-euler-ancestral", "sd1", scheduler=EulerAncestralDiscreteScheduler, sampler="euler-ancestral", width=48),
    Case(
        "sd1-from-picture",
        "sd1",
        pipeline=StableDiffusionImg2ImgPipeline,
        # Not PNDM: there diffusers loses a step when it starts in the middle (docs/decisions/0021).
        scheduler=DDIMScheduler,
        sampler="ddim",
        image=True,
        strength=0.6,
        order=FROM_PICTURE,
    ),
    Case(
        "sd1-masked",
        "sd1",
        pipeline=StableDiffusionInpaintPipeline,
        scheduler=EulerDiscreteScheduler,
        sampler="euler",
        image=True,
        mask=True,
        strength=0.8,
    ),
    Case("taesd", "taesd"),
    # A tiny autoencoder has no posterior to draw from.
    Case("taesd-from-picture", "taesd", pipeline=StableDiffusionImg2ImgPipeline, image=True, strength=0.6),
    Case("sd2-velocity", "sd2", negative="dog"),
    Case("sdxl", "sdxl"),
    Case("sdxl-negative-wide", "sdxl", negative="dog", width=48),
    Case("inpainting", "inpainting", image=True, mask=True, strength=1.0),
    Case("lcm", "lcm", steps=4, guidance=8.0),
    Case("sd3", "sd3"),
    Case("sd3-unguided-tall", "sd3", guidance=1.0, height=40),
    Case("sd3-negative-wide", "sd3", negative="dog", width=48),
    Case(
        "sd3-from-picture",
        "sd3",
        pipeline=StableDiffusion3Img2ImgPipeline,
        image=True,
        strength=0.6,
        order=FROM_PICTURE,
    ),
    # Without guidance: diffusers does not skip for the negative prompt.
    Case("sd3-earlier-layer", "sd3", guidance=1.0, clip_skip=2),
    Case("sd35", "sd35", negative="blue."),
    Case(
        # Its autoencoder has no shift, which diffusers 0.36 forgets when it decodes what it repainted.
        "sd35-masked",
        "sd35",
        pipeline=StableDiffusion3InpaintPipeline,
        image=True,
        mask=True,
        strength=0.8,
    ),
    Case("flux", "flux", guidance=3.5),
    Case("flux-wide", "flux", guidance=2.0, width=48),
    Case(
        "flux-from-picture",
        "flux",
        guidance=3.5,
        pipeline=FluxImg2ImgPipeline,
        image=True,
        strength=0.6,
        order=FROM_PICTURE,
    ),
    Case(
        "flux-masked",
        "flux",
        guidance=3.5,
        pipeline=FluxInpaintPipeline,
        image=True,
        mask=True,
        strength=0.8,
    ),
    Case("schnell", "schnell", steps=4, guidance=0.0),
]
