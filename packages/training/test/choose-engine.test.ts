import type { Engine } from '@lascaux/nn';
import { chooseEngine } from '@lascaux/training';
import type { EngineSource } from '@lascaux/training';
import { describe, expect, it } from 'vitest';

const GIGA = 1e9;

const fake = (name: 'onnx' | 'tfjs', device: string, usesGpu = false): Engine & { usesGpu: boolean } => ({
  name,
  device,
  usesGpu,
  upload: () => {
    throw new Error('not used');
  },
  compile: () => Promise.reject(new Error('not used')),
  dispose: () => Promise.resolve(),
});

/** A machine where all is listed, and only `there` starts. */
function machine({ there, speeds = {}, gpus = ['cuda', 'webgpu'] }: Machine): EngineSource {
  const open = (name: 'onnx' | 'tfjs', device: string): Promise<Engine & { usesGpu: boolean }> =>
    there.includes(`${name} ${device}`)
      ? Promise.resolve(fake(name, device, device === 'tensorflow'))
      : Promise.reject(new Error(`no ${device} here`));
  return {
    devices: () => Promise.resolve({ onnx: ['cpu', 'webgpu', 'cuda'], tfjs: ['tensorflow', 'webgpu', 'wasm', 'cpu'] }),
    mayHaveGpu: (kind) => gpus.includes(kind),
    hasTfjsGpu: () => Promise.resolve(there.includes('tfjs tensorflow')),
    onnx: (device) => open('onnx', device),
    tfjs: (backend = 'wasm') => open('tfjs', backend),
    speed: ({ device }) => Promise.resolve((speeds[device] ?? 1) * GIGA),
  };
}

interface Machine {
  readonly there: readonly string[];
  readonly speeds?: Readonly<Record<string, number>>;
  readonly gpus?: readonly string[];
}

describe('by default the fastest that is there is chosen', () => {
  it.each([
    ['CUDA in ONNX Runtime', { there: ['onnx cpu', 'onnx cuda', 'tfjs tensorflow'] }, 'onnx', 'cuda'],
    ['CUDA in tfjs', { there: ['onnx cpu', 'tfjs tensorflow'] }, 'tfjs', 'tensorflow'],
    ['a real WebGPU', { there: ['onnx cpu', 'onnx webgpu'], speeds: { webgpu: 900, cpu: 100 } }, 'onnx', 'webgpu'],
    ['a WebGPU in software', { there: ['onnx cpu', 'onnx webgpu'], speeds: { webgpu: 2, cpu: 100 } }, 'onnx', 'cpu'],
    ['no GPU', { there: ['onnx cpu'] }, 'onnx', 'cpu'],
    ['no sign of a GPU', { there: ['onnx cpu', 'onnx cuda', 'onnx webgpu'], gpus: [] }, 'onnx', 'cpu'],
  ])('%s', async (_, given, name, device) => {
    const { engine, reason } = await chooseEngine({ source: machine(given) });
    expect([engine.name, engine.device]).toEqual([name, device]);
    expect(reason).toContain(`${name} on ${device}: `);
  });

  it('says what the others answered', async () => {
    const { reason } = await chooseEngine({ source: machine({ there: ['onnx cpu'] }) });
    expect(reason).toBe('onnx on cpu: no GPU (cuda: no cuda here; webgpu: no webgpu here)');
  });

  it('keeps to a named engine', async () => {
    const source = machine({ there: ['onnx cpu', 'tfjs tensorflow', 'tfjs wasm'] });
    expect((await chooseEngine({ engine: 'onnx', source })).engine.name).toBe('onnx');
    expect((await chooseEngine({ engine: 'tfjs', source })).engine.device).toBe('wasm');
  });
});

describe('a named device', () => {
  const source = machine({ there: ['onnx cpu', 'tfjs cpu', 'tfjs wasm'] });

  it.each([
    [{ device: 'cpu' }, 'onnx'],
    [{ device: 'wasm' }, 'tfjs'],
    [{ device: 'cpu', engine: 'tfjs' }, 'tfjs'],
  ])('%o is run by %s', async (options, name) => {
    expect((await chooseEngine({ ...options, source })).engine.name).toBe(name);
  });

  it.each([
    [{ engine: 'torch' }, 'engine: no such engine, got "torch" (accepted: onnx, tfjs)'],
    [{ device: 'tpu' }, 'device: no such device, got "tpu" (accepted: cpu, webgpu, cuda, tensorflow, wasm)'],
    [
      { engine: 'onnx', device: 'wasm' },
      'device: engine onnx has no such device, got "wasm" (accepted: cpu, webgpu, cuda)',
    ],
    [{ device: 'cuda' }, 'device: cuda does not start with engine onnx: no cuda here'],
  ])('%o is refused in one line', async (options, line) => {
    await expect(chooseEngine({ ...options, source })).rejects.toThrow(line);
    await expect(chooseEngine({ ...options, source })).rejects.toMatchObject({ kind: 'usage' });
  });
});

describe('the engines installed here', () => {
  it('run what they are asked to', async () => {
    const { engine, reason } = await chooseEngine({ device: 'cpu' });
    expect([engine.name, engine.device, reason]).toEqual(['onnx', 'cpu', 'onnx on cpu: as asked']);
  });
});
