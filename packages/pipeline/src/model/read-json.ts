import { LascauxError, readTextFile } from '@lascaux/nn';
import { ZodError } from 'zod';

/** Configuration files are a few kilobytes; one that is larger is not one. */
export const LARGEST_JSON = 4 * 1024 * 1024;

/**
 * Reads a JSON file through a parser, usually a schema's; undefined when the file does not exist.
 * @throws LascauxError that names the file when it cannot be read, is not JSON, or the parser refuses it.
 */
export async function readJson<T>(path: string, parse: (json: unknown) => T): Promise<T | undefined> {
  const text = await readTextFile(path, LARGEST_JSON);
  if (text === undefined) return undefined;
  try {
    return parse(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof LascauxError) throw cause;
    const rule = cause instanceof SyntaxError ? 'must be valid JSON' : 'must have the expected keys';
    throw badFile(rule, { path, problem: describe(cause), cause });
  }
}

function describe(error: unknown): string {
  if (error instanceof ZodError) {
    return error.issues.map((issue) => `${issue.path.join('.') || 'root'}: ${issue.message}`).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}

function badFile(rule: string, facts: { path: string; problem: string; cause?: unknown }): LascauxError {
  const { path, problem, cause } = facts;
  return new LascauxError({ operation: path, rule, value: problem, kind: 'failure', cause });
}
