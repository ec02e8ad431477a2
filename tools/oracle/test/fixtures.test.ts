import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { holds, runFile } from '@lascaux/oracle';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../../packages/diffusion/test/fixtures/', import.meta.url));

describe('the reference numbers of the samplers', () => {
  it.each(readdirSync(folder))('hold in %s', async (name) => {
    const results = await runFile(folder + name);
    expect(results.length).toBeGreaterThan(4);
    expect(results.filter((result) => !holds(result))).toEqual([]);
  });
});

describe('an oracle file', () => {
  it('of an unknown format is refused with the known ones', async () => {
    await expect(runFile('/nowhere/unknown.json')).rejects.toThrow(
      /must begin with one of sampler_, .*got unknown.json/,
    );
  });
});
