import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { schedulerClassNames } from '@lascaux/diffusion';
import { expect, it } from 'vitest';

const source = fileURLToPath(new URL('../src/', import.meta.url));
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name: name.replaceAll('\\', '/'), text: readFileSync(source + name, 'utf8') }));

const filesWith = (word: string): string[] =>
  files.filter(({ text }) => new RegExp(`\\b${word}\\b`).test(text)).map(({ name }) => name);

const schedulers = files.flatMap(({ name, text }) =>
  [...text.matchAll(/export const (\w+) = defineScheduler\(/g)].map((match) => ({ file: name, value: match[1]! })),
);

it('has its config class in one file of diffusers/', () => {
  expect(schedulers).toHaveLength(schedulerClassNames.length);
  for (const className of schedulerClassNames) {
    const mentions = files.filter(({ text }) => text.includes(`'${className}'`)).map(({ name }) => name);
    expect(mentions.filter((name) => !name.startsWith('train/'))).toHaveLength(1);
    expect(mentions[0]).toMatch(/^diffusers\//);
  }
});

it('is named by one more file, the table of samplers', () => {
  for (const { file, value } of schedulers) {
    // A flow-matching model knows its own class, to refuse others.
    const others = filesWith(value).filter((name) => name !== file && name !== 'diffusers/flow-keys.ts');
    expect(others).toEqual(['diffusers/samplers.ts']);
  }
});

it('has an algorithm that only its config class runs', () => {
  const algorithms = files.flatMap(({ name, text }) =>
    name.startsWith('samplers/')
      ? [...text.matchAll(/export (?:const|async function|function) (sample[A-Z]\w*)/g)]
      : [],
  );
  expect(algorithms.length).toBeGreaterThanOrEqual(schedulerClassNames.length);
  for (const [, algorithm] of algorithms) {
    const users = filesWith(algorithm!).filter((name) => name !== 'index.ts' && !name.startsWith('samplers/'));
    expect(users).toHaveLength(1);
    expect(users[0]).toMatch(/^diffusers\//);
  }
});
