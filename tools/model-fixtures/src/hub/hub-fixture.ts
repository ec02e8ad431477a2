import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { afterEach } from 'vitest';
import { startHub, type HubServer, type ServedFile } from './hub-server.js';

/** A large file of repeatable bytes. */
export function largeFile(name: string, size: number): ServedFile {
  const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, index) =>
    createHash('sha256').update(`${name} ${index}`).digest(),
  );
  return { content: Buffer.concat(blocks).subarray(0, size), large: true };
}

/** A field of bytes in protobuf's encoding, for numbers below 16. */
function field(number: number, bytes: Buffer): Buffer {
  const length: number[] = [];
  for (let rest = bytes.length; ; rest >>= 7) {
    length.push(rest > 127 ? (rest % 128) + 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), bytes]);
}

/** An ONNX graph of about this size with one initializer in each of the files; fields as in onnx.proto. */
export function graphFile(name: string, size: number, locations: readonly string[] = []): ServedFile {
  const initializers = locations.map((location) => {
    const entry = Buffer.concat([field(1, Buffer.from('location')), field(2, Buffer.from(location))]);
    return field(5, field(13, entry));
  });
  const documentation = field(6, largeFile(name, size).content);
  return { content: Buffer.concat([documentation, field(7, Buffer.concat(initializers))]), large: true };
}

const small = (text: string): ServedFile => ({ content: Buffer.from(text), large: false });

/** What every model has. */
const COMMON: Record<string, ServedFile> = {
  '.gitattributes': small('*.onnx filter=lfs'),
  'README.md': small('# A model'),
  'model_index.json': small(
    '{"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}',
  ),
  'scheduler/scheduler_config.json': small('{"_class_name": "DDIMScheduler"}'),
  'tokenizer/vocab.json': small('{"a": 0}'),
  'tokenizer/merges.txt': small('#version: 0.2'),
  'tokenizer/tokenizer_config.json': small('{}'),
  'text_encoder/config.json': small('{"hidden_size": 8}'),
  'unet/config.json': small('{"in_channels": 4}'),
  'text_encoder/pytorch_model.bin': largeFile('bin', 4096),
  'text_encoder/flax_model.msgpack': largeFile('flax', 4096),
  'text_encoder/tf_model.h5': largeFile('tf', 4096),
  'unet/openvino_model.xml': small('<xml/>'),
  'unet/openvino_model.bin': largeFile('openvino', 4096),
  'safety_checker/model.onnx': graphFile('safety', 4096),
  'feature_extractor/preprocessor_config.json': small('{}'),
};

/** An ONNX model with external data, in a safetensors file too, a second precision and the files of other frameworks. */
export const ONNX_MODEL: Record<string, ServedFile> = {
  ...COMMON,
  'text_encoder/model.onnx': graphFile('text', 3000, ['model.safetensors']),
  'text_encoder/model.safetensors': largeFile('text weights', 3000),
  'unet/model.onnx': graphFile('unet', 5000, ['model.onnx_data', 'weights.pb']),
  'unet/model.onnx_data': largeFile('unet data', 300_000),
  'unet/weights.pb': largeFile('unet weights', 2000),
  'unet/diffusion_pytorch_model.safetensors': largeFile('unet safetensors', 2000),
  'unet/model_fp16.onnx': graphFile('unet fp16', 5000, ['model_fp16.onnx_data']),
  'unet/model_fp16.onnx_data': largeFile('unet fp16 data', 2000),
  'vae_decoder/model.onnx': graphFile('decoder', 4000),
  'vae_decoder/config.json': small('{"latent_channels": 4}'),
  'vae_encoder/model.onnx': graphFile('encoder', 4000),
  'vae_encoder/config.json': small('{"latent_channels": 4}'),
};

/** The paths of {@link ONNX_MODEL} that are needed. */
export const ONNX_NEEDED = [
  'model_index.json',
  'scheduler/scheduler_config.json',
  'text_encoder/config.json',
  'text_encoder/model.onnx',
  'text_encoder/model.safetensors',
  'tokenizer/merges.txt',
  'tokenizer/tokenizer_config.json',
  'tokenizer/vocab.json',
  'unet/config.json',
  'unet/model.onnx',
  'unet/model.onnx_data',
  'unet/weights.pb',
  'vae_decoder/config.json',
  'vae_decoder/model.onnx',
  'vae_encoder/config.json',
  'vae_encoder/model.onnx',
];

/** A model with weights only, whole and in shards, each also as fp16. */
export const WEIGHTS_MODEL: Record<string, ServedFile> = {
  ...COMMON,
  'text_encoder/model.safetensors': largeFile('text', 3000),
  'text_encoder/model.fp16.safetensors': largeFile('text fp16', 1500),
  'unet/diffusion_pytorch_model.safetensors.index.json': small('{"weight_map": {}}'),
  'unet/diffusion_pytorch_model-00001-of-00002.safetensors': largeFile('unet 1', 3000),
  'unet/diffusion_pytorch_model-00002-of-00002.safetensors': largeFile('unet 2', 3000),
  'unet/diffusion_pytorch_model.fp16.safetensors': largeFile('unet fp16', 3000),
  'unet/diffusion_pytorch_model.non_ema.safetensors': largeFile('unet non-ema', 3000),
  'vae/config.json': small('{"latent_channels": 4}'),
  'vae/diffusion_pytorch_model.safetensors': largeFile('vae', 2000),
  'vae/diffusion_pytorch_model.bin': largeFile('vae bin', 2000),
};

const running: HubServer[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((hub) => hub.close()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** An empty folder that is gone after the test. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lascaux-hub-'));
  folders.push(folder);
  return folder;
}

/** A hub and an empty cache; the hub stops after the test. */
export async function hubAndCache(files = ONNX_MODEL) {
  const hub = await startHub(files);
  running.push(hub);
  const cacheFolder = await emptyFolder();
  const retry = { firstDelay: 5, longestDelay: 20, longestWait: 1_500, silence: 1_000 };
  const options = { endpoint: hub.endpoint, cacheFolder, retry, token: undefined, offline: false };
  return { hub, options, cacheFolder, repository: join(cacheFolder, 'models--owner--name') };
}

/** All files below a folder, with forward slashes, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => relative(folder, path).split(sep).join('/')).sort();
}

/** A file's length, 0 where there is none. */
export const lengthOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;
