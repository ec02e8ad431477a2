"""
Prints the timesteps that diffusers' schedulers lay out, one JSON object a line:
    python scheduler_timesteps.py [STEPS…]        # default: 1 … 100
Each line holds `config` (complete), `steps`, and `timesteps`, or `raises` where diffusers refuses.
"""

import json
import sys

import diffusers

STABLE_DIFFUSION = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "steps_offset": 1}
SPACINGS = ("leading", "linspace", "trailing")
RESPACINGS = ("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas")
SPACED = ("DDPM", "DDIM", "PNDM", "EulerDiscrete", "EulerAncestralDiscrete", "HeunDiscrete", "DPMSolverMultistep", "UniPCMultistep")
RESPACED = ("EulerDiscrete", "HeunDiscrete", "DPMSolverMultistep", "UniPCMultistep")


def configs():
    """Every sampler with every spacing of timesteps, and with every spacing of sigmas."""
    for name in SPACED:
        own = {"skip_prk_steps": True} if name == "PNDM" else {}
        for spacing in SPACINGS:
            yield name, {**own, "timestep_spacing": spacing}
    for name in RESPACED:
        for key in RESPACINGS:
            yield name, {key: True}
    yield "DPMSolverMultistep", {"use_lu_lambdas": True}
    yield "LCM", {"original_inference_steps": 100}


def main() -> None:
    counts = [int(text) for text in sys.argv[1:]] or range(1, 101)
    for name, own in configs():
        kind = getattr(diffusers, f"{name}Scheduler")
        offset = {key: value for key, value in STABLE_DIFFUSION.items() if key in kind().config}
        scheduler = kind(**offset, **own)
        config = {"_class_name": kind.__name__, **offset, **own}
        for steps in counts:
            try:
                scheduler.set_timesteps(steps)
                found = {"timesteps": scheduler.timesteps.tolist()}
            except Exception as error:
                found = {"raises": str(error)}
            print(json.dumps({"config": config, "steps": steps, **found}))


if __name__ == "__main__":
    main()
