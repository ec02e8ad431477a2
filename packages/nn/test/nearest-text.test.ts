import { nearestText } from '@lascaux/nn';
import { describe, expect, it } from 'vitest';
import { editDistance } from '../src/nearest-text.js';

describe('nearestText', () => {
  it('is the first of those that take the fewest changes', () => {
    expect(nearestText('cot', ['dog', 'cut', 'cat', 'coat'], 2)).toBe('cut');
    expect(nearestText('cot', ['dogs', 'coat', 'cot'], 2)).toBe('cot');
    expect(nearestText('cot', ['dragon'], 2)).toBeUndefined();
  });

  it('counts insertions, deletions, replacements and swaps', () => {
    expect(editDistance('abc', 'abc', 3)).toBe(0);
    expect(editDistance('abc', 'acb', 3)).toBe(1);
    expect(editDistance('abc', 'ab', 3)).toBe(1);
    expect(editDistance('kitten', 'sitting', 5)).toBe(3);
    expect(editDistance('aaaa', 'bbbb', 1)).toBeGreaterThan(1);
  });
});
