import { availableParallelism, cpus } from 'node:os';
import { LascauxError } from '@lascaux/nn';
import type { Engine } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { chooseEngine } from '@lascaux/training';
import type { BenchArguments } from './arguments.js';
import { readArguments } from './arguments.js';
import { batchArrays, parameterArrays } from './arrays.js';
import { comparisonText, roundText, speedText } from './bench-text.js';
import { compare } from './compare.js';
import { engineSpeeds } from './engine-speeds.js';
import { generateBench } from './generate/generate-bench.js';
import { fidBench } from './fid/fid-bench.js';
import { memoryBench } from './fid/memory-bench.js';
import type { BenchNetwork, NetworkName } from './networks.js';
import { fullNetworks, smallNetworks } from './networks.js';
import type { Peer, PeerOptions } from './peer.js';
import { openPeer } from './peer.js';
import { serveBench } from './serve/serve-bench.js';
import { profileStep, profileText } from './profile.js';
import { engineTrainer } from './trainer.js';

const HELP = `npm run bench -- training|profile|engines|generate|fid|fid-memory|serve [options]

training   a whole training step (forward, backward, AdamW) beside eager PyTorch on the same weights and batch
profile    where the time of a training step goes, by kind of node: ONNX Runtime on the CPU, one thread unless --threads says more
engines    images/s of every engine that starts here, on the same small run
generate   a call of generate around ONNX Runtime, a UNet call beside PyTorch; see npm run bench -- generate --help
fid        2048 features and the Fréchet solve beside pytorch-fid: --peer PYTHON --threads N --images N --size N --batch N --rounds N
fid-memory peak memory of evaluate fid against the number of pictures: --counts 500,5000 --threads 1
serve      what HTTP adds to a call, and 1,000 requests at once: --requests 1000 --rounds 15 --steps 20

--network NAME   transformer, unet or vae               (all three)
--engine NAME --device NAME   as for lascaux train      (training only; the fastest)
--peer PYTHON    a Python with torch; none: alone       (python3)
--threads N      of ONNX Runtime on the CPU and of the peer
--size SIZE      full (the bundled model's sizes) or small: equality in seconds (training, profile; full)
--replicas N     threads that share a batch, of ours    (training only; 1)
--batch-size N   images a step                          (training, profile; 16, small 4)
--rounds N       steps that count, alternating          (7)
--json           one JSON object a line`;

/** What the figures hold for. */
const processorName = (): string =>
  `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores`;

/** The engine asked for; threads can be set for ONNX Runtime only. */
async function engineFor({ engine, device, threads }: BenchArguments): Promise<{ engine: Engine; reason: string }> {
  if (threads === undefined) return chooseEngine({ engine, device });
  if (engine === 'tfjs')
    throw new LascauxError({ operation: '--threads', rule: 'tfjs has no such setting', value: threads, kind: 'usage' });
  const on = device ?? 'cpu';
  return { engine: onnxEngine({ device: on, threads }), reason: `onnx on ${on}: ${threads} threads as asked` };
}

/** PyTorch where it is; otherwise a line says why not. */
async function peerFor(
  options: Omit<PeerOptions, 'python'> & { python: string | undefined },
): Promise<Peer | undefined> {
  const { python } = options;
  if (python === undefined) return undefined;
  try {
    return await openPeer({ ...options, python });
  } catch (error) {
    console.error(`without a peer: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

const networkOf = ({ size, batchSize }: BenchArguments, name: NetworkName): BenchNetwork =>
  ({ full: fullNetworks, small: smallNetworks })[size][name](batchSize);

async function training(given: BenchArguments, name: NetworkName): Promise<void> {
  const network = networkOf(given, name);
  const { engine, reason } = await engineFor(given);
  console.error(`${processorName()}; ${reason}`);
  const { replicas } = given;
  const start = { parameters: parameterArrays(network), batch: batchArrays(network), replicas };
  const ours = await engineTrainer(engine, network, start);
  const peer = await peerFor({ python: given.peer, network, threads: given.threads, ...start });
  const comparison = await compare(network, {
    ours,
    peer,
    rounds: given.rounds,
    onRound: (round, steps) => console.error(roundText(round, steps)),
  });
  await Promise.all([ours.dispose(), peer?.dispose()]);
  const shared = replicas > 1 ? `, ${replicas} replicas` : '';
  const names = { ours: `${engine.name} on ${engine.device}${shared}`, peer: `PyTorch ${peer?.version ?? ''}` };
  console.log(
    given.json
      ? JSON.stringify({ ...names, processor: processorName(), threads: given.threads, replicas, ...comparison })
      : comparisonText(comparison, names),
  );
}

async function engines({ rounds, json }: BenchArguments, name: NetworkName): Promise<void> {
  if (!json) console.log(`${name}, small:`);
  for await (const speed of engineSpeeds(smallNetworks[name](), rounds))
    console.log(json ? JSON.stringify({ network: name, ...speed }) : speedText(speed));
}

async function profile(given: BenchArguments, name: NetworkName): Promise<void> {
  const found = await profileStep(networkOf(given, name), given);
  console.log(given.json ? JSON.stringify({ processor: processorName(), ...found }) : profileText(found));
}

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === '--help' || args[0] === '-h') return console.log(HELP);
  if (args[0] === 'generate') return generateBench(args.slice(1));
  if (args[0] === 'fid') return fidBench(args.slice(1));
  if (args[0] === 'fid-memory') return memoryBench(args.slice(1));
  if (args[0] === 'serve') return serveBench(args.slice(1));
  const given = readArguments(args);
  const run = { training, profile, engines }[given.bench];
  for (const name of given.networks) await run(given, name);
}

function failed(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof LascauxError && error.kind === 'usage' ? 2 : 1;
}

// A process that has opened WebGPU does not end by itself.
void main(process.argv.slice(2))
  .catch(failed)
  .finally(() => process.exit());
