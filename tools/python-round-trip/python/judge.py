"""
What pytorch-fid, clean-fid and torch-fidelity say of two folders:
    python judge.py make FOLDER COUNT    writes FOLDER/a, FOLDER/b and random weights below FOLDER/torch
    python judge.py judge FOLDER         reads FOLDER/ours-a.npz too; writes statistics of a as both tools that write any do
One JSON object a line. TORCH_HOME must be FOLDER/torch, where the tools then find the weights that they would download.
"""

import json
import os
import shutil
import sys
from pathlib import Path

os.environ["TQDM_DISABLE"] = "1"

import cleanfid.fid as clean_fid
import numpy as np
import torch
import torch_fidelity
from PIL import Image
from pictures import write_folder
from pytorch_fid import fid_score
from pytorch_fid.inception import InceptionV3

CPU = torch.device("cpu")
SPLITS, SUBSETS, NEIGHBOURS = 10, 100, 3


def make(folder: Path, count: int) -> None:
    from inception_weights import write_weights

    for name, seed, contrast in (("a", 1, 25), ("b", 2, 32)):
        shutil.rmtree(folder / name, ignore_errors=True)
        write_folder(folder / name, count, seed, contrast)
    files = sorted((folder / "a").iterdir())[:24]
    images = [Image.open(file).convert("RGB").resize((160, 160)) for file in files]
    pixels = np.stack([np.asarray(image) for image in images]).transpose(0, 3, 1, 2)
    write_weights(folder / "torch", torch.from_numpy(pixels / np.float32(127.5) - 1))


def say(tool: str, metric: str, value: float, deviation: float | None = None) -> None:
    print(json.dumps({"tool": tool, "metric": metric, "value": float(value), "deviation": deviation}), flush=True)


def by_pytorch_fid(folder: Path) -> None:
    # Pictures of several sizes go through one by one, as none of the tools resizes before it makes a batch.
    options = {"batch_size": 1, "device": CPU, "num_workers": 0}
    a, b = str(folder / "a"), str(folder / "b")
    for dims in (64, 2048):
        say("pytorch-fid", f"fid-{dims}", fid_score.calculate_fid_given_paths([a, b], dims=dims, **options))
    ours, theirs = str(folder / "ours-a.npz"), str(folder / "pytorch-fid-a.npz")
    say("pytorch-fid", "fid-64 of our statistics", fid_score.calculate_fid_given_paths([ours, b], dims=64, **options))
    Path(theirs).unlink(missing_ok=True)
    fid_score.save_fid_stats([a, theirs], dims=64, **options)


def clean_features(*_, **__):
    """clean-fid's network is a TorchScript file to be downloaded; this is what it does, with the weights at hand."""
    network = InceptionV3([3], resize_input=False, normalize_input=False).eval()
    return lambda pixels: network((pixels - 128) / 128)[0].flatten(1)


def by_clean_fid(folder: Path) -> None:
    clean_fid.build_feature_extractor = clean_features
    clean_fid.cleanfid.__file__ = str(folder / "clean-fid" / "__init__.py")
    shutil.rmtree(folder / "clean-fid", ignore_errors=True)
    stats = folder / "clean-fid" / "stats"
    a, b = str(folder / "a"), str(folder / "b")
    options = {"mode": "clean", "device": CPU, "num_workers": 0, "verbose": False}
    say("clean-fid", "fid-2048", clean_fid.compute_fid(a, b, **options))
    clean_fid.make_custom_stats("theirs", a, mode="clean", device=CPU, num_workers=0, verbose=False)
    for name in ("theirs_clean_custom_na.npz", "theirs_clean_custom_na_kid.npz"):
        shutil.copy(stats / name, folder / f"clean-fid-{name}")
    named = {"dataset_res": "na", "dataset_split": "custom", **options}
    say("clean-fid", "kid", clean_fid.compute_kid(b, dataset_name="theirs", **named))
    shutil.copy(folder / "ours-a-clean.npz", stats / "ours_clean_custom_na.npz")
    say("clean-fid", "fid-2048 of our statistics", clean_fid.compute_fid(b, dataset_name="ours", **named))


def by_torch_fidelity(folder: Path, count: int) -> None:
    options = {
        "input1": str(folder / "a"),
        "input2": str(folder / "b"),
        "feature_extractor": "inception-v3-compat",
        "batch_size": 1,
        "cuda": False,
        "cache": False,
        "save_cpu_ram": True,
        "verbose": False,
    }
    say("torch-fidelity", "fid-64", torch_fidelity.calculate_metrics(fid=True, feature_layer_fid="64", **options)["frechet_inception_distance"])
    found = torch_fidelity.calculate_metrics(
        **options,
        **{name: True for name in ("isc", "fid", "kid", "prc")},
        kid_subset_size=count // 2,
        kid_subsets=SUBSETS,
        isc_splits=SPLITS,
        feature_layer_prc="2048",
        prc_neighborhood=NEIGHBOURS,
    )
    say("torch-fidelity", "fid-2048", found["frechet_inception_distance"])
    for metric, name in (("is", "inception_score"), ("kid", "kernel_inception_distance")):
        say("torch-fidelity", metric, found[f"{name}_mean"], found[f"{name}_std"])
    for metric in ("precision", "recall"):
        say("torch-fidelity", metric, found[metric])


def main() -> None:
    task, folder = sys.argv[1], Path(sys.argv[2])
    if task == "make":
        return make(folder, int(sys.argv[3]))
    count = len(list((folder / "a").iterdir()))
    by_pytorch_fid(folder)
    by_clean_fid(folder)
    by_torch_fidelity(folder, count)


main()
