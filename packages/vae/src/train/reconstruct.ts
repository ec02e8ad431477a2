import { fromPixels, toPixels } from '@lascaux/data';
import type { DeviceTensor, DeviceTensors, Engine } from '@lascaux/nn';
import { trace } from '@lascaux/nn';
import type { AutoencoderConfig } from './autoencoder.js';
import { autoencoder } from './autoencoder.js';
import { posteriorValues } from './elbo.js';

/** Encodes pictures to the posterior mean and decodes them again with the weights of a running training. RGB bytes [size, size, 3] in and out. */
export async function reconstruct(
  { engine, weights }: { engine: Engine; weights: DeviceTensors },
  { config, size, originals }: { config: AutoencoderConfig; size: number; originals: readonly Uint8Array[] },
): Promise<readonly Uint8Array[]> {
  const shape = [originals.length, 3, size, size];
  const length = 3 * size * size;
  const { encode, decode } = autoencoder(config);
  const program = trace({ pixels: { shape } }, (scope, { pixels }) => ({
    decoded: decode(scope, posteriorValues(encode(scope, pixels)).mean),
  }));
  const executable = await engine.compile(program);
  const batch = new Float32Array(originals.length * length);
  originals.forEach((bytes, i) =>
    toPixels(bytes, { height: size, width: size }, batch.subarray(i * length, (i + 1) * length)),
  );
  const pixels = engine.upload(batch, shape);
  const { decoded } = await executable.run({ ...weights, pixels });
  const values = (await (decoded as DeviceTensor).read()) as Float32Array;
  const images = originals.map((_, i) =>
    fromPixels(values.subarray(i * length, (i + 1) * length), { height: size, width: size }),
  );
  pixels.dispose();
  decoded?.dispose();
  await executable.dispose();
  return images;
}
