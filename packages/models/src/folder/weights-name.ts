/** One way in which a folder holds its weights, read off the name of a file. */
export interface WeightsName {
  /** What stands between the name and its ending, such as `fp16`; empty for the usual files. */
  readonly variant: string;
  readonly file: string;
  readonly sharded: boolean;
  readonly safe: boolean;
}

/** diffusers' and transformers' names; with a shard index the variant comes last. */
const whole = /^(?:diffusion_pytorch_model|model|pytorch_model)(?:\.([\w-]+))?\.(safetensors|bin|pth|pt)$/;
/** The end of the name of a shard, which counts through its index only: `model.fp16-00001-of-00004.safetensors`. */
const shard = /-\d+-of-\d+$/;
const index =
  /^(?:diffusion_pytorch_model|model|pytorch_model)(?:\.([\w-]+))?\.(safetensors|bin)\.index(?:\.([\w-]+))?\.json$/;

/** What a file in a component's folder is by its name: its weights in one file, or the index of shards; undefined for any other. */
export function weightsName(file: string): WeightsName | undefined {
  const [, variant = '', ending] = whole.exec(file) ?? [];
  if (shard.test(variant)) return undefined;
  if (ending !== undefined) return { variant, file, sharded: false, safe: ending === 'safetensors' };
  const [, before, kind, after] = index.exec(file) ?? [];
  return kind === undefined
    ? undefined
    : { variant: before ?? after ?? '', file, sharded: true, safe: kind === 'safetensors' };
}
