import { parametersOf } from '@lascaux/nn';
import {
  autoencoderTinyConfig,
  tinyCheckpoint,
  tinyConfigOf,
  tinyDecoderProgram,
  tinyEncoderProgram,
} from '@lascaux/nn/networks';
import { describe, expect, it } from 'vitest';

const axes = { batch: 'batch', height: 'height', width: 'width' };

/** Shapes of a network's weights by diffusers' names. */
function shapesOf(json: object): Map<string, readonly number[]> {
  const config = autoencoderTinyConfig(json);
  const programs = [tinyEncoderProgram(config, axes), tinyDecoderProgram(config, axes)];
  return new Map(programs.flatMap((program) => parametersOf(program).map(({ name, shape }) => [name, shape] as const)));
}

const only = (part: string, shapes: ReadonlyMap<string, readonly number[]>) =>
  new Map([...shapes].filter(([name]) => name.startsWith(part)));

/** As taesd's own files have it: one half without a prefix, the decoder counting from 1. */
const original = (part: 'encoder' | 'decoder', shapes: ReadonlyMap<string, readonly number[]>) =>
  new Map(
    [...only(part, shapes)].map(([name, shape]) => {
      const [index = '', ...rest] = name.slice(`${part}.layers.`.length).split('.');
      return [[Number(index) + (part === 'decoder' ? 1 : 0), ...rest].join('.'), shape] as const;
    }),
  );

const small = {
  latent_channels: 16,
  encoder_block_out_channels: [8, 8, 8],
  decoder_block_out_channels: [12, 12, 12],
  num_encoder_blocks: [1, 0, 2],
  num_decoder_blocks: [3, 1, 0],
};

describe('tinyCheckpoint', () => {
  it.each([{}, small, { ...small, use_midblock_gn: true }])('reads the halves in their own files: %j', (json) => {
    const shapes = shapesOf(json);
    for (const part of ['encoder', 'decoder'] as const) {
      const found = tinyCheckpoint(original(part, shapes))!;
      expect(new Set(found.names.keys())).toEqual(new Set(only(part, shapes).keys()));
      expect(found.shapes).toEqual(only(part, shapes));
    }
    expect(tinyCheckpoint(original('decoder', shapes))!.names.get('decoder.layers.0.weight')).toBe('1.weight');
    expect(tinyConfigOf(shapes)).toMatchObject(json);
  });

  it('reads both halves of one file, by the names of diffusers or ComfyUI', () => {
    const shapes = shapesOf(small);
    expect([...tinyCheckpoint(shapes)!.names].every(([ours, theirs]) => ours === theirs)).toBe(true);
    const comfy = new Map([...original('decoder', shapes)].map(([name, shape]) => [`taesd_decoder.${name}`, shape]));
    expect(tinyCheckpoint(comfy)!.names.get('decoder.layers.2.conv.0.bias')).toBe('taesd_decoder.3.conv.0.bias');
  });

  it('takes a half that is absent to mirror the other', () => {
    const shapes = shapesOf({ ...small, decoder_block_out_channels: [8, 8, 8], num_decoder_blocks: [2, 0, 1] });
    expect(tinyConfigOf(only('decoder', shapes))).toEqual(tinyConfigOf(shapes));
    expect(tinyConfigOf(only('encoder', shapes))).toEqual(tinyConfigOf(shapes));
  });

  it('knows what is none, and says what it cannot build', () => {
    expect(tinyCheckpoint(new Map([['conv_in.weight', [4, 4, 3, 3]]]))).toBeUndefined();
    expect(tinyCheckpoint(new Map())).toBeUndefined();
    const shapes = shapesOf({});
    // taesana's encoder: a second convolution that halves and widens, with a bias.
    const wide = new Map([
      ...only('encoder', shapes),
      ['encoder.layers.2.weight', [64, 32, 3, 3]],
      ['encoder.layers.2.bias', [64]],
    ]);
    expect(() => tinyConfigOf(wide)).toThrow(
      /without a bias, got "encoder\.layers\.2: \[64, 32, 3, 3\] with a bias" \(accepted: taesd, /,
    );
    expect(() => tinyConfigOf(new Map([['encoder.layers.3.weight', [64]]]))).toThrow(
      'must begin and end with a convolution',
    );
  });
});
