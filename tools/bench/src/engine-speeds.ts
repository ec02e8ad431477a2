import type { Engine } from '@lascaux/nn';
import { chooseEngine } from '@lascaux/training';
import { batchArrays, parameterArrays } from './arrays.js';
import type { BenchNetwork } from './networks.js';
import { median } from './statistics.js';
import { engineTrainer } from './trainer.js';

/** One engine on the small run: its speed, or why it is not there. */
export type EngineSpeed = { readonly engine: string; readonly device: string } & (
  { readonly imagesPerSecond: number; readonly losses: readonly number[] } | { readonly refused: string }
);

/** Every engine and device that may be there. */
const CANDIDATES = [
  ['onnx', 'cpu'],
  ['onnx', 'webgpu'],
  ['onnx', 'cuda'],
  ['tfjs', 'tensorflow'],
  ['tfjs', 'webgpu'],
  ['tfjs', 'wasm'],
  ['tfjs', 'cpu'],
] as const;

/** A few steps on one engine; the first one warms up. */
async function speedOf(engine: Engine, network: BenchNetwork, steps: number) {
  const start = { parameters: parameterArrays(network), batch: batchArrays(network) };
  const trainer = await engineTrainer(engine, network, start);
  const done = [];
  for (let i = 0; i <= steps; i++) done.push(await trainer.step());
  await trainer.dispose();
  const seconds = median(done.slice(1).map((step) => step.seconds));
  return { imagesPerSecond: network.batchSize / seconds, losses: done.map(({ loss }) => loss) };
}

/** The same small run on every engine that starts here, one after another; each is given as soon as it is done. */
export async function* engineSpeeds(network: BenchNetwork, steps: number): AsyncGenerator<EngineSpeed> {
  for (const [name, device] of CANDIDATES) {
    try {
      const { engine } = await chooseEngine({ engine: name, device });
      yield { engine: name, device, ...(await speedOf(engine, network, steps)) };
      await engine.dispose();
    } catch (error) {
      yield { engine: name, device, refused: error instanceof Error ? error.message : String(error) };
    }
  }
}
