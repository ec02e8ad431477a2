import { describe, expect, it } from 'vitest';
import { unreadSyntax } from '../src/prompt/unread-syntax.js';

describe('unreadSyntax', () => {
  it.each([
    ['a cat', []],
    ['a (cat:1.2) [dog], 10:30, BREAK and more, HAND, a | b', []],
    ['\\[cat:dog:0.5\\]', []],
    ['a cat <lora:paint:0.8> <lora:paint:0.8>', ['<lora:paint:0.8>']],
    ['[cat:dog:0.5] [cat:10] [cat::.5]', ['[cat:dog:0.5]', '[cat:10]', '[cat::.5]']],
    ['[red|blue] AND <hypernet:x>', ['<hypernet:x>', '[red|blue]', 'AND']],
  ])('%j', (prompt, expected) => {
    expect(unreadSyntax(prompt)).toEqual(expected);
  });
});
