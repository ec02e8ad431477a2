import type { ParameterSpec } from '@lascaux/nn';

const EMBEDDING = /(^|\.)[a-z_]*embed(ding|dings|ding_table)?s?\.weight$|(^|\.)(position_embedding|class_embedding|pos_embed|shared\.weight)/;
const OUTER = /(^|\.)(conv_in|conv_out|proj_in|proj_out|patch_embed|pos_embed|time_embedding|time_proj|norm_out)(\.|$)/;

/** Whether the name is that of an embedding table, as diffusers and transformers call them. */
export const isEmbedding = ({ name }: ParameterSpec): boolean => EMBEDDING.test(name);

/** The usual rule for weight decay: matrices and filters decay; biases, norms, scalars and embedding tables do not. */
export const decaysByDefault = (spec: ParameterSpec): boolean => spec.shape.length >= 2 && !isEmbedding(spec);

/** Muon's rule: matrices and filters between hidden layers; not embeddings, nor the first and last layers of a network. */
export const isHiddenMatrix = (spec: ParameterSpec): boolean =>
  spec.shape.length >= 2 && !isEmbedding(spec) && !OUTER.test(spec.name) && Math.min(...asMatrix(spec.shape)) > 1;

/** A parameter's shape seen as a matrix: [out, in] as it is, a filter [out, in, h, w] as [out, in·h·w]. */
export function asMatrix(shape: readonly number[]): readonly [rows: number, columns: number] {
  const rows = shape[0] ?? 1;
  return [rows, shape.reduce((product, dim) => product * dim, 1) / rows];
}
