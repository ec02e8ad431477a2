import { LascauxError } from '../errors.js';
import type { RandomAccessFile } from '../random-access-file.js';
import { openRandomAccess } from '../random-access-file.js';
import type { SafetensorsTensor } from '../safetensors/tensor.js';
import { readAndClose } from '../safetensors/read.js';
import type { WeightsFile } from '../weights-file.js';
import { openLegacyStateDict } from './legacy-state-dict.js';
import { readView } from './read-view.js';
import type { StateDictFile } from './state-dict.js';
import { tensorsOf } from './state-dict.js';
import { openZipStateDict } from './zip-state-dict.js';

const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** A pickle of protocol 2 that begins with a number of ten bytes. */
const LEGACY = [0x80, 0x02, 0x8a, 0x0a];

async function stateDictOf(file: RandomAccessFile): Promise<StateDictFile> {
  const first = new Uint8Array(await file.read(0, Math.min(4, file.size)));
  const begins = (bytes: readonly number[]): boolean => bytes.every((byte, i) => first[i] === byte);
  if (begins(ZIP)) return openZipStateDict(file);
  if (begins(LEGACY)) return openLegacyStateDict(file);
  throw new LascauxError({
    operation: file.path,
    rule: 'is no file of torch.save',
    value: `first bytes ${[...first].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`,
    accepted: ['a zip archive', 'the format from before torch 1.6'],
  });
}

async function weightsOf(file: RandomAccessFile): Promise<WeightsFile> {
  const { path, size: fileSize } = file;
  const { value, locate } = await stateDictOf(file);
  const tensors = tensorsOf(value, { path, fileSize });
  return {
    path,
    entries: new Map(
      [...tensors].map(
        ([
          name,
          {
            shape,
            storage: { dtype },
          },
        ]) => [name, { dtype, shape }],
      ),
    ),
    read: async (name) => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new LascauxError({ operation: path, rule: 'has no such tensor', value: name });
      return readView(file, tensor, await locate(tensor.storage));
    },
    close: () => file.close(),
  };
}

/**
 * Opens a PyTorch state dict (`.pth`, `.pt`, `.bin`), of the zip format or the one from before torch 1.6, whose tensors are read one by one;
 * close it in the end. Its pickle can make tensors and dictionaries of them, nothing else; tensors of dictionaries inside it are named `outer.inner`.
 * @throws {LascauxError} naming the file and what is wrong with it, or the Python global that is no tensor
 */
export async function openPth(path: string): Promise<WeightsFile> {
  const file = await openRandomAccess(path);
  try {
    return await weightsOf(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * All tensors of a PyTorch state dict, or those named; F16 and BF16 come as their bits.
 * @throws {LascauxError} as `openPth`, or naming the tensor that is not there
 */
export async function readPth(
  path: string,
  names?: readonly string[],
): Promise<ReadonlyMap<string, SafetensorsTensor>> {
  return readAndClose(await openPth(path), names);
}
