import { Command } from 'commander';
import { formatBytes } from '@lascaux/nn';
import type { PulledModel } from '@lascaux/models/hub';
import { parseRepositoryId } from '@lascaux/models/naming';
import type { Terminal } from './terminal.js';

/** What the command line hands over, with commander's names. */
interface PullFlags {
  readonly revision?: string;
  readonly out?: string;
  readonly variant?: string;
  readonly offline?: true;
  readonly json: boolean;
}

/** `pull ID`: downloads a model of the hub. */
export function pullCommand(terminal: Terminal): Command {
  return new Command('pull')
    .description('download a model of the Hugging Face hub, only what is needed to run it')
    .argument('<id>', 'owner/name, or owner/name@revision')
    .option('-r, --revision <name>', 'branch, tag or commit (default: main)')
    .option('-o, --out <dir>', 'plain folder to fill (default: the cache that Python uses too)')
    .option('--variant <name>', 'weights of this variant where there are any, such as fp16')
    .option('--offline', 'use the cache only')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', `\n${ENVIRONMENT}`)
    .action(async (id: string, flags: PullFlags) => {
      parseRepositoryId(id, { revision: flags.revision, operation: 'pull' });
      await runPull(id, flags, terminal);
    });
}

const ENVIRONMENT = `Variables: HF_TOKEN, HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE=1, HTTPS_PROXY, NO_PROXY, as for Python's huggingface_hub.
A download that was stopped goes on where it was.`;

async function runPull(id: string, { json, ...flags }: PullFlags, terminal: Terminal): Promise<void> {
  const { pullModel } = await import('@lascaux/models/hub');
  const { downloadProgress } = await import('./download-progress.js');
  const progress = downloadProgress(terminal);
  try {
    const model = await pullModel(id, { ...flags, ...progress.options, signal: terminal.signal });
    progress.stop();
    terminal.result(json ? JSON.stringify(model) : `${model.folder} (${summary(model)})`);
    if (model.format === 'weights')
      terminal.note(`note: it has weights and no graphs; ${nextStep(model, flags)} makes them`);
  } finally {
    progress.stop();
  }
}

const summary = ({ files, bytes, downloaded, commit }: PulledModel): string =>
  `${files.length} files, ${formatBytes(bytes)}, ${downloaded === 0 ? 'nothing' : formatBytes(downloaded)} downloaded, commit ${commit.slice(0, 8)}`;

function nextStep(
  { folder, name, revision }: PulledModel,
  { out, variant }: Pick<PullFlags, 'out' | 'variant'>,
): string {
  const choice = variant === undefined ? '' : ` --variant ${variant}`;
  return out === undefined
    ? `the first \`generate --model ${name}${revision === 'main' ? '' : `@${revision}`}${choice}\``
    : `\`lascaux convert ${folder} --out DIR${choice}\``;
}
