import type { FastifyInstance, FastifyServerOptions } from 'fastify';

/** What is logged, and where. */
export interface LogOptions {
  /** `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`. Default: silent. */
  readonly level?: string;
  /** Prompts too, which may be private. Default: no. */
  readonly prompts?: boolean;
  /** Takes the lines, each a JSON object. Default: standard error. */
  readonly stream?: { write(line: string): void };
}

/** The levels that there are. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** pino, as Fastify makes it: no body and no header is logged. */
export function loggerOf({ level = 'silent', stream = process.stderr }: LogOptions): FastifyServerOptions['logger'] {
  return level === 'silent' ? false : { level, stream };
}

/** Logs what each request wants to have painted. */
export function logPrompts(app: FastifyInstance): void {
  app.addHook('preHandler', (request, _, done) => {
    const { prompt, negative_prompt: negativePrompt } = (request.body ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof prompt === 'string') request.log.info({ prompt, negativePrompt }, 'prompt');
    done();
  });
}
