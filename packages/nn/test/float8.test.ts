import { fromFloat8 } from '@lascaux/nn';
import { expect, it } from 'vitest';

// Values of torch 2.15: torch.tensor([…], dtype=torch.uint8).view(torch.float8_e4m3fn).float(), and float8_e5m2.
it('reads the finite eight-bit floats of PyTorch', () => {
  const bits = Uint8Array.of(0x00, 0x80, 0x01, 0x07, 0x08, 0x38, 0x3c, 0xb8, 0x7e, 0x7f);
  const values = [0, -0, 2 ** -9, 7 * 2 ** -9, 2 ** -6, 1, 1.5, -1, 448, NaN];
  expect([...fromFloat8(bits, 'F8_E4M3')]).toEqual(values);
});

it('reads the eight-bit floats with infinities', () => {
  const bits = Uint8Array.of(0x01, 0x04, 0x3c, 0x3e, 0xbc, 0x7b, 0x7c, 0xfc, 0x7d);
  const values = [2 ** -16, 2 ** -14, 1, 1.5, -1, 57344, Infinity, -Infinity, NaN];
  expect([...fromFloat8(bits, 'F8_E5M2')]).toEqual(values);
});
