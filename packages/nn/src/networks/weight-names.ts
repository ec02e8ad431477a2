/** Parts of names in AutoencoderKL checkpoints from before diffusers 0.13, and what they are called now. */
const oldAttentionNames: readonly (readonly [now: string, old: string])[] = [
  ['to_q', 'query'],
  ['to_k', 'key'],
  ['to_v', 'value'],
  ['to_out.0', 'proj_attn'],
];

function oldAutoencoderName(name: string): readonly string[] {
  if (!name.includes('.mid_block.attentions.')) return [];
  return oldAttentionNames.flatMap(([now, old]) =>
    name.includes(`.${now}.`) ? [name.replace(`.${now}.`, `.${old}.`)] : [],
  );
}

/**
 * The names under which checkpoints may hold a parameter, the one used here first: AutoencoderKL's attention before diffusers 0.13
 * (there also as 1×1 convolutions: [C, C, 1, 1] holds the same numbers as [C, C]), CLIP text models without the prefix `text_model.`,
 * T5's token table as `encoder.embed_tokens.weight`.
 */
export function weightNameCandidates(name: string): readonly string[] {
  const short = name.startsWith('text_model.') ? [name.slice('text_model.'.length)] : [];
  const tied = name === 'shared.weight' ? ['encoder.embed_tokens.weight'] : [];
  return [name, ...oldAutoencoderName(name), ...short, ...tied];
}
