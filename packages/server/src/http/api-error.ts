import { LascauxError } from '@lascaux/nn';
import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { UnknownModelError } from '../painting/model-pool.js';
import { QueueFullError } from '../painting/paint-queue.js';
import { PaintTimeoutError, ServerStoppingError } from '../painting/paint-service.js';

/** The body of every error, as OpenAI's clients read it. */
export const errorBody = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .meta({ id: 'Error' });

/** The body of an error. */
export type ErrorBody = z.infer<typeof errorBody>;

/** An error as it is answered. */
export interface ErrorReply {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ErrorFacts {
  readonly message: string;
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

/** An error with a status. */
export function errorReply(status: number, facts: ErrorFacts, headers?: Readonly<Record<string, string>>): ErrorReply {
  const { message, type = status >= 500 ? 'server_error' : 'invalid_request_error', param = null, code = null } = facts;
  return { status, headers, body: { error: { message, type, param, code } } };
}

/** Names of options in requests, where the library has others. */
const PARAMETERS: Readonly<Record<string, string>> = {
  negativePrompt: 'negative_prompt',
  steps: 'num_inference_steps',
  guidanceScale: 'guidance_scale',
  width: 'size',
  height: 'size',
  count: 'n',
};

/** Asks clients of OpenAI not to send the same again: it would fail again. */
const DO_NOT_RETRY = { 'x-should-retry': 'false' };

/** What any error is answered with. What went wrong inside is told in the log alone. */
export function replyOf(error: unknown): ErrorReply {
  if (error instanceof LascauxError) return ofOurs(error);
  if (hasZodFastifySchemaValidationErrors(error)) return ofValidation(error.validation[0]!);
  const { statusCode = 500, message, code } = error as Partial<FastifyError>;
  if (statusCode >= 500) return errorReply(500, { message: 'something went wrong inside; the log says what' });
  return errorReply(statusCode, { message: message ?? 'bad request', code: codeOf(code) });
}

function ofOurs(error: LascauxError): ErrorReply {
  const { message, rule, kind } = error;
  if (error instanceof QueueFullError) {
    const facts = { message, type: 'rate_limit_error', code: 'queue_full' };
    return errorReply(429, facts, { 'retry-after': String(error.retryAfter) });
  }
  if (error instanceof PaintTimeoutError) return errorReply(504, { message: rule, code: 'timeout' }, DO_NOT_RETRY);
  if (error instanceof ServerStoppingError) return errorReply(503, { message: rule, code: 'stopping' });
  if (error instanceof UnknownModelError) return errorReply(404, { message, param: 'model', code: 'model_not_found' });
  if (kind === 'usage') return errorReply(400, { message, param: parameterOf(error), code: 'invalid_value' });
  return errorReply(500, { message: `painting failed: ${rule}` }, DO_NOT_RETRY);
}

/** The name of an option in requests; null for none. */
export const parameterOf = ({ option }: { readonly option?: string }): string | null =>
  option === undefined ? null : (PARAMETERS[option] ?? option);

/** `/size` → `size`; where a key is unknown, that key. */
function ofValidation({ keyword, instancePath, params, message }: ValidationIssue): ErrorReply {
  const path = instancePath.split('/').filter((part) => part !== '');
  const unknown = keyword === 'unrecognized_keys' ? (params.keys as string[])[0] : undefined;
  const param = [...path, ...(unknown === undefined ? [] : [unknown])].join('.') || null;
  const said = unknown === undefined ? message : 'unknown parameter';
  const code = unknown === undefined ? 'invalid_value' : 'unknown_parameter';
  return errorReply(400, { message: param === null ? (said ?? 'wrong body') : `${param}: ${said}`, param, code });
}

interface ValidationIssue {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object & { readonly keys?: unknown };
  readonly message?: string;
}

/** `FST_ERR_CTP_BODY_TOO_LARGE` → `body_too_large`. */
const codeOf = (code: string | undefined): string | null =>
  code === undefined ? null : code.replace(/^FST_(?:ERR_)?(?:CTP_)?/, '').toLowerCase();
