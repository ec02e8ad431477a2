import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { componentError } from '@lascaux/python-round-trip';
import { describe, expect, it } from 'vitest';

/** Networks that diffusers and transformers saved alone, and what they gave; README.md says how they are made. */
const folder = fileURLToPath(new URL('fixtures/components', import.meta.url));
const names = readdirSync(folder).flatMap((file) =>
  file.endsWith('.safetensors') ? [file.replace('.safetensors', '')] : [],
);

describe.each(names)('%s, as Python saved it', (name) => {
  it.each([undefined, 'F32'] as const)('gives the same once converted (%s)', { timeout: 60_000 }, async (dtype) => {
    expect(await componentError(folder, { name, dtype })).toBeLessThan(1e-5);
  });
});

it('there is one of every kind', () => {
  expect(names).toEqual(
    expect.arrayContaining(['t5', 'pixart', 'pixart-sizes', 'dit', 'dit-old-class', 'clip-vision', 'tiny']),
  );
});
