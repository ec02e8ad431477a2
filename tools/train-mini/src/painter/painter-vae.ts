import { join } from 'node:path';
import { checkpointWeights } from '@lascaux/training';
import { finishedVae, type FinishedVae } from './finished-vae.js';
import { isDecoderParameter } from './polish-network.js';
import { newestCheckpoint } from './stage-weights.js';

/** The finished VAE, with the polished decoder in place of its own where that stage has run. */
export async function painterVae(runs: string): Promise<FinishedVae> {
  const { weights, scaling } = await finishedVae(runs);
  const checkpoint = await newestCheckpoint(join(runs, 'decoder'));
  if (checkpoint === undefined) return { weights, scaling };
  const polished = [...(await checkpointWeights(checkpoint))].filter(([name]) => isDecoderParameter(name));
  return { weights: new Map([...weights, ...polished]), scaling };
}
