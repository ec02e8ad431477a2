import { tinyModel } from '@lascaux/model-fixtures';
import { openModelFolder } from '@lascaux/models';
import { TextToImagePipeline, denoiserFromSession, type GraphSession } from '@lascaux/pipeline';
import { clipTokenizer, trainBpe, type TextEncoder, type TextTokenizer } from '@lascaux/text-encoder';
import { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';

type Feeds = Record<string, Tensor>;

/** A session whose x0 for each image is everywhere the value of its embedding; it keeps what it was fed. */
function fakeSession(
  timestep: { type: 'float32' | 'int64'; shape: (number | string)[] },
  fed: Feeds[] = [],
): GraphSession {
  const value = (name: string, type: 'float32' | 'int64', shape: (number | string)[]) =>
    ({ name, isTensor: true, type, shape }) as const;
  return {
    inputMetadata: [
      value('sample', 'float32', ['batch', 4, 'height', 'width']),
      value('timestep', timestep.type, timestep.shape),
      value('encoder_hidden_states', 'float32', ['batch', 'tokens', 'channels']),
    ],
    outputMetadata: [value('out_sample', 'float32', ['batch', 4, 'height', 'width'])],
    run: (feeds: Feeds) => {
      fed.push(feeds);
      const { sample, encoder_hidden_states: text } = feeds as Record<'sample' | 'encoder_hidden_states', Tensor>;
      const size = sample.size / sample.dims[0]!;
      const values = Float32Array.from(
        { length: sample.size },
        (_, i) => (text.data as Float32Array)[Math.floor(i / size)]!,
      );
      return Promise.resolve({ out_sample: new Tensor('float32', values, sample.dims) });
    },
    release: () => Promise.resolve(),
  };
}

/** Reads a prompt as a number in tenths, its only token. */
const numberTokenizer: TextTokenizer = {
  ...clipTokenizer(trainBpe([], { vocabSize: 514 })),
  tokenize: (text) => (text === '' || text === ',' ? [] : [Math.round(10 * Number(text))]),
};

/** One token of one channel: the prompt as a number. */
const fakeTextEncoder = (disposed: string[]): TextEncoder => ({
  tokenizer: numberTokenizer,
  hasHiddenStates: false,
  encode: () => Promise.reject(new Error('not used')),
  encodeIds: (sequences) =>
    Promise.resolve({
      ids: sequences,
      lastHiddenState: new Tensor(
        'float32',
        Float32Array.from(sequences, (ids) => ids[1]! / 10),
        [sequences.length, 1, 1],
      ),
    }),
  dispose: () => Promise.resolve(void disposed.push('text encoder')),
});

async function joined(fed: Feeds[] = [], disposed: string[] = []) {
  const model = await openModelFolder(await tinyModel({ scheduler: { prediction_type: 'sample' } }));
  return new TextToImagePipeline(model, {
    textEncoders: { text_encoder: fakeTextEncoder(disposed) },
    denoiser: denoiserFromSession(fakeSession({ type: 'int64', shape: ['steps'] }, fed), 'unet'),
    vaeDecoder: {
      config: model.vaeConfig,
      decode: (latent, { width, height }) => Promise.resolve(new Float32Array(3 * width * height).fill(latent[0]!)),
      dispose: () => Promise.resolve(void disposed.push('decoder')),
    },
  });
}

describe('the joined stages', () => {
  // DDIM ends at the x0 that the network predicts at the last step: here the embedding, or under guidance
  // negative + w · (positive − negative). The picture's grey is 255 · (x0 / 2 + ½).
  it.each([
    [1, 0.6, 204],
    [2, 0.7, 217],
    [4.5, 0.95, 249],
  ])('guide by %d from 0.5 towards 0.6: %d', async (guidanceScale, x0, grey) => {
    const pipeline = await joined();
    const { images } = await pipeline.generate({ prompt: '0.6', negativePrompt: '0.5', guidanceScale });
    expect(Math.round(255 * (x0 / 2 + 0.5))).toBe(grey);
    expect(new Set(images[0]!.pixels)).toEqual(new Set([grey]));
  });

  it('run the network once a step, on [negative, positive] under guidance', async () => {
    const fed: Feeds[] = [];
    const pipeline = await joined(fed);
    await pipeline.generate({ prompt: '2', negativePrompt: '1', guidanceScale: 3, steps: 5 });
    expect(fed).toHaveLength(5);
    expect(fed[0]!.encoder_hidden_states!.data).toEqual(Float32Array.of(1, 2));
    expect(fed[0]!.sample!.dims).toEqual([2, 4, 4, 4]);
    // diffusers opens the scheduler of a Stable Diffusion folder with steps_offset 1 (docs/decisions/0090).
    expect(fed.map(({ timestep }) => timestep!.data)).toEqual(
      [801n, 601n, 401n, 201n, 1n].map((t) => BigInt64Array.of(t)),
    );
    fed.length = 0;
    await pipeline.generate({ prompt: '2', guidanceScale: 1 });
    expect(fed[0]!.sample!.dims).toEqual([1, 4, 4, 4]);
  });

  it('release every part', async () => {
    const disposed: string[] = [];
    await (await joined([], disposed)).dispose();
    expect(disposed.sort()).toEqual(['decoder', 'text encoder']);
  });
});

describe('denoiserFromSession', () => {
  const timestepFed = async (shape: (number | string)[], type: 'float32' | 'int64' = 'float32') => {
    const fed: Feeds[] = [];
    const embedding = new Tensor('float32', new Float32Array(2), [2, 1, 1]);
    const network = denoiserFromSession(fakeSession({ type, shape }, fed), 'unet').bind({
      batch: 2,
      inputs: { encoder_hidden_states: embedding },
      inputShape: [4, 1, 1],
    });
    await network(new Float32Array(8), 37.6);
    return fed[0]!.timestep!;
  };

  it('shapes the timestep as the graph declares it', async () => {
    expect((await timestepFed([])).dims).toEqual([]);
    expect((await timestepFed(['batch'])).dims).toEqual([2]);
    expect((await timestepFed(['steps'])).dims).toEqual([1]);
    expect((await timestepFed([2])).dims).toEqual([2]);
    expect((await timestepFed(['steps'], 'int64')).data).toEqual(BigInt64Array.of(38n));
  });

  it('names inputs that it cannot fill', () => {
    const session = fakeSession({ type: 'float32', shape: [] });
    const extra = { name: 'text_embeds', isTensor: true, type: 'float32', shape: [] } as const;
    const strange = { ...session, inputMetadata: [...session.inputMetadata, extra] };
    expect(() => denoiserFromSession(strange, 'unet')).toThrow(/does not give it, got "text_embeds"/);
  });
});
