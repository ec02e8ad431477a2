import { basename } from 'node:path';
import { LascauxError, check, limits } from '@lascaux/nn';
import { decodeSquare, IMAGE_EXTENSIONS } from './decode.js';
import { entryAt, type ImageSet } from './image-set.js';
import { checkFileSize } from './image-file.js';
import { expandBraces, openShard, type Shard } from './shards.js';
import { tarMembers, type TarMember } from './tar.js';

/** Consecutive members with the same key, by field. */
interface Sample {
  readonly key: string;
  readonly fields: Map<string, TarMember>;
}

interface Picture {
  readonly shard: Shard;
  readonly member: TarMember;
  readonly caption: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * Opens WebDataset shards: paths, or patterns such as `train-{000000..000012}.tar`. A sample is a run of members with one
 * key (the name up to the first dot after the last slash); its picture is the first field with a picture's ending, its
 * caption the field `txt`, else `text` or `caption` of the field `json`. Samples without a picture are left out.
 * Only headers and texts are read now. Throws, naming shard and key, when a tar is broken or a field comes twice.
 */
export async function openWebDataset(patterns: string | readonly string[]): Promise<ImageSet> {
  const paths = (typeof patterns === 'string' ? [patterns] : patterns).flatMap(expandBraces);
  const pictures: Picture[] = [];
  for (const path of paths) {
    const shard = await openShard(path);
    for await (const sample of samples(shard)) {
      const picture = await readSample(shard, sample);
      if (picture) pictures.push(picture);
    }
  }
  if (pictures.length === 0)
    throw new LascauxError({
      operation: 'webdataset',
      rule: `must hold at least one picture, got none in ${paths.slice(0, 3).join(', ')}`,
    });
  const nameOf = ({ shard, member }: Picture): string => `${basename(shard.path)}/${member.name}`;
  const bytesOf = async (picture: Picture): Promise<Uint8Array> => {
    const { shard, member } = picture;
    checkFileSize(member.size, nameOf(picture));
    return shard.read(member.offset, member.size);
  };
  return {
    length: pictures.length,
    captionSource: 'webdataset',
    caption: (i) => entryAt(pictures, i).caption,
    fileName: (i) => nameOf(entryAt(pictures, i)),
    extra: (i) => entryAt(pictures, i).extra,
    origin: (i) => {
      const { shard, member } = entryAt(pictures, i);
      return { file: shard.path, offset: member.offset };
    },
    bytes: async (i) => bytesOf(entryAt(pictures, i)),
    pixels: async (i, size) => {
      const picture = entryAt(pictures, i);
      return decodeSquare({ source: await bytesOf(picture), size, name: nameOf(picture) });
    },
  };
}

async function* samples(shard: Shard): AsyncGenerator<Sample> {
  let current: Sample | null = null;
  for await (const member of tarMembers(shard.read, shard.size, shard.path)) {
    const parts = keyAndField(member.name);
    if (!parts) continue;
    if (current && current.key !== parts.key) {
      yield current;
      current = null;
    }
    current ??= { key: parts.key, fields: new Map() };
    if (current.fields.has(parts.field)) {
      throw new LascauxError({
        operation: 'webdataset',
        rule: `a sample must have each field once, got "${member.name}" twice in ${shard.path}`,
      });
    }
    current.fields.set(parts.field, member);
  }
  if (current) yield current;
}

/** `dir/000.seg.png` → key `dir/000`, field `seg.png`; null without a dot. */
function keyAndField(name: string): { key: string; field: string } | null {
  const dot = name.indexOf('.', name.lastIndexOf('/') + 1);
  return dot < 0 ? null : { key: name.slice(0, dot), field: name.slice(dot + 1).toLowerCase() };
}

async function readSample(shard: Shard, { key, fields }: Sample): Promise<Picture | null> {
  const member = [...fields].find(([field]) => IMAGE_EXTENSIONS.includes(field))?.[1];
  if (!member) return null;
  const text = async (name: string): Promise<string | null> => {
    const field = fields.get(name);
    if (field !== undefined) {
      const rule = `a text may have ${limits.tarTextBytes} bytes, got ${field.size} in ${field.name}`;
      check(field.size <= limits.tarTextBytes, { operation: shard.path, rule });
    }
    return field ? Buffer.from(await shard.read(field.offset, field.size)).toString('utf8') : null;
  };
  const json = await text('json');
  const extra = json === null ? {} : parseObject(json, `${shard.path}/${key}.json`);
  const spoken = [(await text('txt'))?.trim(), extra.text, extra.caption].find((value) => typeof value === 'string');
  return { shard, member, caption: spoken ?? '', extra };
}

function parseObject(text: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new LascauxError({
    operation: 'webdataset',
    rule: `the field json must be a JSON object, got "${text.slice(0, 60)}" in ${where}`,
  });
}
