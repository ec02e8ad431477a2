import { expect, it } from 'vitest';
import { shellCommand } from '../src/shell-command.js';

it.each([
  ['linux', ['npx', 'my images', "it's", 'a/b.tar'], String.raw`npx 'my images' 'it'\''s' a/b.tar`],
  ['win32', ['npx', 'my images', "it's", String.raw`C:\runs\vae`], String.raw`npx "my images" "it's" C:\runs\vae`],
] as const)('quotes for the shells of %s', (platform, words, line) => {
  expect(shellCommand(words, platform)).toBe(line);
});
