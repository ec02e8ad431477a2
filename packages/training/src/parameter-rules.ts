import type { ParameterSpec } from '@lascaux/nn';

/** Tables that are looked up, as diffusers and transformers name them. */
const TABLES = [
  'token_embedding',
  'position_embedding',
  'class_embedding',
  'embedding_table',
  'embed_tokens',
  'pos_embed',
  'shared',
  'relative_attention_bias',
];
/** The layers by which data enters and leaves a network; `proj_in` and `proj_out` only at the root, inside blocks they are hidden layers. */
const OUTER =
  /(^|\.)(conv_in|conv_out|patch_embedding|pos_embed|time_embedding|timestep_embedder|text_projection|visual_projection)\.|^(proj_in|proj_out\w*)\./;

/** Whether the name is that of an embedding table. */
export const isEmbedding = ({ name }: ParameterSpec): boolean =>
  TABLES.some((table) => [table, `${table}.weight`].some((end) => `.${name}`.endsWith(`.${end}`)));

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
