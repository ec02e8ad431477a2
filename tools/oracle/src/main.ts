import { stat } from 'node:fs/promises';
import { type CaseResult, holds } from './case-result.js';
import { runAutoencoder } from './autoencoder.js';
import { runFile } from './run-file.js';

const usage =
  'usage: npm run oracle -- FILE… (sampler_*.json, schedules_*.json, timesteps.json …) or FOLDER… (a tiny autoencoder)';

const line = (result: CaseResult) =>
  `${holds(result) ? 'ok ' : 'OUT'} ${result.error.toExponential(1)} of ${result.tolerance.toExponential(0)}  ${result.id}  (${result.where})`;

async function main(paths: readonly string[]): Promise<number> {
  if (paths.length === 0) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  let out = 0;
  for (const path of paths) {
    process.stdout.write(`${path}\n`);
    const results = (await stat(path)).isDirectory() ? await runAutoencoder(path) : await runFile(path);
    for (const result of results) process.stdout.write(`  ${line(result)}\n`);
    out += results.filter((result) => !holds(result)).length;
  }
  process.stdout.write(out === 0 ? 'all cases hold\n' : `${out} cases are out\n`);
  return out === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (cause: unknown) => {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    process.exitCode = 1;
  },
);
