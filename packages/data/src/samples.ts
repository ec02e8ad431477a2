import { posix } from 'node:path';
import { check } from '@lascaux/nn';
import { IMAGE_EXTENSIONS, isUnreadImage } from './image-endings.js';
import type { LeftOutTally } from './left-out.js';
import type { TarMember } from './tar.js';

/** Members with the same key, by field. */
export interface Sample {
  readonly key: string;
  readonly fields: ReadonlyMap<string, TarMember>;
}

/** The samples of an archive. */
export interface Samples {
  readonly samples: readonly Sample[];
  /** Keys whose members do not stand together. */
  readonly scattered: number;
}

/**
 * Members joined by key: the name up to the first dot after the last slash, as webdataset splits it. Names that begin with a dot, such as
 * the `._` files of macOS, are no members. A key that comes back later goes on where it was, or begins another sample when it brings a field
 * that is there already.
 * @throws {LascauxError} when a field comes twice running
 */
export async function groupSamples(members: AsyncIterable<TarMember>, shard: string): Promise<Samples> {
  const samples: { key: string; fields: Map<string, TarMember> }[] = [];
  const byKey = new Map<string, (typeof samples)[number]>();
  const scattered = new Set<string>();
  let current: (typeof samples)[number] | undefined;
  for await (const member of members) {
    const parts = keyAndField(member.name);
    if (!parts) continue;
    const { key, field } = parts;
    check(current?.key !== key || !current.fields.has(field), () => ({
      operation: 'webdataset',
      rule: `a sample must have each field once, got "${member.name}" twice in ${shard}`,
    }));
    const known = byKey.get(key);
    const goesOn = known !== undefined && !known.fields.has(field);
    if (goesOn && known !== current) scattered.add(key);
    current = goesOn ? known : { key, fields: new Map<string, TarMember>() };
    if (!goesOn) samples.push(current);
    byKey.set(key, current);
    current.fields.set(field, member);
  }
  return { samples, scattered: scattered.size };
}

/** `dir/000.seg.png` → key `dir/000`, field `seg.png`; null without a dot, or with one in front. */
function keyAndField(name: string): { key: string; field: string } | null {
  const start = name.lastIndexOf('/') + 1;
  const dot = name.indexOf('.', start);
  return dot <= start ? null : { key: name.slice(0, dot), field: name.slice(dot + 1).toLowerCase() };
}

/** A sample with the member that is its image. */
export interface ImageSample extends Sample {
  readonly image: TarMember;
}

/**
 * The images of a sample: its first field with an image's ending; without one, fields such as `v2.png` of a name with dots, each with the
 * fields that share its longer key. Samples without an image, and further images of one, are tallied.
 */
export function imagesOf(sample: Sample, tally: LeftOutTally): readonly ImageSample[] {
  const named = [...sample.fields];
  const plain = named.filter(([field]) => IMAGE_EXTENSIONS.includes(field));
  const [first, ...others] = plain;
  for (const [, { name }] of others) tally.add('further images of samples', name, false);
  if (first) return [{ ...sample, image: first[1] }];
  const unread = named.find(([field]) => isUnreadImage(field));
  const dotted = named.filter(([field]) => IMAGE_EXTENSIONS.includes(posix.extname(field).slice(1)));
  if (unread) tally.addFile(unread[0], unread[1].name);
  else if (dotted.length === 0) {
    const lost = named.find(([field]) => isUnreadImage(posix.extname(field).slice(1)));
    tally.add('samples without an image', `${sample.key}.${(lost ?? named[0])?.[0] ?? ''}`, lost !== undefined);
  } else return dotted.map(([field, image]) => ({ ...longerKey(sample, field), image }));
  return [];
}

/** `img` with `v2.png`, `v2.txt` → `img.v2` with `png`, `txt`, and the fields without a dot. */
function longerKey({ key, fields }: Sample, field: string): Sample {
  const prefix = field.slice(0, field.lastIndexOf('.') + 1);
  const prefixed = [...fields]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, at]) => [name.slice(prefix.length), at] as const);
  const shared = [...fields].filter(([name]) => !name.includes('.'));
  return { key: `${key}.${prefix.slice(0, -1)}`, fields: new Map([...shared, ...prefixed]) };
}
