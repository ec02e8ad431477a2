"""Runs a pipeline while noting every random draw, and keeps what went in and came out as one safetensors file."""

import json
from pathlib import Path

import numpy as np
import torch
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image
from safetensors.numpy import load_file, save_file
from safetensors import safe_open
from scipy.ndimage import distance_transform_cdt

DRAWN_BY_SAMPLER = "steps"


class Draws:
    """While it is open, `torch.randn` also appends what it gives to `values`."""

    def __enter__(self):
        self.values: list[np.ndarray] = []
        self._randn = torch.randn

        def noted(*size, **options):
            drawn = self._randn(*size, **options)
            self.values.append(drawn.detach().float().numpy().ravel())
            return drawn

        torch.randn = noted
        return self

    def __exit__(self, *_):
        torch.randn = self._randn


class Replayed(Draws):
    """While it is open, `torch.randn` gives the values that were drawn elsewhere, one after the other."""

    def __init__(self, values: list[np.ndarray]):
        self._given = iter(values)

    def __enter__(self):
        self._randn = torch.randn

        def given(*size, **_):
            shape = size[0] if len(size) == 1 else size
            return torch.from_numpy(next(self._given).copy()).reshape(tuple(shape))

        torch.randn = given
        return self


class PosteriorMean:
    """While it is open, pictures are encoded to their posterior's mean, as this repository does under a mask."""

    def __enter__(self):
        self._sample = DiagonalGaussianDistribution.sample
        DiagonalGaussianDistribution.sample = lambda posterior, generator=None: posterior.mode()

    def __exit__(self, *_):
        DiagonalGaussianDistribution.sample = self._sample


def absent_parts(model: Path) -> dict[str, None]:
    """The components that a pipeline is saved without; diffusers wants to be told."""
    index = json.loads((model / "model_index.json").read_text())
    return {name: None for name, value in index.items() if value == [None, None]}


def as_pixels(image) -> np.ndarray:
    return np.asarray(image.convert("RGB"), dtype=np.uint8)


def picture(width: int, height: int) -> Image.Image:
    """Waves of colour: a picture to start from."""
    x, y = np.meshgrid(np.arange(width) / width, np.arange(height) / height)
    waves = [np.sin(9 * x + 2 * y), np.cos(5 * x * y + 1), np.sin(7 * y - 3 * x)]
    return Image.fromarray(np.uint8(np.stack([127.5 + 100 * wave for wave in waves], axis=-1)))


def mask(width: int, height: int) -> Image.Image:
    """White, to be repainted: all but a frame at the left and the top."""
    values = np.zeros((height, width), dtype=np.uint8)
    values[height // 4 :, width // 2 :] = 255
    return Image.fromarray(values)


def keep_unmasked(painted: np.ndarray, original: np.ndarray, mask: np.ndarray, feather: int) -> np.ndarray:
    """The original where the mask is black, faded into the painting over so many pixels inside what is white."""
    distance = distance_transform_cdt(mask >= 128, metric="chessboard")
    share = np.minimum(1, distance / (feather + 1))[..., None]
    return np.uint8(np.floor(share * painted + (1 - share) * original + 0.5))


def save_case(path: Path, options: dict, tensors: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, path, {"case": json.dumps(options)})


def load_case(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    with safe_open(path, "np") as file:
        return json.loads(file.metadata()["case"]), load_file(path)


def psnr(pixels: np.ndarray, others: np.ndarray) -> float:
    """Peak signal to noise ratio in decibels of two pictures of bytes; 99 where they are equal."""
    error = np.mean((pixels.astype(np.float64) - others.astype(np.float64)) ** 2)
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))
