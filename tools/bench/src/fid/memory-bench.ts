import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writePng } from '@lascaux/data';
import { check, randomStream } from '@lascaux/nn';
import { parsedOptions } from '../parsed-options.js';

const OPTIONS = {
  counts: { type: 'string', default: '500,5000' },
  threads: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
} as const;

/** Side of the pictures in pixels. */
const SIDE = 32;
const AREA = SIDE * SIDE;
/** Loaded before the command, it tells the most memory that the process held. */
const WATCH =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+"\\n"))';
const cli = dirname(createRequire(import.meta.url).resolve('@lascaux/cli/package.json'));

/** The most memory that one run held. */
interface Peak {
  readonly pictures: number;
  readonly bytes: number;
}

/**
 * `npm run bench -- fid-memory`: peak memory of `lascaux evaluate fid --features clip` over folders of more and more small pictures, cache
 * included. FID keeps means and covariances only, so what grows is what is known of each file.
 */
export async function memoryBench(args: readonly string[]): Promise<void> {
  const { counts: text, threads, json } = parsedOptions('bench fid-memory', args, OPTIONS);
  const counts = text.split(',').map(Number);
  check(counts.length > 1 && counts.every((count, i) => Number.isSafeInteger(count) && count > (counts[i - 1] ?? 1)), {
    operation: '--counts',
    rule: 'must be two or more growing whole numbers from 2 with commas between them',
    value: text,
    kind: 'usage',
  });
  const folder = await mkdtemp(join(tmpdir(), 'lascaux-bench-memory-'));
  try {
    const peaks: Peak[] = [];
    for (const pictures of counts) {
      const set = join(folder, String(pictures));
      await writePictures(set, pictures);
      peaks.push({ pictures, bytes: await peakOf(set, { threads, cache: join(folder, `cache-${pictures}`) }) });
    }
    console.log(json ? JSON.stringify({ peaks, bytesAPicture: growth(peaks) }) : peaksText(peaks));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writePictures(folder: string, count: number): Promise<void> {
  await mkdir(folder);
  const random = randomStream(count);
  for (let i = 0; i < count; i++) {
    const bytes = Uint8Array.from(random.normal(3 * AREA), (value) => Math.min(Math.max(128 + 40 * value, 0), 255));
    await writePng(join(folder, `${i}.png`), bytes, { width: SIDE, height: SIDE });
  }
}

async function peakOf(set: string, { threads, cache }: { threads: string; cache: string }): Promise<number> {
  const command = ['evaluate', 'fid', set, '--features', 'clip', '--threads', threads, '--cache', cache];
  const program = ['--import', WATCH, join(cli, 'bin', 'lascaux.js')];
  const save = ['--save', `${set}.npz`];
  const child = spawn(process.execPath, [...program, ...command, ...save], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const kibibytes = Number(/^peak (\d+)$/m.exec(complaint)?.[1]);
  const rule = 'must end with 0 and tell its memory';
  check(code === 0 && kibibytes > 0, { operation: 'lascaux evaluate fid', rule, value: complaint.trim().slice(-200) });
  return 1024 * kibibytes;
}

/** Bytes that one more picture takes, between the fewest and the most. */
function growth(peaks: readonly Peak[]): number {
  const [first, last] = [peaks[0]!, peaks.at(-1)!];
  return (last.bytes - first.bytes) / (last.pictures - first.pictures);
}

function peaksText(peaks: readonly Peak[]): string {
  const lines = peaks.map(
    ({ pictures, bytes }) => `${String(pictures).padStart(8)} pictures  ${(bytes / 2 ** 20).toFixed(0)} MiB`,
  );
  return [...lines, `${growth(peaks).toFixed(0)} bytes more a picture`].join('\n');
}
