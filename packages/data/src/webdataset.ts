import { basename } from 'node:path';
import { LascauxError, check, isRecord, limits, parseLooseJson } from '@lascaux/nn';
import { decodeSquare } from './decode.js';
import type { ImageSetOptions } from './folder.js';
import { checkFileSize } from './image-file.js';
import { entryAt, type ImageSet } from './image-set.js';
import { leftOutTally, leftOutText } from './left-out.js';
import { groupSamples, imagesOf, type ImageSample } from './samples.js';
import { expandBraces, openShard, type Shard } from './shards.js';
import { tarMembers, type TarMember } from './tar.js';
import { decodeText } from './text.js';

interface Picture {
  readonly shard: Shard;
  readonly member: TarMember;
  readonly caption: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * Opens WebDataset shards: paths, or patterns such as `train-{000000..000012}.tar`. A sample is the members with one key (the name up to
 * the first dot after the last slash); its picture is the first field with a picture's ending, its caption the field `txt`, else `text` or
 * `caption` of the field `json`, or the key that `captionColumn` names. What holds no picture is counted in `leftOut`.
 * Only headers and texts are read now. Throws, naming shard and key, when a tar is broken, a field comes twice, or a text is not UTF-8.
 */
export async function openWebDataset(
  patterns: string | readonly string[],
  options: ImageSetOptions = {},
): Promise<ImageSet> {
  const paths = (typeof patterns === 'string' ? [patterns] : patterns).flatMap(expandBraces);
  const tally = leftOutTally();
  const pictures: Picture[] = [];
  let scattered = 0;
  for (const path of paths) {
    const shard = await openShard(path);
    const grouped = await groupSamples(tarMembers(shard.read, shard.size, shard.path), path);
    scattered += grouped.scattered;
    for (const sample of grouped.samples)
      for (const image of imagesOf(sample, tally)) pictures.push(await readSample(shard, image, options));
  }
  const leftOut = tally.list();
  requirePictures(pictures, { paths, instead: leftOutText(leftOut), ...options });
  const nameOf = ({ shard, member }: Picture): string => `${basename(shard.path)}/${member.name}`;
  const bytesOf = async (picture: Picture): Promise<Uint8Array> => {
    const { shard, member } = picture;
    checkFileSize(member.size, nameOf(picture));
    return shard.read(member.offset, member.size);
  };
  const note = `${scattered} keys come back later in their archive: their members were joined`;
  return {
    length: pictures.length,
    captionSource: 'webdataset',
    leftOut,
    notes: scattered > 0 ? [note] : [],
    caption: (i) => entryAt(pictures, i).caption,
    captionSourceOf: (i) => (entryAt(pictures, i).caption === '' ? 'none' : 'webdataset'),
    fileName: (i) => nameOf(entryAt(pictures, i)),
    extra: (i) => entryAt(pictures, i).extra,
    origin: (i) => {
      const { shard, member } = entryAt(pictures, i);
      return { file: shard.path, offset: member.offset };
    },
    byteLength: async (i) => Promise.resolve(entryAt(pictures, i).member.size),
    bytes: async (i) => bytesOf(entryAt(pictures, i)),
    pixels: async (i, size) => {
      const picture = entryAt(pictures, i);
      const { onTransparent } = options;
      return decodeSquare({ source: await bytesOf(picture), size, name: nameOf(picture), onTransparent });
    },
  };
}

function requirePictures(
  pictures: readonly Picture[],
  { paths, instead, captionColumn }: { paths: readonly string[]; instead: string; captionColumn?: string },
): void {
  if (pictures.length === 0) {
    const rest = instead === '' ? '' : ` (left out: ${instead})`;
    throw new LascauxError({
      operation: 'webdataset',
      rule: `must hold at least one picture, got none in ${paths.slice(0, 3).join(', ')}${rest}`,
    });
  }
  if (captionColumn === undefined || pictures.some(({ extra }) => captionColumn in extra)) return;
  const keys = [...new Set(pictures.flatMap(({ extra }) => Object.keys(extra)))].join(', ') || 'none';
  throw new LascauxError({
    operation: 'webdataset',
    rule: `the caption column must be a key of the field json (${keys})`,
    value: captionColumn,
    kind: 'usage',
  });
}

async function readSample(
  shard: Shard,
  { key, fields, image }: ImageSample,
  { captionColumn }: ImageSetOptions,
): Promise<Picture> {
  const text = async (name: string): Promise<string | null> => {
    const field = fields.get(name);
    if (field === undefined) return null;
    const rule = `a text may have ${limits.tarTextBytes} bytes, got ${field.size} in ${field.name}`;
    check(field.size <= limits.tarTextBytes, { operation: shard.path, rule });
    return decodeText(await shard.read(field.offset, field.size), `${shard.path}/${field.name}`);
  };
  const extra = parseObject((await text('json')) ?? '', `${shard.path}/${key}.json`);
  const spoken =
    captionColumn === undefined
      ? [(await text('txt'))?.trim(), (await text('caption'))?.trim(), extra.text, extra.caption]
      : [extra[captionColumn]];
  const caption = spoken.find((value): value is string => typeof value === 'string' && value !== '') ?? '';
  return { shard, member: image, caption, extra };
}

/** The object that a text holds; an empty text is an empty one. */
function parseObject(text: string, where: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = parseLooseJson(text);
  } catch {
    value = null;
  }
  if (isRecord(value)) return value;
  throw new LascauxError({
    operation: 'webdataset',
    rule: `the field json must be a JSON object, got "${text.slice(0, 60)}" in ${where}`,
  });
}
