import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { randomStream } from '@lascaux/data';
import { check, LascauxError, limits, nearestText, readTextFile } from '@lascaux/nn';

/** `__name__`, also `__folder/name__`, as the extensions of AUTOMATIC1111's web UI have it. */
const WILDCARD = /__([\p{L}\p{N}][\p{L}\p{N}/_-]*?)__/gu;
/** Changes of a letter up to which a name is offered in place of another. */
const NEAR = 3;
/** A drawn line may hold wildcards again, this deep. */
const DEPTH = 8;

/** The lines that wildcards stand for, by name; each file is read once. */
export class Wildcards {
  readonly #folder: string;
  readonly #known = new Map<string, readonly string[]>();

  /** @param folder that holds `name.txt`, one text a line; empty lines and those that begin with # are left out */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * A prompt with a line in place of each wildcard, drawn by the seed: the same prompt and seed give the same lines.
   * @throws {LascauxError} (usage) naming a wildcard without a file or without a line, or one that leads back to itself
   */
  async drawn(prompt: string, seed: number): Promise<string> {
    const random = randomStream(`wildcards/${seed}`);
    let text = prompt;
    for (let depth = 0; ; depth++) {
      const names = [...text.matchAll(WILDCARD)].map(([, name = '']) => name);
      if (names.length === 0) return text;
      check(depth < DEPTH, {
        operation: '--wildcards',
        rule: `wildcards may lead to wildcards ${DEPTH} deep`,
        value: names[0],
        kind: 'usage',
      });
      const lines = await Promise.all(names.map((name) => this.#linesOf(name)));
      const picked = lines.map((all) => all[random.below(all.length)]!);
      text = text.replace(WILDCARD, () => picked.shift()!);
    }
  }

  async #linesOf(name: string): Promise<readonly string[]> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const text = await readTextFile(join(this.#folder, `${name}.txt`), limits.wordListBytes);
    if (text === undefined) throw await this.#missing(name);
    const lines = text
      .replace(/^\uFEFF/u, '')
      .split(/\r?\n/u)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
    check(lines.length > 0, { operation: `__${name}__`, rule: `${name}.txt has no line`, kind: 'usage' });
    this.#known.set(name, lines);
    return lines;
  }

  async #missing(name: string): Promise<LascauxError> {
    const files = await readdir(this.#folder, { recursive: true }).catch(() => undefined);
    if (files === undefined)
      return new LascauxError({
        operation: '--wildcards',
        rule: 'must be a folder of text files',
        value: this.#folder,
        kind: 'usage',
      });
    const names = files.filter((file) => file.endsWith('.txt')).map((file) => file.slice(0, -'.txt'.length));
    const near = nearestText(name, names, NEAR);
    return new LascauxError({
      operation: `__${name}__`,
      rule: `there is no ${name}.txt in ${this.#folder}${near === undefined ? '' : ` (nearest: ${near})`}`,
      kind: 'usage',
    });
  }
}
