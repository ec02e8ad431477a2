import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { holds, runAutoencoder, runFile } from '@lascaux/oracle';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../../packages/diffusion/test/fixtures/', import.meta.url));

describe('the reference numbers of the samplers', () => {
  it.each(readdirSync(folder))('hold in %s', async (name) => {
    const results = await runFile(folder + name);
    expect(results.length).toBeGreaterThan(4);
    expect(results.filter((result) => !holds(result))).toEqual([]);
  });
});

describe('a tiny autoencoder in the files of its author', () => {
  const tiny = fileURLToPath(new URL('fixtures/tiny/', import.meta.url));

  // Random weights saved by torch, and what they gave there: tools/python-round-trip/python/make_networks.py.
  it('encodes and decodes as in PyTorch', async () => {
    const results = await runAutoencoder(tiny);
    expect(results.map(({ id }) => id)).toEqual(['tiny latent', 'tiny decoded']);
    expect(results.filter((result) => !holds(result))).toEqual([]);
  });

  it('needs the arrays of the reference', async () => {
    await expect(runAutoencoder(join(tiny, 'reference'))).rejects.toThrow();
  });
});

describe('an oracle file', () => {
  it('of an unknown format is refused with the known ones', async () => {
    await expect(runFile('/nowhere/unknown.json')).rejects.toThrow(
      /must begin with one of sampler_, .*got unknown.json/,
    );
  });
});
