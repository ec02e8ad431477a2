import { basename, dirname, join } from 'node:path';
import { LascauxError, readJson } from '@lascaux/nn';
import { z } from 'zod';
import { isFolder } from './is-folder.js';

/** File of a run folder with what it was trained on and the command that goes on with it. */
export const DATA_RECORD = 'data.json';

/** What trains each part. */
const TRAINERS: Readonly<Record<string, string>> = {
  vae: 'trainVae',
  'text-encoder': 'trainTextEncoder',
  denoiser: 'trainDenoiser',
};

const optionsRecord = z.looseObject({ config: z.looseObject({ kind: z.string() }) });
const commandRecord = z.looseObject({ resume: z.string().optional() });

/**
 * Refuses a training run that is not finished where a model is asked for.
 * @param folder the run, or the `model/` in it that a finished run has
 * @throws LascauxError (usage) naming the option, with the call that goes on, and the command that was recorded for it; does nothing for any other folder
 */
export async function refuseUnfinishedRun(option: string, folder: string): Promise<void> {
  const run = basename(folder) === 'model' ? dirname(folder) : folder;
  const part = await partOfRun(run);
  if (part === undefined || (await isFolder(join(run, 'model')))) return;
  throw new LascauxError({
    option,
    rule: `holds a training of ${part} that is not finished; go on with`,
    remedy: {
      call: TRAINERS[part] ?? 'train',
      options: { out: run, resume: true },
      command: await recordedCommand(run),
    },
    value: folder,
    kind: 'usage',
  });
}

/** What a run folder trains; undefined for other folders, and for records that cannot be read. */
async function partOfRun(run: string): Promise<string | undefined> {
  if (!(await isFolder(join(run, 'checkpoints')))) return undefined;
  const record = await readJson(join(run, 'options.json'), (json) => optionsRecord.safeParse(json).data).catch(
    () => undefined,
  );
  return record?.config.kind;
}

/** The command as the run recorded it. */
const recordedCommand = (run: string): Promise<string | undefined> =>
  readJson(join(run, DATA_RECORD), (json) => commandRecord.safeParse(json).data?.resume).catch(() => undefined);
