import multipart from '@fastify/multipart';
import { check, LascauxError } from '@lascaux/nn';
import { numberFrom } from '@lascaux/pipeline/options';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';

/** Parts that one form may have. */
const MOST = { files: 17, fields: 64, fieldSize: 2 ** 18 };

/** Lets an application read `multipart/form-data`, as far as a form's bytes are allowed. */
export async function acceptForms(app: FastifyInstance, bodyBytes: number): Promise<void> {
  await app.register(multipart, { limits: { ...MOST, fileSize: bodyBytes } });
}

/** How the fields of a form are read, which are all text. */
export interface FormFields {
  readonly numbers: readonly string[];
  readonly booleans: readonly string[];
  /** Fields of files, of which there may be several: always a list. */
  readonly lists: readonly string[];
}

/**
 * A form as an object, for a schema to check: files as bytes, `image[]` as `image`.
 * @throws LascauxError (usage) when its files have more bytes than allowed together, or it is none, or broken
 */
export async function readForm(
  request: FastifyRequest,
  fields: FormFields,
  bodyBytes: number,
): Promise<Record<string, unknown>> {
  check(request.isMultipart(), { operation: 'body', rule: 'must be multipart/form-data', kind: 'usage' });
  try {
    return await formOf(request, fields, bodyBytes);
  } catch (error) {
    if (error instanceof LascauxError || (error as Partial<FastifyError>).statusCode !== undefined) throw error;
    throw new LascauxError({ operation: 'body', rule: 'must be a whole form', kind: 'usage', cause: error });
  }
}

async function formOf(
  request: FastifyRequest,
  { numbers, booleans, lists }: FormFields,
  bodyBytes: number,
): Promise<Record<string, unknown>> {
  const form: Record<string, unknown> = {};
  let bytes = 0;
  for await (const part of request.parts()) {
    const name = part.fieldname.replace(/\[\d*\]$/, '');
    const value = part.type === 'file' ? new Uint8Array(await part.toBuffer()) : String(part.value);
    bytes += value.length;
    check(bytes <= bodyBytes, { operation: 'body', rule: `may have ${bodyBytes} bytes`, kind: 'usage' });
    if (lists.includes(name)) form[name] = [...((form[name] as unknown[] | undefined) ?? []), value];
    else form[name] = typeof value === 'string' ? fieldValue(value, { name, numbers, booleans }) : value;
  }
  return form;
}

function fieldValue(
  text: string,
  { name, numbers, booleans }: Pick<FormFields, 'numbers' | 'booleans'> & { name: string },
): unknown {
  if (numbers.includes(name)) return text === '' ? undefined : numberFrom(text);
  if (booleans.includes(name) && /^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text;
}
