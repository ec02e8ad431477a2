"""Eager PyTorch on a network, weights and batch written by the bench; see src/peer.ts.

Reads FOLDER/start.json, parameters.bin and batch.bin, then answers each line of standard input with one line of JSON:
start -> version, step -> seconds, CPU seconds and loss of a training step, gradients -> those of the last step
in FOLDER/gradients.bin, in the order of the parameters, product -> seconds and CPU seconds of a product of
1024x1024 matrices.
"""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F


class Weights:
    """Parameters by name; remembers which were asked for."""

    def __init__(self, tensors):
        self.tensors = tensors
        self.used = set()

    def __call__(self, name, optional=False):
        if optional and name not in self.tensors:
            return None
        self.used.add(name)
        return self.tensors[name]


def linear(w, name, x):
    return F.linear(x, w(f"{name}.weight"), w(f"{name}.bias", optional=True))


def conv(w, name, x, stride=1, padding=None):
    weight = w(f"{name}.weight")
    return F.conv2d(x, weight, w(f"{name}.bias"), stride, weight.shape[-1] // 2 if padding is None else padding)


def group_norm(w, name, x, groups, epsilon):
    return F.group_norm(x, groups, w(f"{name}.weight"), w(f"{name}.bias"), epsilon)


def layer_norm(w, name, x):
    return F.layer_norm(x, x.shape[-1:], w(f"{name}.weight"), w(f"{name}.bias"))


def cut_heads(x, heads):
    n, t, c = x.shape
    return x.view(n, t, heads, c // heads).transpose(1, 2)


def attention(w, name, x, heads, context=None):
    context = x if context is None else context
    q, k, v = (
        cut_heads(linear(w, f"{name}.{part}", given), heads)
        for part, given in (("to_q", x), ("to_k", context), ("to_v", context))
    )
    if hasattr(F, "scaled_dot_product_attention"):
        mixed = F.scaled_dot_product_attention(q, k, v)
    else:
        scores = torch.matmul(q * (1 / math.sqrt(q.shape[-1])), k.transpose(-1, -2))
        mixed = torch.matmul(torch.softmax(scores, -1), v)
    return linear(w, f"{name}.to_out.0", mixed.transpose(1, 2).reshape(x.shape))


def transformer(w, config, x):
    for i in range(config["layers"]):
        block = f"blocks.{i}"
        x = x + attention(w, f"{block}.attn", layer_norm(w, f"{block}.norm1", x), config["heads"])
        hidden = F.gelu(linear(w, f"{block}.ff.net.0.proj", layer_norm(w, f"{block}.norm2", x)))
        x = x + linear(w, f"{block}.ff.net.2", hidden)
    return layer_norm(w, "norm_out", x)


def resnet(w, name, x, groups, epsilon, time=None):
    hidden = conv(w, f"{name}.conv1", F.silu(group_norm(w, f"{name}.norm1", x, groups, epsilon)))
    if time is not None:
        hidden = hidden + linear(w, f"{name}.time_emb_proj", F.silu(time))[:, :, None, None]
    hidden = conv(w, f"{name}.conv2", F.silu(group_norm(w, f"{name}.norm2", hidden, groups, epsilon)))
    shortcut = x if x.shape == hidden.shape else conv(w, f"{name}.conv_shortcut", x)
    return shortcut + hidden


def upsample(w, name, x):
    return conv(w, f"{name}.upsamplers.0.conv", F.interpolate(x, scale_factor=2.0, mode="nearest"))


def spatial_transformer(w, name, x, groups, heads, context):
    n, c, height, width = x.shape
    tokens = group_norm(w, f"{name}.norm", x, groups, 1e-6).flatten(2).transpose(1, 2)
    tokens = linear(w, f"{name}.proj_in", tokens)
    block = f"{name}.transformer_blocks.0"
    tokens = tokens + attention(w, f"{block}.attn1", layer_norm(w, f"{block}.norm1", tokens), heads)
    tokens = tokens + attention(w, f"{block}.attn2", layer_norm(w, f"{block}.norm2", tokens), heads, context)
    value, gate = linear(w, f"{block}.ff.net.0.proj", layer_norm(w, f"{block}.norm3", tokens)).chunk(2, -1)
    tokens = tokens + linear(w, f"{block}.ff.net.2", value * F.gelu(gate))
    return x + linear(w, f"{name}.proj_out", tokens).transpose(1, 2).reshape(n, c, height, width)


def unet(w, config, sample, timestep, context):
    groups, epsilon, heads = config["norm_num_groups"], config["norm_eps"], config["attention_head_dim"]
    width, last = config["block_out_channels"][0], len(config["block_out_channels"]) - 1
    frequencies = torch.exp(torch.arange(width // 2) * (-math.log(10000) / (width // 2)))
    phases = timestep[:, None] * frequencies
    time = torch.cat([phases.cos(), phases.sin()], 1)
    time = linear(w, "time_embedding.linear_2", F.silu(linear(w, "time_embedding.linear_1", time)))

    def layer(block, index, x):
        x = resnet(w, f"{block}.resnets.{index}", x, groups, epsilon, time)
        return spatial_transformer(w, f"{block}.attentions.{index}", x, groups, heads, context)

    x = conv(w, "conv_in", sample)
    skips = [x]
    for i in range(last + 1):
        for index in range(config["layers_per_block"]):
            x = layer(f"down_blocks.{i}", index, x)
            skips.append(x)
        if i < last:
            x = conv(w, f"down_blocks.{i}.downsamplers.0.conv", x, stride=2)
            skips.append(x)
    x = layer("mid_block", 0, x)
    x = resnet(w, "mid_block.resnets.1", x, groups, epsilon, time)
    for i in range(last + 1):
        for index in range(config["layers_per_block"] + 1):
            x = layer(f"up_blocks.{i}", index, torch.cat([x, skips.pop()], 1))
        if skips:
            x = upsample(w, f"up_blocks.{i}", x)
    return conv(w, "conv_out", F.silu(group_norm(w, "conv_norm_out", x, groups, epsilon)))


def vae_head(w, name, x, groups):
    return conv(w, f"{name}.conv_out", F.silu(group_norm(w, f"{name}.conv_norm_out", x, groups, 1e-6)))


def vae_encode(w, config, x):
    groups, last = config["norm_num_groups"], len(config["block_out_channels"]) - 1
    x = conv(w, "encoder.conv_in", x)
    for i in range(last + 1):
        for index in range(config["layers_per_block"]):
            x = resnet(w, f"encoder.down_blocks.{i}.resnets.{index}", x, groups, 1e-6)
        if i < last:
            x = conv(w, f"encoder.down_blocks.{i}.downsamplers.0.conv", F.pad(x, (0, 1, 0, 1)), stride=2, padding=0)
    for index in range(2):
        x = resnet(w, f"encoder.mid_block.resnets.{index}", x, groups, 1e-6)
    return conv(w, "quant_conv", vae_head(w, "encoder", x, groups))


def vae_decode(w, config, z):
    groups, last = config["norm_num_groups"], len(config["block_out_channels"]) - 1
    x = conv(w, "decoder.conv_in", conv(w, "post_quant_conv", z))
    for index in range(2):
        x = resnet(w, f"decoder.mid_block.resnets.{index}", x, groups, 1e-6)
    for i in range(last + 1):
        for index in range(config["layers_per_block"] + 1):
            x = resnet(w, f"decoder.up_blocks.{i}.resnets.{index}", x, groups, 1e-6)
        if i < last:
            x = upsample(w, f"decoder.up_blocks.{i}", x)
    return vae_head(w, "decoder", x, groups)


def transformer_loss(w, config, batch):
    return F.mse_loss(transformer(w, config, batch["x"]), batch["target"])


def unet_loss(w, config, batch):
    latent, noise, signal, sigma = (batch[name] for name in ("latent", "noise", "signal", "sigma"))
    prediction = unet(w, config, signal * latent + sigma * noise, batch["timestep"], batch["embedding"])
    error = (prediction - (signal * noise - sigma * latent)) ** 2
    return (error * batch["weight"]).mean()


def vae_loss(w, config, batch):
    pixels = batch["pixels"]
    mean, log_variance = vae_encode(w, config, pixels).chunk(2, 1)
    log_variance = log_variance.clamp(-30, 20)
    decoded = vae_decode(w, config, mean + torch.exp(0.5 * log_variance) * batch["noise"])
    observed = w("observation.log_variance")
    count, dimensions = len(pixels), pixels[0].numel()
    squares = ((pixels - decoded) ** 2).sum() / count
    reconstruction = 0.5 * (squares / observed.exp() + dimensions * (observed + math.log(2 * math.pi)))
    divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum() / count
    return (reconstruction + divergence).sum() / dimensions


LOSSES = {"transformer": transformer_loss, "unet": unet_loss, "vae": vae_loss}


def read_tensors(path, places):
    with open(path, "rb") as file:
        data = bytearray(file.read())

    def tensor(place):
        shape = place["shape"]
        flat = torch.frombuffer(data, dtype=torch.float32, count=math.prod(shape), offset=place["offset"])
        return flat.reshape(shape).clone()

    return {place["name"]: tensor(place) for place in places}


def answer(**facts):
    print(json.dumps(facts), flush=True)


def clocks():
    return time.perf_counter(), time.process_time()


def since(begin):
    seconds, cpu_seconds = (now - then for now, then in zip(clocks(), begin))
    return {"seconds": seconds, "cpuSeconds": cpu_seconds}


def main(folder):
    commands = (line.strip() for line in sys.stdin)
    next(commands)  # everything is written once the first line comes
    with open(f"{folder}/start.json") as file:
        start = json.load(file)
    if start["threads"] is not None:
        torch.set_num_threads(start["threads"])
    torch.set_flush_denormal(True)
    weights = Weights(read_tensors(f"{folder}/parameters.bin", start["parameters"]))
    batch = read_tensors(f"{folder}/batch.bin", start["batch"])
    for tensor in weights.tensors.values():
        tensor.requires_grad_()
    optimizer = torch.optim.AdamW(weights.tensors.values(), lr=start["rate"], weight_decay=0.01)
    left, right = torch.randn(1024, 1024), torch.randn(1024, 1024)
    with torch.no_grad():
        LOSSES[start["network"]](weights, start["config"], batch)
    unused = set(weights.tensors) - weights.used
    if unused:
        raise ValueError(f"the network does not use {sorted(unused)[0]}")
    answer(torch=torch.__version__)
    for command in commands:
        begin = clocks()
        if command == "step":
            optimizer.zero_grad(set_to_none=True)
            loss = LOSSES[start["network"]](weights, start["config"], batch)
            loss.backward()
            optimizer.step()
            value = loss.item()
            answer(**since(begin), loss=value)
        elif command == "gradients":
            with open(f"{folder}/gradients.bin", "wb") as file:
                for tensor in weights.tensors.values():
                    file.write(tensor.grad.contiguous().numpy().tobytes())
            answer()
        else:
            torch.mm(left, right)  # the first one is not counted
            begin = clocks()
            torch.mm(left, right)
            answer(**since(begin))


main(sys.argv[1])
