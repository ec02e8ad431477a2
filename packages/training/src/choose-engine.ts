import { LascauxError, check } from '@lascaux/nn';
import type { Engine } from '@lascaux/nn';
import type { EngineSource } from './engine-source.js';
import { installedEngines } from './engine-source.js';

/** Which engine, on which device; both may be left out. */
export interface ChooseEngineOptions {
  /** `onnx` or `tfjs`. */
  readonly engine?: string;
  /** An execution provider of ONNX Runtime, or a backend of tfjs. */
  readonly device?: string;
  /** Where engines come from; default: what is installed here. */
  readonly source?: EngineSource;
}

/** An engine, and one line that says why it is this one, to be shown to the user. */
export interface EngineChoice {
  readonly engine: Engine;
  readonly reason: string;
}

const engineNames = ['onnx', 'tfjs'] as const;

/** A software renderer also calls itself a WebGPU adapter: a real one is faster than the CPU by more than this. */
const WORTHWHILE = 1.5;

/**
 * Chooses where programs run: the named engine and device, or else the fastest that is there: CUDA (ONNX Runtime's provider, else
 * tfjs-node-gpu) or another native GPU provider, WebGPU where it beats the CPU, else ONNX Runtime on the CPU.
 * Why: docs/decisions/0049.
 * @throws {LascauxError} when a name is unknown (with the list of good ones) or the named device does not start
 */
export async function chooseEngine({
  engine,
  device,
  source = installedEngines,
}: ChooseEngineOptions = {}): Promise<EngineChoice> {
  check(engine === undefined || engineNames.some((name) => name === engine), {
    option: 'engine',
    rule: 'no such engine',
    value: engine,
    accepted: engineNames,
    kind: 'usage',
  });
  if (device !== undefined) return named({ engine, device, source });
  if (engine === 'tfjs') {
    const chosen = await source.tfjs();
    return { engine: chosen, reason: `tfjs on ${chosen.device}: the fastest of its backends that is installed` };
  }
  return fastest(source, engine === undefined);
}

interface NamedDevice {
  readonly engine: string | undefined;
  readonly device: string;
  readonly source: EngineSource;
}

/** The device the user named; without an engine's name it is ONNX Runtime's where both have it. */
async function named({ engine, device, source }: NamedDevice): Promise<EngineChoice> {
  const { onnx, tfjs } = await source.devices();
  const known = engine === 'onnx' ? onnx : engine === 'tfjs' ? tfjs : [...new Set([...onnx, ...tfjs])];
  check(known.includes(device), {
    option: 'device',
    rule: engine === undefined ? 'no such device' : `engine ${engine} has no such device`,
    value: device,
    accepted: known,
    kind: 'usage',
  });
  const name = engine ?? (onnx.includes(device) ? 'onnx' : 'tfjs');
  try {
    const chosen = await (name === 'onnx' ? source.onnx(device) : source.tfjs(device));
    return { engine: chosen, reason: `${name} on ${device}: as asked` };
  } catch (cause) {
    const rule = `${device} does not start with engine ${name}: ${text(cause)}`;
    throw new LascauxError({ option: 'device', rule, kind: 'usage', cause });
  }
}

/** Tries the GPUs one after another; what each said is kept for the reason. */
async function fastest(source: EngineSource, mayUseTfjs: boolean): Promise<EngineChoice> {
  const { onnx } = await source.devices();
  const refusals: string[] = [];
  async function attempt<Found>(name: string, open: () => Promise<Found>): Promise<Found | undefined> {
    try {
      return await open();
    } catch (cause) {
      refusals.push(`${name}: ${text(cause)}`);
      return undefined;
    }
  }
  if (source.mayHaveGpu('cuda')) {
    const engine = onnx.includes('cuda') ? await attempt('cuda', () => source.onnx('cuda')) : undefined;
    if (engine !== undefined) return { engine, reason: 'onnx on cuda: the CUDA provider of ONNX Runtime starts' };
    const isInstalled = mayUseTfjs && (await source.hasTfjsGpu());
    const tfjs = isInstalled ? await attempt('tfjs-node-gpu', () => source.tfjs('tensorflow')) : undefined;
    if (tfjs?.usesGpu === true) return { engine: tfjs, reason: 'tfjs on tensorflow: tfjs-node-gpu finds a GPU' };
  }
  const cpu = await source.onnx('cpu');
  if (onnx.includes('webgpu') && source.mayHaveGpu('webgpu')) {
    const choice = await attempt('webgpu', async () => fasterOf(source, await source.onnx('webgpu'), cpu));
    if (choice !== undefined) return choice;
  }
  return {
    engine: cpu,
    reason: `onnx on cpu: no GPU ${refusals.length > 0 ? `(${refusals.join('; ')})` : 'was found'}`,
  };
}

/** WebGPU or the CPU, whichever multiplies matrices faster. */
async function fasterOf(source: EngineSource, webgpu: Engine, cpu: Engine): Promise<EngineChoice> {
  const [onGpu, onCpu] = [await source.speed(webgpu), await source.speed(cpu)];
  const figures = `${(onGpu / 1e9).toFixed(1)} GFLOP/s in matrix products, cpu ${(onCpu / 1e9).toFixed(1)}`;
  if (onGpu > WORTHWHILE * onCpu) return { engine: webgpu, reason: `onnx on webgpu: ${figures}` };
  await webgpu.dispose();
  return { engine: cpu, reason: `onnx on cpu: webgpu is there but no faster (${figures})` };
}

/** The gist of an error, for one line. */
function text(cause: unknown): string {
  const message = cause instanceof LascauxError ? cause.rule : cause instanceof Error ? cause.message : String(cause);
  const line = message.replace(/\s+/g, ' ');
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}
