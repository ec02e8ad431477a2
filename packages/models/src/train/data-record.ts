import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DATA_RECORD } from '../folder/unfinished-run.js';
import { mapLimited, type ImageSet } from '@lascaux/data';
import { check, readJson, writeFileAtomically } from '@lascaux/nn';
import { z } from 'zod';
import type { TrainingCall } from './training-call.js';

/** What a run was trained on: a count, and a SHA-256 each of names, lengths of files and captions. */
const dataRecord = z.object({ images: z.number(), names: z.string(), sizes: z.string(), captions: z.string() });

type DataRecord = z.output<typeof dataRecord>;

/** Files whose length is asked for at the same time. */
const CONCURRENT_STATS = 64;

/** The record of a set; files are not read, so it takes a second for a hundred thousand. */
async function recordOf(set: ImageSet): Promise<DataRecord> {
  const indices = Array.from({ length: set.length }, (_, i) => i);
  const sizes = await mapLimited(indices, CONCURRENT_STATS, (i) => set.byteLength(i));
  const hashed = (textOf: (i: number) => string): string => {
    const hash = createHash('sha256');
    for (const i of indices) hash.update(`${textOf(i)}\0`);
    return hash.digest('hex');
  };
  return {
    images: set.length,
    names: hashed((i) => set.fileName(i)),
    sizes: hashed((i) => String(sizes[i])),
    captions: hashed((i) => set.caption(i)),
  };
}

/** A run and the pictures it is to see. */
export interface RecordedData {
  readonly call: Pick<TrainingCall, 'out' | 'data' | 'resumeCommand'>;
  readonly set: ImageSet;
  /** Whether the part learns from captions. */
  readonly usesCaptions: boolean;
  readonly isResumed: boolean;
}

/** Writes what a run is trained on. */
async function writeDataRecord({ call: { out, resumeCommand } }: RecordedData, record: DataRecord): Promise<void> {
  await mkdir(out, { recursive: true });
  await writeFileAtomically(join(out, DATA_RECORD), `${JSON.stringify({ ...record, resume: resumeCommand }, null, 2)}\n`);
}

/** The record of a run under way. */
export interface DataRecording {
  /** Writes it, the first time it is called: once the run's folder is locked. */
  readonly begin: () => void;
  /** Settles when it is written. */
  readonly end: () => Promise<void>;
}

/**
 * The record of a run, which is written when the run begins.
 * @throws {LascauxError} (usage) when a resumed run would see other pictures than before, saying what differs: number, names, lengths of files, or captions
 */
export async function dataRecording(run: RecordedData): Promise<DataRecording> {
  const now = await recordOf(run.set);
  if (run.isResumed) await requireSame(run, now);
  let writing: Promise<void> | undefined;
  return {
    begin: () => {
      if (writing !== undefined) return;
      writing = writeDataRecord(run, now);
      writing.catch(() => undefined); // told by `end`
    },
    end: async () => writing,
  };
}

async function requireSame({ call: { out, data }, usesCaptions }: RecordedData, now: DataRecord): Promise<void> {
  const before = await readJson(join(out, DATA_RECORD), (json) => dataRecord.parse(json));
  const difference = before && differenceOf(before, now, usesCaptions);
  check(difference === undefined, {
    option: 'resume',
    rule: `the run in ${out} was trained on other images: ${difference}`,
    value: typeof data === 'string' ? data : undefined,
    accepted: 'the images of the run, or another folder for a new one',
    kind: 'usage',
  });
}

function differenceOf(before: DataRecord, now: DataRecord, usesCaptions: boolean): string | undefined {
  if (before.images !== now.images) return `${before.images} then, ${now.images} now`;
  if (before.names !== now.names) return `as many (${now.images}), but other names`;
  if (before.sizes !== now.sizes) return 'the same names, but files of other lengths';
  return usesCaptions && before.captions !== now.captions ? 'the same files, but other captions' : undefined;
}
