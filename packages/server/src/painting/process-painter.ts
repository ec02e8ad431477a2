import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { LascauxError } from '@lascaux/nn';
import type { CallExplanation } from '@lascaux/pipeline';
import type { PaintCalls, PaintedImage, Painter, PaintRequest } from './painter.js';
import { unpackError, type PaintAnswer, type PainterOptions, type PaintTask } from './process-messages.js';

interface Waiting extends Pick<PaintCalls, 'onStep'> {
  readonly resolve: (result: PaintedImage | CallExplanation) => void;
  readonly reject: (error: Error) => void;
}

/** A painter and the process that it lives in. */
export interface ProcessPainter extends Painter {
  readonly processId: number | undefined;
}

/** What it takes to run sources, whoever runs us. */
const FROM_SOURCES = ['--conditions=@lascaux/source', '--import', 'tsx'];

/**
 * Loads a model in a process of its own: ONNX Runtime's `run` holds the thread that calls it, for seconds with large models, and a server
 * answers meanwhile; what a model took is given back when its process ends. Why: docs/decisions/0153.
 * @throws LascauxError naming the part of the model that is missing or broken
 */
export async function openProcessPainter(folder: string, options: PainterOptions = {}): Promise<ProcessPainter> {
  const isSource = import.meta.url.endsWith('.ts');
  const program = fileURLToPath(new URL(isSource ? 'paint-process.ts' : 'paint-process.js', import.meta.url));
  const child = fork(program, {
    // Standard output belongs to the server's results.
    stdio: ['ignore', 2, 2, 'ipc'],
    serialization: 'advanced',
    execArgv: isSource ? FROM_SOURCES : [],
  });
  await opened(child, { kind: 'open', folder, options });
  return new ChildPainter(child);
}

const ended = (code: number | null, signal: NodeJS.Signals | null): LascauxError =>
  new LascauxError({ operation: 'paint', rule: 'the painting process has ended', value: signal ?? code ?? undefined });

function opened(child: ChildProcess, task: PaintTask): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      child.off('message', hear).off('error', settle).off('exit', leave);
      if (error === undefined) resolve();
      else reject(error);
    };
    const hear = (answer: PaintAnswer): void =>
      settle(answer.kind === 'refused' ? unpackError(answer.error) : undefined);
    const leave = (code: number | null, signal: NodeJS.Signals | null): void => settle(ended(code, signal));
    child.on('message', hear).on('error', settle).on('exit', leave);
    child.send(task);
  });
}

/** The near end of a painting process. It keeps this process alive only while an image is awaited. */
class ChildPainter implements ProcessPainter {
  readonly processId: number | undefined;
  readonly broken: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.processId = child.pid;
    this.broken = new Promise((resolve) => {
      const fail = (error: Error): void => {
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
        resolve();
      };
      child.on('error', fail).on('exit', (code, signal) => fail(ended(code, signal)));
    });
    child.on('message', (answer: PaintAnswer) => this.#hear(answer));
    this.#hold(false);
  }

  async paint(request: PaintRequest, { signal, previews = 0, onStep }: PaintCalls = {}): Promise<PaintedImage> {
    signal?.throwIfAborted();
    const id = ++this.#lastId;
    const cancel = (): void => this.#tell({ kind: 'cancel', id });
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return (await this.#ask({ kind: 'paint', id, request, previews }, onStep)) as PaintedImage;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  async explain(request: PaintRequest): Promise<CallExplanation> {
    return (await this.#ask({ kind: 'explain', id: ++this.#lastId, request })) as CallExplanation;
  }

  async dispose(): Promise<void> {
    this.#hold(true);
    this.#tell({ kind: 'close' });
    await this.broken;
  }

  /** Asks the process for something, and waits for what it says of it. */
  async #ask(
    task: PaintTask & { readonly id: number },
    onStep?: PaintCalls['onStep'],
  ): Promise<PaintedImage | CallExplanation> {
    try {
      return await new Promise<PaintedImage | CallExplanation>((resolve, reject) => {
        this.#waiting.set(task.id, { resolve, reject, onStep });
        this.#hold(true);
        this.#tell(task, reject);
      });
    } finally {
      this.#waiting.delete(task.id);
      if (this.#waiting.size === 0) this.#hold(false);
    }
  }

  #hold(awaited: boolean): void {
    const change = awaited ? 'ref' : 'unref';
    this.#child[change]();
    this.#child.channel?.[change]();
  }

  #tell(task: PaintTask, onError: (error: Error) => void = () => undefined): void {
    if (!this.#child.connected) return onError(ended(this.#child.exitCode, this.#child.signalCode));
    this.#child.send(task, (error) => {
      if (error !== null) onError(error);
    });
  }

  #hear(answer: PaintAnswer): void {
    if (answer.kind === 'opened' || answer.kind === 'refused') return;
    const waiting = this.#waiting.get(answer.id);
    if (answer.kind === 'step') waiting?.onStep?.(answer.progress);
    if (answer.kind === 'painted') waiting?.resolve(answer.painted);
    if (answer.kind === 'explained') waiting?.resolve(answer.explanation);
    if (answer.kind === 'failed') waiting?.reject(unpackError(answer.error));
  }
}
