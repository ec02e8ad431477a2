import { findModel } from '@lascaux/models';
import { LascauxError, check } from '@lascaux/nn';
import { randomModel } from './random-model.js';
import { compareSteps, type StepComparison, type StepTime } from './unet-step.js';
import { wholeCalls, type WholeCall } from './whole-call.js';
import { parsedOptions } from '../parsed-options.js';

const HELP = `npm run bench -- generate [options]

What a call of generate costs around ONNX Runtime, its peak memory beside the files, and one UNet call beside eager PyTorch

--size NAME      mini: the bundled model; sd15: Stable Diffusion 1.5's size, random weights    (mini)
--folder DIR     where the random model is made, 4 GB in fp32                                  (runs/bench-sd15)
--dtype NAME     of its weights on disk, F32 or F16                                            (F32)
--only NAME      call or step                                                                  (both)
--side N         of the whole call's picture in pixels                                         (512; mini: 64)
--steps N        of the whole call                                                             (20; sd15: 2)
--rounds N       calls and UNet calls that count                                               (3; mini: 20)
--threads N      of the UNet call, in ONNX Runtime and in PyTorch                              (1)
--peer PYTHON    a Python with torch and diffusers; none: alone                                (python3)
--json           one JSON object`;

const OPTIONS = {
  size: { type: 'string', default: 'mini' },
  folder: { type: 'string', default: 'runs/bench-sd15' },
  dtype: { type: 'string', default: 'F32' },
  only: { type: 'string' },
  side: { type: 'string' },
  steps: { type: 'string' },
  rounds: { type: 'string' },
  threads: { type: 'string', default: '1' },
  peer: { type: 'string', default: 'python3' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function oneOf<Name extends string>(flag: string, value: string, accepted: readonly Name[]): Name {
  const found = accepted.find((name) => name === value);
  if (found !== undefined) return found;
  throw new LascauxError({ operation: flag, rule: 'must be one of those known', value, accepted, kind: 'usage' });
}

function whole(flag: string, text: string): number {
  const value = Number(text);
  check(Number.isSafeInteger(value) && value >= 1, {
    operation: flag,
    rule: 'must be a whole number from 1',
    value: text,
    kind: 'usage',
  });
  return value;
}

/** Measures and prints. @throws LascauxError (usage) naming the flag, the value and what is accepted */
export async function generateBench(args: readonly string[]): Promise<void> {
  const given = parsedOptions('bench generate', args, OPTIONS);
  if (given.help) return console.log(HELP);
  const size = oneOf('--size', given.size, ['mini', 'sd15']);
  const dtype = oneOf('--dtype', given.dtype, ['F32', 'F16']);
  const only = given.only === undefined ? undefined : oneOf('--only', given.only, ['call', 'step']);
  const side = whole('--side', given.side ?? (size === 'mini' ? '64' : '512'));
  const steps = whole('--steps', given.steps ?? (size === 'mini' ? '20' : '2'));
  const [rounds, threads] = [
    whole('--rounds', given.rounds ?? (size === 'mini' ? '20' : '3')),
    whole('--threads', given.threads),
  ];
  const model = size === 'mini' ? findModel() : given.folder;
  if (size === 'sd15') await randomModel(model, dtype);
  const warmUp = size === 'mini' ? { calls: 5, steps } : { calls: 1, steps: 1 };
  const call =
    only === 'step' ? undefined : await wholeCalls(model, { steps, width: side, height: side, rounds, warmUp });
  if (call && !given.json) console.log(callText(call, { size, side, steps }));
  const python = given.peer === 'none' ? undefined : given.peer;
  const latent = side / 8;
  const step = only === 'call' ? undefined : await compareSteps(model, { latent, threads, rounds, python });
  if (step && !given.json) console.log(stepText(step, latent));
  if (given.json) console.log(JSON.stringify({ size, dtype, side, steps, threads, rounds, call, step }));
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

function callText(
  { total, inside, runs, peakBytes, fileBytes }: WholeCall,
  { size, side, steps }: { size: string; side: number; steps: number },
): string {
  const share = (100 * (1 - inside / total)).toFixed(2);
  return [
    `${size}, ${side}x${side}, ${steps} steps: ${total.toFixed(0)} ms a call, ${runs} runs of a session`,
    `outside ONNX Runtime ${share} % (${((total - inside) / runs).toFixed(2)} ms a run)`,
    `peak memory ${peakBytes === undefined ? 'not told' : gigabytes(peakBytes)}, files ${gigabytes(fileBytes)}`,
  ].join('\n');
}

const timeText = ({ seconds, cpuSeconds }: StepTime): string =>
  `${(1e3 * seconds).toFixed(0)} ms, CPU time ${(1e3 * cpuSeconds).toFixed(0)} ms`;

function stepText({ ours, peer }: StepComparison, latent: number): string {
  const own = `UNet call, latent ${latent}x${latent}: ${timeText(ours)}`;
  if (peer === undefined) return own;
  const ratio = (peer.cpuSeconds / ours.cpuSeconds).toFixed(2);
  const theirs = `PyTorch ${peer.torch}: ${timeText(peer)}`;
  return `${own}\n${theirs}; ${ratio} times ours in CPU time; outputs differ by ${peer.largestDifference.toExponential(1)}`;
}
