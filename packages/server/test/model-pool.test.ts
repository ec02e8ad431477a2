import { describe, expect, it } from 'vitest';
import { ModelPool, modelNamed } from '../src/painting/model-pool.js';
import { fakeModel, fakePainter } from './support/fake-painter.js';

const [a, b, c] = ['a', 'b', 'c'].map((name) => fakeModel({ name, memory: 10 })) as [
  ReturnType<typeof fakeModel>,
  ReturnType<typeof fakeModel>,
  ReturnType<typeof fakeModel>,
];
const nothing = async () => Promise.resolve();

function pool(memory: number) {
  const log: string[] = [];
  const painters = new Map<string, ReturnType<typeof fakePainter>>();
  const models = new ModelPool({
    models: [a, b, c],
    memory,
    open: async ({ name }) => {
      log.push(`+${name}`);
      const painter = fakePainter({ onDispose: () => log.push(`-${name}`) });
      painters.set(name, painter);
      return Promise.resolve(painter);
    },
  });
  return { models, log, painters };
}

describe('the pool of models', () => {
  it('loads a model once, when it is asked for', async () => {
    const { models, log } = pool(100);
    expect(log).toEqual([]);
    await Promise.all([models.use(a, nothing), models.use(a, nothing)]);
    await models.use(a, nothing);
    expect(log).toEqual(['+a']);
  });

  it('lets go of the one that was used longest ago', async () => {
    const { models, log } = pool(20);
    for (const model of [a, b, a, c]) await models.use(model, nothing);
    expect(log).toEqual(['+a', '+b', '-b', '+c']);
    expect(models.loaded).toEqual(['a', 'c']);
  });

  it('waits for models that are at work', async () => {
    const { models, log } = pool(10);
    let finish: () => void = () => undefined;
    const busy = models.use(a, () => new Promise<void>((resolve) => (finish = resolve)));
    const other = models.use(b, nothing);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(log).toEqual(['+a']);
    finish();
    await Promise.all([busy, other]);
    expect(log).toEqual(['+a', '-a', '+b']);
  });

  it('loads a model that alone takes more than the limit', async () => {
    const { models, log } = pool(1);
    await models.use(a, nothing);
    await models.use(b, nothing);
    expect(log).toEqual(['+a', '-a', '+b']);
  });

  it('loads a model anew when its painter broke, or could not be opened', async () => {
    const { models, log, painters } = pool(100);
    await models.use(a, nothing);
    painters.get('a')!.break();
    await Promise.resolve();
    await models.use(a, nothing);
    expect(log).toEqual(['+a', '+a']);
  });
});

it('names of OpenAI mean the first model, other names only themselves', () => {
  expect(modelNamed([a, b], undefined)).toBe(a);
  expect(modelNamed([a, b], 'gpt-image-1')).toBe(a);
  expect(modelNamed([a, b], 'dall-e-3')).toBe(a);
  expect(modelNamed([a, b], 'b')).toBe(b);
  expect(() => modelNamed([a, b], 'x')).toThrow('model: no such model here, got "x" (accepted: a, b)');
});
