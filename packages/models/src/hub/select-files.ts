import { check } from '@lascaux/nn';
import type { RepositoryFile } from './listing.js';

/** Which of a repository's files are wanted. */
export interface FileChoice {
  /** Weights of this variant, such as `fp16`, where a part has them; else, and without it, the plain ones. */
  readonly variant?: string;
  /** Folders of further graphs, such as `image_encoder`, taken where the repository has them. */
  readonly also?: readonly string[];
  /** Whether an autoencoder alone will do: a repository without `model_index.json` whose root is one component of diffusers. */
  readonly autoencoder?: boolean;
}

/** The files that our loader (`onnx`) or `convertModel` (`weights`) reads. */
export interface SelectedFiles {
  readonly format: 'onnx' | 'weights';
  readonly files: readonly RepositoryFile[];
}

const ENCODERS = ['text_encoder', 'text_encoder_2', 'text_encoder_3'];
const DENOISERS = ['unet', 'transformer'];
const GRAPH_PARTS = [...ENCODERS, ...DENOISERS, 'vae_encoder', 'vae_decoder'];
const WEIGHT_PARTS = [...ENCODERS, ...DENOISERS, 'vae'];
const TOKENIZER_FILE =
  /^(?:tokenizer(?:_[23])?\/)?(?:vocab\.json|merges\.txt|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|added_tokens\.json|spiece\.model)$/;
const SCHEDULER_FILE = /^(?:scheduler\/)?scheduler_config\.json$/;
/**
 * Picks the files that are needed to run a model: its ONNX graphs where it has them, else the weights that can be
 * converted, safetensors before PyTorch's; never TensorFlow's, Flax's or OpenVINO's. Where the graphs keep their weights,
 * only they know: see `withExternalData`.
 * @param repository for errors
 * @throws LascauxError when something that every model needs is not among the files.
 */
export function selectFiles(
  files: readonly RepositoryFile[],
  { variant, also = [], autoencoder = false }: FileChoice,
  repository: string,
): SelectedFiles {
  const has = (path: string): boolean => files.some((file) => file.path === path);
  const need = (condition: boolean, what: string): void =>
    check(condition, { operation: repository, rule: `the repository has no ${what}, so it cannot be run` });
  if (autoencoder && !has('model_index.json')) {
    const alone = rootComponent(files, variant);
    need(alone.length > 1, 'config.json with diffusion_pytorch_model weights');
    return { format: 'weights', files: alone };
  }
  need(has('model_index.json'), 'model_index.json');
  const denoiser = DENOISERS.find((part) => files.some((file) => file.path.startsWith(`${part}/`)));
  need(denoiser !== undefined, 'unet/ or transformer/');
  const common = files.filter(({ path }) => isCommonFile(path));
  const graphs = ['text_encoder', denoiser, 'vae_decoder'].every((part) => has(`${part}/model.onnx`));
  if (graphs) {
    const taken = files.filter(({ path }) => isGraphOf(GRAPH_PARTS, path) || isExtra(also, path));
    return { format: 'onnx', files: [...common, ...taken] };
  }
  const weights = new Map(WEIGHT_PARTS.map((part) => [part, weightFiles(inFolder(files, part), variant)]));
  for (const part of ['text_encoder', denoiser, 'vae'])
    need((weights.get(part!)?.length ?? 0) > 0, `${part}/ as ONNX graph or PyTorch weights`);
  return { format: 'weights', files: [...common, ...[...weights.values()].flat()] };
}

/** Whether a file that was picked is a graph, which may keep its weights in other files. */
export const isGraph = (path: string): boolean => path.endsWith('/model.onnx');

const isGraphOf = (parts: readonly string[], path: string): boolean =>
  parts.some((part) => path === `${part}/model.onnx`);

const isExtra = (also: readonly string[], path: string): boolean =>
  isGraphOf(also, path) || also.some((part) => path === `${part}/config.json`);

const isCommonFile = (path: string): boolean =>
  path === 'model_index.json' ||
  TOKENIZER_FILE.test(path) ||
  SCHEDULER_FILE.test(path) ||
  [...GRAPH_PARTS, 'vae'].some((part) => path === `${part}/config.json`);

/** The files directly in a folder, by their name in it. */
type Folder = ReadonlyMap<string, RepositoryFile>;

const inFolder = (files: readonly RepositoryFile[], folder: string): Folder =>
  new Map(
    files
      .filter(({ path }) => path.startsWith(`${folder}/`) && !path.includes('/', folder.length + 1))
      .map((file) => [file.path.slice(folder.length + 1), file]),
  );

/** `config.json` and the weights of a component of diffusers that is a repository's root. */
function rootComponent(files: readonly RepositoryFile[], variant: string | undefined): RepositoryFile[] {
  const root = files.filter(({ path }) => path === 'config.json' || /^diffusion_pytorch_model[^/]*$/.test(path));
  const weights = weightFiles(new Map(root.map((file) => [file.path, file])), variant);
  return [...root.filter(({ path }) => path === 'config.json'), ...weights];
}

/** A part's weights: whole or in shards with their index; those of the variant where it has them. */
function weightFiles(folder: Folder, variant: string | undefined): RepositoryFile[] {
  const names = [...folder.keys()];
  const kind = ['safetensors', 'bin'].find((ending) => names.some((name) => variantOf(name, ending) !== undefined));
  const variants = new Map<string, RepositoryFile[]>();
  for (const [name, file] of folder) {
    const found = variantOf(name, kind ?? '');
    if (found !== undefined) variants.set(found, [...(variants.get(found) ?? []), file]);
  }
  const [first] = variants.values();
  return variants.get(variant ?? '') ?? variants.get('') ?? first ?? [];
}

/**
 * The variant in the name of a file with weights, empty for the plain ones; undefined for other files. Shards are found in
 * both orders, `model.fp16-00001-of-00002.safetensors` and `model-00001-of-00002.fp16.safetensors`.
 */
function variantOf(name: string, ending: string): string | undefined {
  const stem = /^(?:diffusion_pytorch_model|pytorch_model|model)(.*)$/.exec(name)?.[1] ?? '';
  const index = /^(?:\.([\w-]+))?\.(\w+)\.index(?:\.([\w-]+))?\.json$/.exec(stem);
  if (index) return index[2] === ending ? (index[1] ?? index[3] ?? '') : undefined;
  const weights = /^(?:\.([\w-]+?))?(?:-\d{5}-of-\d{5})?(?:\.([\w-]+))?\.(\w+)$/.exec(stem);
  return weights?.[3] === ending ? (weights[1] ?? weights[2] ?? '') : undefined;
}
