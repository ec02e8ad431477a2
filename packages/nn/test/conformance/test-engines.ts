import type { Engine } from '@lascaux/nn';
import { onnxEngine } from '@lascaux/nn/onnx';
import { tfjsEngine } from '@lascaux/nn/tfjs';
import { createRequire } from 'node:module';

/** An engine that must agree with ONNX Runtime on the CPU. */
export interface TestEngine {
  readonly name: string;
  readonly open: () => Promise<Engine>;
  /** Why it is left out on this machine. */
  readonly skip?: string;
  /** Cases that are left out, with the reason. */
  readonly without?: Readonly<Record<string, string>>;
  /** Cases that need more than 1e-4, by name. */
  readonly tolerances?: Readonly<Record<string, number>>;
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

const hasTensorflow = isInstalled('@tensorflow/tfjs-node') || isInstalled('@tensorflow/tfjs-node-gpu');
const noTensorflow = '@tensorflow/tfjs-node is not installed';
/** Asked for by hand: even trying to open an adapter may take a minute or end the process where there is none. */
const wantsWebgpu = process.env.LASCAUX_TEST_WEBGPU === '1';
const noWebgpu = 'needs a WebGPU adapter: set LASCAUX_TEST_WEBGPU=1 where there is one';

export const testEngines: readonly TestEngine[] = [
  { name: 'tfjs on cpu', open: () => tfjsEngine({ backend: 'cpu' }) },
  { name: 'tfjs on wasm', open: () => tfjsEngine({ backend: 'wasm' }) },
  {
    name: 'tfjs on tensorflow',
    open: () => tfjsEngine({ backend: 'tensorflow' }),
    ...(hasTensorflow ? {} : { skip: noTensorflow }),
  },
  {
    name: 'onnx on webgpu',
    open: () => Promise.resolve(onnxEngine({ device: 'webgpu' })),
    // WGSL promises sin and cos to 2⁻¹¹ only.
    tolerances: { 'sin: plain': 5e-4, 'cos: plain': 5e-4 },
    without: { 'rounded to half precision': 'not every adapter has shader-f16' },
    ...(wantsWebgpu ? {} : { skip: noWebgpu }),
  },
];

/** The reason why an engine leaves a case out. */
export const reasonAgainst = ({ without }: TestEngine, name: string): string | undefined => without?.[name];

/** The name of a group of tests, with the reason where they are skipped. */
export const titleOf = ({ name, skip }: TestEngine): string =>
  skip === undefined ? name : `${name} (skipped: ${skip})`;
