import { LascauxError, check } from '../errors.js';
import { limits } from '../limits.js';
import type { RandomAccessFile } from '../random-access-file.js';
import { safetensorsTypes } from '../safetensors/format.js';
import type { StateDictFile } from './state-dict.js';
import type { Storage } from './storage.js';
import { torchContext } from './torch-context.js';
import { PickleTruncated } from './pickle-reader.js';
import { unpickle } from './unpickle.js';
import type { ZipEntry } from './zip-directory.js';
import { readZipDirectory, zipEntryStart } from './zip-directory.js';

const PICKLE_NAME = /^[^/]+\/data\.pkl$/;

async function entryBytes(file: RandomAccessFile, name: string, entry: ZipEntry): Promise<Uint8Array> {
  check(entry.size <= limits.pickleBytes, { operation: file.path, rule: `${name} is too large`, value: entry.size });
  return new Uint8Array(await file.read(await zipEntryStart(file, name, entry), entry.size));
}

async function checkByteOrder(file: RandomAccessFile, name: string, entry: ZipEntry | undefined): Promise<void> {
  if (entry === undefined) return; // files from before torch 2.1
  const order = new TextDecoder().decode(await entryBytes(file, name, entry));
  check(order === 'little', { operation: file.path, rule: 'the byte order must be little', value: order });
}

/** Opens what `torch.save` writes since 1.6: a zip archive with `NAME/data.pkl` and one file for each storage, `NAME/data/KEY`. */
export async function openZipStateDict(file: RandomAccessFile): Promise<StateDictFile> {
  const entries = await readZipDirectory(file);
  const pickles = [...entries].filter(([name]) => PICKLE_NAME.test(name));
  const [found] = pickles;
  if (found === undefined || pickles.length > 1)
    throw new LascauxError({
      operation: file.path,
      rule: 'is no PyTorch file: the archive must hold one NAME/data.pkl',
      value: [...entries.keys()].slice(0, 3).join(', '),
    });
  const [name, entry] = found;
  const root = name.slice(0, -'data.pkl'.length);
  await checkByteOrder(file, `${root}byteorder`, entries.get(`${root}byteorder`));
  const bytes = await entryBytes(file, name, entry);

  async function locate({ key, dtype, start, length }: Storage): Promise<number> {
    const part = `${root}data/${key}`;
    const stored = entries.get(part);
    const needed = (start + length) * safetensorsTypes[dtype];
    if (stored === undefined || stored.size < needed)
      throw new LascauxError({
        operation: file.path,
        rule: `storage ${key} must hold ${length} elements of ${dtype} in ${part}`,
        value: stored === undefined ? 'no such file' : `${stored.size} bytes`,
      });
    return zipEntryStart(file, part, stored);
  }

  try {
    return { value: unpickle(bytes, { context: torchContext(file.path) }).value, locate };
  } catch (cause) {
    if (!(cause instanceof PickleTruncated)) throw cause;
    throw new LascauxError({ operation: file.path, rule: `${name} is cut short`, cause });
  }
}
