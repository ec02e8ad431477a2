"""Random weights for FID's Inception network, whose published ones have to be downloaded: the right names and shapes, and features that differ."""

import math
from pathlib import Path

import torch
from pytorch_fid import inception

PYTORCH_FID = "pt_inception-2015-12-05-6726825d.pth"
TORCH_FIDELITY = "weights-inception-2015-12-05-6726825d.pth"


def random_network():
    """pytorch-fid's network with random filters; its loader is told that there is nothing to load."""
    torch.manual_seed(0)
    load, inception.load_state_dict_from_url = inception.load_state_dict_from_url, lambda *_, **__: None
    load_into, torch.nn.Module.load_state_dict = torch.nn.Module.load_state_dict, lambda *_: None
    try:
        network = inception.fid_inception_v3()
    finally:
        inception.load_state_dict_from_url, torch.nn.Module.load_state_dict = load, load_into
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            fan_in = module.in_channels * math.prod(module.kernel_size)
            torch.nn.init.normal_(module.weight, std=math.sqrt(2 / fan_in))
        elif isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.8, 1.2)
            torch.nn.init.normal_(module.bias, std=0.2)
    torch.nn.init.normal_(network.fc.weight, std=0.1)
    return network


def calibrate(network, pixels: torch.Tensor) -> None:
    """Lets the batch norms measure pictures in [-1, 1], as in training: without it all features would be nearly equal."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
            module.reset_running_stats()
    network.train()
    blocks = inception.InceptionV3([3], resize_input=True, normalize_input=False)
    with torch.no_grad():
        blocks(pixels)
    network.eval()


def write_weights(home: Path, pixels: torch.Tensor) -> Path:
    """Puts the weights where PyTorch keeps its downloads below `home`, under the names of pytorch-fid and torch-fidelity."""
    network = random_network()
    built, inception.fid_inception_v3 = inception.fid_inception_v3, lambda: network
    try:
        calibrate(network, pixels)
    finally:
        inception.fid_inception_v3 = built
    folder = home / "hub" / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    for name in (PYTORCH_FID, TORCH_FIDELITY):
        torch.save(network.state_dict(), folder / name)
    return folder / PYTORCH_FID
