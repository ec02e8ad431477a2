"""pytorch-fid on the same pictures: JSON commands on standard input, one JSON answer a line."""

import json
import math
import resource
import sys
import time

import numpy as np
import scipy
import torch
from PIL import Image
from pytorch_fid import fid_score, inception


def random_network():
    """pytorch-fid's network without its weights, which would have to be downloaded: values of their scale do for speed and agreement."""
    torch.manual_seed(0)
    net = inception._inception_v3(num_classes=1008, aux_logits=False, weights=None)
    for name, pool in (("5b", 32), ("5c", 64), ("5d", 64)):
        channels = {"5b": 192, "5c": 256, "5d": 288}[name]
        setattr(net, f"Mixed_{name}", inception.FIDInceptionA(channels, pool_features=pool))
    for name, inner in (("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)):
        setattr(net, f"Mixed_{name}", inception.FIDInceptionC(768, channels_7x7=inner))
    net.Mixed_7b = inception.FIDInceptionE_1(1280)
    net.Mixed_7c = inception.FIDInceptionE_2(2048)
    for module in net.modules():
        if isinstance(module, torch.nn.Conv2d):
            fan_in = module.in_channels * math.prod(module.kernel_size)
            torch.nn.init.normal_(module.weight, std=math.sqrt(2 / fan_in))
        elif isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.05)
            module.running_var.uniform_(0.9, 1.1)
    return net.eval()


def timed(work):
    wall, cpu = time.perf_counter(), time.process_time()
    value = work()
    return value, {"seconds": time.perf_counter() - wall, "cpuSeconds": time.process_time() - cpu}


def main():
    network, extractor = None, None
    for line in sys.stdin:
        command = json.loads(line)
        answer = {}
        if command["do"] == "open":
            if command["threads"]:
                torch.set_num_threads(command["threads"])
            network = random_network()
            torch.save(network.state_dict(), command["weights"])
            inception.fid_inception_v3 = lambda: network
            extractor = inception.InceptionV3([3])
            answer = {"torch": torch.__version__, "scipy": scipy.__version__}
        elif command["do"] == "features":
            work = lambda: fid_score.get_activations(
                command["files"], extractor, command["batch"], 2048, "cpu", num_workers=0
            )
            features, answer = timed(work)
            np.save(command["out"], features.astype(np.float32))
        elif command["do"] == "frechet":
            a, b = np.load(command["a"]), np.load(command["b"])
            work = lambda: fid_score.calculate_frechet_distance(a["mu"], a["sigma"], b["mu"], b["sigma"])
            value, answer = timed(work)
            answer["value"] = float(value)
        answer["peakBytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps(answer), flush=True)


main()
