"""Times a UNet of a model folder in eager PyTorch: python unet-peer.py FOLDER INPUTS THREADS ROUNDS; one JSON line."""

import json
import sys
import time

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file, save_file

folder, inputs, threads, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)
unet = UNet2DConditionModel.from_pretrained(folder, torch_dtype=torch.float32).eval()
feeds = load_file(inputs)
seconds, cpu_seconds = [], []
with torch.inference_mode():
    for _ in range(rounds + 1):
        started, cpu = time.perf_counter(), time.process_time()
        out = unet(feeds["sample"], torch.tensor(500.0), feeds["encoder_hidden_states"], return_dict=False)[0]
        seconds.append(time.perf_counter() - started)
        cpu_seconds.append(time.process_time() - cpu)
save_file({"out_sample": out.contiguous()}, f"{inputs}.out")
print(json.dumps({"torch": torch.__version__, "seconds": seconds[1:], "cpuSeconds": cpu_seconds[1:]}))
