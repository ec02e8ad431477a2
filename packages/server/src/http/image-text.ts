import { check } from '@lascaux/nn';

/**
 * The bytes of an image that a text holds, as base64 or as a data URL. An address is refused: nothing is fetched for a client.
 * @throws LascauxError (usage) naming the field
 */
export function bytesOfText(text: string, option: string): Uint8Array {
  const base64 = text.replace(/^data:[\w/+.-]*;base64,/, '');
  check(/^[\w+/=\s-]+$/.test(base64), { option, rule: 'must be an image as base64', kind: 'usage' });
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
