import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatedSet } from '@lascaux/data';
import { onnxEngine } from '@lascaux/nn/onnx';
import { checkpointWeights, readMetrics } from '@lascaux/training';
import { loadVaeDecoder, loadVaeEncoder } from '@lascaux/vae';
import { autoencoder, autoencoderConfig, exportVae, trainVae } from '@lascaux/vae/train';
import { expect, it } from 'vitest';

const network = {
  _class_name: 'AutoencoderDC',
  latent_channels: 4,
  encoder_block_out_channels: [8, 8, 16],
  encoder_layers_per_block: [0, 1, 1],
  decoder_block_out_channels: [8, 8, 16],
  decoder_layers_per_block: [0, 1, 1],
  has_log_variance: true,
};
const SIDE = 16;

/** Endless images of two halves in colours that depend on the index. */
const generated = generatedSet({
  fileName: (i) => `image ${i}`,
  pixels: (i, size) =>
    Promise.resolve(
      Uint8Array.from({ length: size * size * 3 }, (_, k) =>
        Math.floor(k / 3) % size < size / 2 ? i * 40 : 255 - i * 40,
      ),
    ),
});

it('trains an AutoencoderDC with log variances on generated images and writes it as a model folder', async () => {
  const out = await mkdtemp(join(tmpdir(), 'lascaux-dc-'));
  const config = autoencoderConfig(network);
  const engine = onnxEngine({ threads: 1 });
  const run = { engine, data: generated, out, config, size: SIDE, batchSize: 4, limit: 1, seed: 1 };
  const { checkpoint } = await trainVae({ ...run, images: 400 });
  const rows = await readMetrics(join(out, 'metrics.jsonl'));
  expect(rows.at(-1)!.loss).toBeLessThan(1);
  const directory = join(out, 'model');
  const weights = await checkpointWeights(checkpoint);
  await exportVae({ weights, directory, config, scaling: { set: generated, size: SIDE, measured: 8 } });
  expect(JSON.parse(await readFile(join(directory, 'vae_decoder', 'config.json'), 'utf8'))).toMatchObject({
    _class_name: 'AutoencoderDC',
    has_log_variance: true,
  });
  const [encoder, decoder] = await Promise.all([
    loadVaeEncoder(join(directory, 'vae_encoder')),
    loadVaeDecoder(join(directory, 'vae_decoder')),
  ]);
  const size = { height: SIDE, width: SIDE };
  const { mean, logVariance } = await encoder.posterior(new Float32Array(3 * SIDE * SIDE), size);
  expect([mean.length, logVariance.length]).toEqual([64, 64]);
  expect(decoder.config.spatialFactor).toBe(4);
  expect(await decoder.decode(mean, size)).toHaveLength(3 * SIDE * SIDE);
  await Promise.all([encoder.dispose(), decoder.dispose()]);
});

it('refuses an AutoencoderDC without log variances, which has no posterior', () => {
  expect(() => autoencoder(autoencoderConfig({ ...network, has_log_variance: false }))).toThrow(
    /has_log_variance must be true/,
  );
});
