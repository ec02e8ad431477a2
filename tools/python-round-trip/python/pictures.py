"""Folders of pictures in every form that the Python tools read and that ought to come out alike."""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image


def smooth(random: np.random.Generator, size: tuple[int, int], contrast: float) -> np.ndarray:
    """Blobs of colour at three scales with a little noise, [height, width, 3] in 0…255."""
    width, height = size
    total = np.full((height, width, 3), 128.0) + random.normal(0, 30, 3)
    for cells in (2, 5, 13):
        coarse = random.normal(0, contrast, (cells, cells, 3)).astype(np.float32)
        planes = [Image.fromarray(coarse[..., c]).resize(size, Image.BICUBIC) for c in range(3)]
        total += np.stack([np.asarray(plane) for plane in planes], axis=-1)
    return np.clip(total + random.normal(0, 4, total.shape), 0, 255)


def write_png16(path: Path, values: np.ndarray) -> None:
    """A PNG of 16 bits a channel, which Pillow reads but does not write."""
    height, width, _ = values.shape
    rows = np.ascontiguousarray((values * 257).astype(">u2")).reshape(height, -1)
    scanlines = b"".join(b"\0" + row.tobytes() for row in rows)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(scanlines)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)


def with_alpha(rgb: Image.Image) -> Image.Image:
    alpha = np.uint8(np.linspace(0, 255, rgb.width * rgb.height).reshape(rgb.height, rgb.width))
    return Image.merge("RGBA", (*rgb.split(), Image.fromarray(alpha)))


# A name, and how a picture is written under it; several of a kind where decoders have more than one way. Dithering is left out: beside
# smooth pictures its noise would be an outlier that all figures consist of.
FORMS = {
    "rgb.png": lambda path, rgb, _: rgb.save(path),
    "grey.png": lambda path, rgb, _: rgb.convert("L").save(path),
    "grey-alpha.png": lambda path, rgb, _: rgb.convert("LA").save(path),
    "palette.png": lambda path, rgb, _: rgb.quantize(64, dither=Image.Dither.NONE).save(path),
    "one-bit.png": lambda path, rgb, _: rgb.convert("1", dither=Image.Dither.NONE).save(path),
    "alpha.png": lambda path, rgb, _: with_alpha(rgb).save(path),
    "16-bit.png": lambda path, _, values: write_png16(path, values),
    "photo.jpg": lambda path, rgb, _: rgb.save(path, quality=90),
    "full-chroma.jpeg": lambda path, rgb, _: rgb.save(path, quality=95, subsampling=0),
    "poor.jpg": lambda path, rgb, _: rgb.save(path, quality=30),
    "progressive.jpg": lambda path, rgb, _: rgb.save(path, quality=80, progressive=True),
    "grey.jpg": lambda path, rgb, _: rgb.convert("L").save(path, quality=85),
    "cmyk.jpg": lambda path, rgb, _: rgb.convert("CMYK").save(path, quality=85),
}
SIZES = [(64, 64), (96, 64), (33, 57), (299, 299), (320, 200), (17, 130)]


def write_folder(folder: Path, count: int, seed: int, contrast: float) -> None:
    """Pictures of all forms and sizes in turn."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    for i in range(count):
        values = smooth(random, SIZES[i % len(SIZES)], contrast)
        name, write = list(FORMS.items())[i % len(FORMS)]
        write(folder / f"{i:04d}-{name}", Image.fromarray(np.uint8(values)), values)
