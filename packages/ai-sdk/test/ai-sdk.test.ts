import { APICallError } from '@ai-sdk/provider';
import { createLascaux, type LascauxProvider } from '@lascaux/ai-sdk';
import { tinyModel } from '@lascaux/model-fixtures';
import { readImageInformation, readPicture } from '@lascaux/pipeline/image';
import { createServer, describeModel, type LascauxServer } from '@lascaux/server';
import { generateImage } from 'ai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
let server: LascauxServer;
let baseURL: string;
beforeAll(async () => {
  folder = await tinyModel();
  const model = await describeModel(folder);
  server = await createServer({ models: [{ ...model, name: 'tiny' }], apiKey: 'secret' });
  baseURL = `${await server.listen()}/v1`;
});
afterAll(() => server.close());

const prompt = 'a cat';
const size = '8x8';

describe.each(['here', 'there'])('generateImage, painting %s', (where) => {
  let lascaux: LascauxProvider;
  let model: ReturnType<LascauxProvider>;
  beforeAll(() => {
    lascaux = where === 'here' ? createLascaux() : createLascaux({ baseURL, apiKey: 'secret' });
    model = lascaux(where === 'here' ? folder : 'tiny');
  });
  afterAll(() => lascaux.dispose());

  it('paints images of a seed', async () => {
    const providerOptions = { lascaux: { steps: 2, negativePrompt: 'a dog', sampler: 'euler', guidanceScale: 3 } };
    const { images, warnings, providerMetadata } = await generateImage({
      model,
      prompt,
      size,
      n: 2,
      seed: 5,
      providerOptions,
    });
    expect(warnings).toEqual([]);
    expect(providerMetadata).toEqual({ lascaux: { images: [{ seed: 5 }, { seed: 6 }] } });
    const texts = await Promise.all(images.map(({ uint8Array }) => readImageInformation(uint8Array)));
    expect(texts[1]!.settings).toMatchObject({
      prompt,
      negativePrompt: 'a dog',
      values: { Seed: '6', Steps: '2', Sampler: 'euler', 'CFG scale': '3' },
    });
  });

  it('says what it does not do', async () => {
    const { warnings } = await generateImage({ model, prompt, aspectRatio: '1:1' });
    expect(warnings).toMatchObject([{ type: 'unsupported', feature: 'aspectRatio' }]);
    const wrong = generateImage({ model, prompt, providerOptions: { lascaux: { stepz: 3 } } });
    await expect(wrong).rejects.toThrow(/^providerOptions\.lascaux: Unrecognized key: "stepz"/);
    await expect(generateImage({ model, prompt, size: '9x9' })).rejects.toThrow('width: must be a multiple of 2');
  });
});

it('the same seed is the same image, here and there', async () => {
  const here = createLascaux();
  const there = createLascaux({ baseURL, apiKey: 'secret' });
  const pixels = async (model: ReturnType<LascauxProvider>) => {
    const { image } = await generateImage({ model, prompt, size, seed: 1 });
    return (await readPicture(image.uint8Array, { width: 8, height: 8 }, { option: 'image' })).pixels;
  };
  expect(await pixels(here(folder))).toEqual(await pixels(there('tiny')));
  await here.dispose();
});

it('errors of a server are those that the AI SDK knows', async () => {
  const call = generateImage({ model: createLascaux({ baseURL, apiKey: 'wrong' })('tiny'), prompt, maxRetries: 0 });
  await expect(call).rejects.toThrow(APICallError);
  await expect(call).rejects.toMatchObject({
    statusCode: 401,
    isRetryable: false,
    message: 'a valid API key is needed',
  });
});

it('no address is fetched', async () => {
  const files = [{ type: 'url', url: 'http://127.0.0.1/x.png' }] as const;
  const call = createLascaux({ baseURL })('tiny').doGenerate({
    prompt,
    n: 1,
    size: undefined,
    aspectRatio: undefined,
    seed: 0,
    files: [...files],
    mask: undefined,
    providerOptions: {},
  });
  await expect(call).rejects.toThrow('files: must be bytes, or base64');
});
