import type { Scope, Value } from '@lascaux/nn';
import { ops } from '@lascaux/nn';
import { conv2d, groupNorm, linear } from '@lascaux/nn/layers';
import { clipVisionConfig, clipVisionWithProjection } from '@lascaux/nn/networks';
import { z } from 'zod';

const size = z.int().min(1);

const Convolutions = z.strictObject({
  _class_name: z.literal('NounClassifier'),
  /** Side of the pictures in pixels. */
  sample_size: z.int().min(8),
  /** Channels after each halving of the picture. */
  block_out_channels: z.array(z.int().min(1)).min(1),
  norm_num_groups: z.int().min(1),
  /** The classes, in the order of the logits. */
  nouns: z.array(z.string().min(1)).min(2),
});
const Transformer = z.strictObject({
  _class_name: z.literal('NounTransformer'),
  sample_size: z.int().min(8),
  patch_size: size,
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  nouns: z.array(z.string().min(1)).min(2),
});

/** What a classifier looks like; `config.json` of its folder. Unknown keys are refused. */
export const ClassifierConfig = z.discriminatedUnion('_class_name', [Convolutions, Transformer]);
/** What a classifier looks like. */
export type ClassifierConfig = z.infer<typeof ClassifierConfig>;

/** The configuration for these nouns: 25 million floating-point operations a picture at 64×64, 0.35 million parameters. */
export const defaultClassifierConfig = (nouns: readonly string[]): ClassifierConfig => ({
  _class_name: 'NounClassifier',
  sample_size: 64,
  block_out_channels: [24, 40, 80, 128],
  norm_num_groups: 8,
  nouns: [...nouns],
});

/** The judges of images of 128 pixels. For 1,543 nouns 1.6 million parameters by convolutions, 3.1 by attention; 180 and 430 million floating-point operations an image. */
export const judgeConfigs: Readonly<
  Record<'convolutions' | 'transformer', (nouns: readonly string[]) => ClassifierConfig>
> = {
  convolutions: (nouns) => ({
    ...{ _class_name: 'NounClassifier', sample_size: 128, norm_num_groups: 8 },
    ...{ block_out_channels: [24, 48, 96, 160, 224], nouns: [...nouns] },
  }),
  transformer: (nouns) => ({
    ...{ _class_name: 'NounTransformer', sample_size: 128, patch_size: 16 },
    ...{ hidden_size: 192, num_hidden_layers: 6, num_attention_heads: 4, nouns: [...nouns] },
  }),
};

/** Logits [B, nouns] of images [B, 3, S, S] in [−1, 1]. */
export const classify = (scope: Scope, config: ClassifierConfig, pixels: Value): Value =>
  config._class_name === 'NounClassifier' ? byConvolutions(scope, config, pixels) : byAttention(scope, config, pixels);

/** The vision half of CLIP, whose projection is the classifier (Dosovitskiy et al. 2021, "An image is worth 16×16 words"). */
function byAttention(scope: Scope, config: z.infer<typeof Transformer>, pixels: Value): Value {
  const { sample_size, patch_size, hidden_size, num_hidden_layers, num_attention_heads, nouns } = config;
  const vision = clipVisionConfig({
    ...{ image_size: sample_size, patch_size, hidden_size, num_hidden_layers, num_attention_heads },
    ...{ intermediate_size: 4 * hidden_size, projection_dim: nouns.length, hidden_act: 'relu' },
  });
  return clipVisionWithProjection(scope, vision, pixels).image_embeds;
}

/**
 * Strided convolutions that halve the picture, a residual convolution where it
 * has become small, the mean over all places, a linear layer. Normalisation before activation before convolution (He et al. 2016,
 * "Identity mappings", figure 4e), with group norm, which does not depend on the batch.
 */
function byConvolutions(scope: Scope, config: z.infer<typeof Convolutions>, pixels: Value): Value {
  const { block_out_channels: channels, norm_num_groups: groups, nouns } = config;
  const activated = (at: Scope, x: Value): Value => ops.silu(groupNorm(at.at('norm'), x, { groups }));
  const [first, ...others] = channels as [number, ...number[]];
  let x = conv2d(scope.at('conv_in'), pixels, { out: first, kernel: 3, stride: 2, padding: 1 });
  others.forEach((out, i) => {
    const down = scope.at('down', i);
    x = conv2d(down.at('conv'), activated(down, x), { out, kernel: 3, stride: 2, padding: 1 });
    // The first halvings leave large maps, where a further convolution costs most and sees least.
    if (i === 0) return;
    const residual = scope.at('residual', i);
    x = ops.add(x, conv2d(residual.at('conv'), activated(residual, x), { out, kernel: 3 }));
  });
  const features = ops.mean(activated(scope.at('out'), x), [2, 3]);
  const width = channels.at(-1)!;
  return linear(scope.at('proj_out'), ops.reshape(features, [-1, width]), { out: nouns.length });
}
