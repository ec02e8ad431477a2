import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a command ended. */
export interface CommandEnd {
  readonly code: number | null;
  readonly killed: boolean;
  readonly output: string;
  readonly errors: string;
  readonly milliseconds: number;
}

/** How a command is run. */
export interface CommandOptions {
  /** Killed (SIGKILL) after so many milliseconds. */
  readonly killAfter?: number;
  /** Clocks run so many times as fast, so that what happens every few minutes happens every second. Nothing that decides weights reads them. */
  readonly clock?: number;
  /** A shell's command before it, such as `ulimit -n 30`. */
  readonly shell?: string;
}

const program = fileURLToPath(new URL('../../../packages/cli/bin/lascaux.js', import.meta.url));
const fastClock = (factor: number): string =>
  `data:text/javascript,const now=performance.now.bind(performance);performance.now=()=>now()*${factor}`;

/** Runs `lascaux …` as it was built last, as a process of its own. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> {
  const { killAfter, clock, shell } = options;
  const words = [...(clock === undefined ? [] : ['--import', fastClock(clock)]), program, ...argv];
  const start = performance.now();
  const child =
    shell === undefined
      ? spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', process.execPath, ...words], {
          stdio: ['ignore', 'pipe', 'pipe'],
        });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const milliseconds = performance.now() - start;
      resolve({ code, killed: signal === 'SIGKILL' || code === 137, output, errors, milliseconds });
    });
  });
}

/** The end of a command that nothing disturbs. @throws what it said where it failed */
export async function runWhole(argv: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> {
  const end = await runCommand(argv, options);
  if (end.code !== 0) throw new Error(`lascaux ${argv.join(' ')} failed: ${end.errors.trim()}`);
  return end;
}
