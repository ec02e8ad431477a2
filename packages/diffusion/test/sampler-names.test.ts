import { samplerChoice, samplerNames, type SamplerLabel, type SamplerName } from '@lascaux/diffusion';
import { expect, expectTypeOf, it } from 'vitest';

it('are a type that says which samplers can be spaced anew', () => {
  expectTypeOf<'dpm++-2m-karras'>().toExtend<SamplerName>();
  expectTypeOf<'heun-exponential' | 'unipc-beta' | 'flow-euler'>().toExtend<SamplerName>();
  expectTypeOf<'ddim-karras'>().not.toExtend<SamplerName>();
  expectTypeOf<'Euler a'>().not.toExtend<SamplerName>();
  expectTypeOf<'Euler a'>().toExtend<SamplerLabel>();
});

it('are those of the list', () => {
  const some: readonly SamplerName[] = ['ddpm', 'euler-beta', 'dpm++-2m-sde-karras', 'lcm'];
  expect(samplerNames).toEqual(expect.arrayContaining([...some]));
  expect(samplerNames).not.toContain('ddim-karras');
  for (const name of samplerNames) expect(samplerChoice(name).className).toMatch(/Scheduler$/);
});
