import { LascauxError } from '@lascaux/nn';
import type { RepositoryFile } from './listing.js';

/** Which of a repository's files are wanted. */
export interface FileChoice {
  /** Weights of this variant, such as `fp16`, where a part has them; else, and without it, the plain ones. */
  readonly variant?: string;
}

/** The files that our loader (onnx) or `lascaux convert` (safetensors) reads. */
export interface SelectedFiles {
  readonly format: 'onnx' | 'safetensors';
  readonly files: readonly RepositoryFile[];
}

const ENCODERS = ['text_encoder', 'text_encoder_2', 'text_encoder_3'];
const DENOISERS = ['unet', 'transformer'];
const GRAPH_PARTS = [...ENCODERS, ...DENOISERS, 'vae_encoder', 'vae_decoder'];
const WEIGHT_PARTS = [...ENCODERS, ...DENOISERS, 'vae'];
const TOKENIZER_FILE =
  /^(?:tokenizer(?:_[23])?\/)?(?:vocab\.json|merges\.txt|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|added_tokens\.json|spiece\.model)$/;
const SCHEDULER_FILE = /^(?:scheduler\/)?scheduler_config\.json$/;
/** What other frameworks read, and what nobody does. */
const FOREIGN_FILE =
  /\.(?:bin|safetensors|msgpack|h5|pt|pth|ckpt|xml|tflite|json|md|txt|png|jpe?g|gitattributes)$|^\./i;
/** The common names of a part's weights: diffusers' and transformers'. */
const WEIGHT_NAME = /^(?:diffusion_pytorch_model|model)[.-]/;

/**
 * Picks the files that are needed to run a model: its ONNX graphs with their external data where it has them, else the
 * safetensors weights that can be converted; never PyTorch's, TensorFlow's, Flax's or OpenVINO's.
 * @param repository for errors
 * @throws LascauxError when something that every model needs is not among the files.
 */
export function selectFiles(
  files: readonly RepositoryFile[],
  { variant }: FileChoice,
  repository: string,
): SelectedFiles {
  const has = (path: string): boolean => files.some((file) => file.path === path);
  const missing = (what: string): LascauxError =>
    new LascauxError({ operation: repository, rule: `the repository has no ${what}, so it cannot be run` });
  if (!has('model_index.json')) throw missing('model_index.json');
  const denoiser = DENOISERS.find((part) => files.some((file) => file.path.startsWith(`${part}/`)));
  if (denoiser === undefined) throw missing('unet/ or transformer/');
  const graphs = ['text_encoder', denoiser, 'vae_decoder'].every((part) => has(`${part}/model.onnx`));
  const weights = graphs
    ? GRAPH_PARTS.flatMap((part) => graphFiles(inFolder(files, part)))
    : WEIGHT_PARTS.flatMap((part) => weightFiles(inFolder(files, part), variant));
  if (!graphs) {
    for (const part of ['text_encoder', denoiser, 'vae']) {
      const found = weights.some(({ path }) => path.startsWith(`${part}/`) && path.endsWith('.safetensors'));
      if (!found) throw missing(`${part}/ as ONNX or safetensors`);
    }
  }
  const common = files.filter(({ path }) => isCommonFile(path, denoiser));
  return { format: graphs ? 'onnx' : 'safetensors', files: [...common, ...weights] };
}

const isCommonFile = (path: string, denoiser: string): boolean =>
  path === 'model_index.json' ||
  TOKENIZER_FILE.test(path) ||
  SCHEDULER_FILE.test(path) ||
  [...GRAPH_PARTS, 'vae'].some(
    (part) => path === `${part}/config.json` && (part === denoiser || !DENOISERS.includes(part)),
  );

/** The files directly in a folder, by their name in it. */
type Folder = ReadonlyMap<string, RepositoryFile>;

const inFolder = (files: readonly RepositoryFile[], folder: string): Folder =>
  new Map(
    files
      .filter(({ path }) => path.startsWith(`${folder}/`) && !path.includes('/', folder.length + 1))
      .map((file) => [file.path.slice(folder.length + 1), file]),
  );

/**
 * `model.onnx` and its external data, whose names only the graph knows (`model.onnx_data`, `weights.pb`,
 * `onnx__MatMul_1234` …): everything beside it that is no other format and no other graph's.
 */
function graphFiles(folder: Folder): RepositoryFile[] {
  if (!folder.has('model.onnx')) return [];
  const otherGraphs = [...folder.keys()].filter((name) => name.endsWith('.onnx') && name !== 'model.onnx');
  return [...folder]
    .filter(([name]) => !FOREIGN_FILE.test(name) && !otherGraphs.some((graph) => name.startsWith(graph)))
    .map(([, file]) => file);
}

/** A part's weights: whole or in shards with their index; those of the variant where it has them. */
function weightFiles(folder: Folder, variant: string | undefined): RepositoryFile[] {
  const variants = new Map<string, RepositoryFile[]>();
  for (const [name, file] of folder) {
    const found = WEIGHT_NAME.test(name) ? variantOf(name) : undefined;
    if (found !== undefined) variants.set(found, [...(variants.get(found) ?? []), file]);
  }
  const [first] = variants.values();
  return variants.get(variant ?? '') ?? variants.get('') ?? first ?? [];
}

/**
 * The variant in a file's name, empty for the plain weights; undefined for other files. Shards are found in both orders,
 * `model.fp16-00001-of-00002.safetensors` and `model-00001-of-00002.fp16.safetensors`.
 */
function variantOf(name: string): string | undefined {
  const stem = /^(?:diffusion_pytorch_model|model)(.*)$/.exec(name)?.[1] ?? '';
  const index = /^\.safetensors\.index(?:\.([\w-]+))?\.json$/.exec(stem);
  if (index) return index[1] ?? '';
  const weights = /^(?:\.(\w+))?(?:-\d{5}-of-\d{5})?(?:\.(\w+))?\.safetensors$/.exec(stem);
  return weights ? (weights[1] ?? weights[2] ?? '') : undefined;
}
