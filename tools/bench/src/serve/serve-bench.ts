import { availableParallelism, cpus } from 'node:os';
import { check } from '@lascaux/nn';
import { TextToImagePipeline } from '@lascaux/pipeline';
import { encodeImage } from '@lascaux/pipeline/image';
import { parsedOptions } from '../parsed-options.js';
import { median } from '../statistics.js';
import { ServerProcess } from './server-process.js';

const OPTIONS = {
  requests: { type: 'string', default: '1000' },
  rounds: { type: 'string', default: '15' },
  steps: { type: 'string', default: '20' },
  json: { type: 'boolean', default: false },
} as const;

/** What became of requests that were sent at once. */
interface Wave {
  readonly painted: number;
  readonly refused: number;
  readonly lost: number;
  readonly seconds: number;
  /** Most bytes that the server held. */
  readonly bytes: number;
}

const WAVES = 2;

/**
 * `npm run bench -- serve`: what HTTP and the other process add to a call of the library with the bundled model, and what becomes of many requests
 * at once: with room for all in the queue, wave by wave, and with the usual 64 places.
 */
export async function serveBench(args: readonly string[]): Promise<void> {
  const given = parsedOptions('bench serve', args, OPTIONS);
  const { requests, rounds, steps } = {
    requests: whole('requests', given.requests),
    rounds: whole('rounds', given.rounds),
    steps: whole('steps', given.steps),
  };
  const overhead = await measureOverhead(rounds, steps);
  const waves = await measureWaves(requests, ['--queue', String(requests)], WAVES);
  const [bounded] = await measureWaves(requests, [], 1);
  const result = {
    processor: `${cpus()[0]?.model.trim() ?? ''}, ${availableParallelism()} cores`,
    overhead,
    waves,
    bounded,
  };
  console.log(given.json ? JSON.stringify(result) : resultText(result));
}

function whole(option: string, text: string): number {
  const value = Number(text);
  check(Number.isSafeInteger(value) && value > 0, {
    operation: `--${option}`,
    rule: 'must be a whole number from 1',
    value: text,
    kind: 'usage',
  });
  return value;
}

/** Milliseconds of an image, from prompt to PNG; the two ways take turns. */
async function measureOverhead(rounds: number, steps: number): Promise<{ direct: number; http: number }> {
  const server = await ServerProcess.start([]);
  const pipeline = await TextToImagePipeline.fromPretrained();
  try {
    const direct = async (): Promise<void> => {
      const { images } = await pipeline.generate({ prompt: 'a cat', seed: 7, steps });
      await encodeImage(images[0]!, 'png');
    };
    const http = () => server.paint(steps);
    const times = { direct: [] as number[], http: [] as number[] };
    await direct();
    await http();
    for (let round = 0; round < rounds; round++) {
      times.direct.push(await timed(direct));
      times.http.push(await timed(http));
    }
    return { direct: median(times.direct), http: median(times.http) };
  } finally {
    await Promise.all([server.stop(), pipeline.dispose()]);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Requests of one step each, all at once; the next wave begins when the last answer of this one is there. */
async function measureWaves(requests: number, options: readonly string[], count: number): Promise<Wave[]> {
  const server = await ServerProcess.start(options);
  try {
    await server.paint(1);
    const waves: Wave[] = [];
    for (let i = 0; i < count; i++) {
      const one = await wave(server, requests);
      console.error(waveText(one));
      waves.push(one);
    }
    return waves;
  } finally {
    await server.stop();
  }
}

async function wave(server: ServerProcess, requests: number): Promise<Wave> {
  let bytes = await server.memory();
  const watch = setInterval(() => {
    server.memory().then(
      (now) => (bytes = Math.max(bytes, now)),
      () => undefined,
    );
  }, 500);
  const start = performance.now();
  const statuses = await Promise.all(Array.from({ length: requests }, () => server.paint(1).catch(() => 0)));
  clearInterval(watch);
  const painted = statuses.filter((status) => status === 200).length;
  const refused = statuses.filter((status) => status === 429).length;
  const lost = requests - painted - refused;
  return { painted, refused, lost, seconds: (performance.now() - start) / 1000, bytes };
}

interface Result {
  readonly processor: string;
  readonly overhead: { readonly direct: number; readonly http: number };
  readonly waves: readonly Wave[];
  readonly bounded: Wave | undefined;
}

function resultText({ processor, overhead: { direct, http }, waves, bounded }: Result): string {
  return [
    processor,
    `an image: library ${direct.toFixed(0)} ms, HTTP ${http.toFixed(0)} ms`,
    ...waves.map((one, i) => `wave ${i + 1}, room for all: ${waveText(one)}`),
    ...(bounded === undefined ? [] : [`64 places: ${waveText(bounded)}`]),
  ].join('\n');
}

const waveText = ({ painted, refused, lost, seconds, bytes }: Wave): string =>
  `${painted} painted, ${refused} refused, ${lost} lost, ${seconds.toFixed(1)} s, server at most ${(bytes / 2 ** 20).toFixed(0)} MiB`;
