import { z } from 'zod';
import { generateOptions } from './generate-option-table.js';

/** A JSON Schema (draft 2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The options of `generate` as the JSON Schema of an object, for requests: each with its help and its default where it has a fixed one. Images and
 * masks are left out, since JSON has no bytes.
 */
export function generateOptionsSchema(): JsonSchema {
  const properties = generateOptions.flatMap(([name, row]) => {
    if (row.isBytes) return [];
    const { $schema: _, ...schema } = z.toJSONSchema(row.schema);
    const usual = typeof row.default === 'function' ? undefined : row.default;
    return [[name, { ...schema, description: row.help, ...(usual === undefined ? {} : { default: usual }) }] as const];
  });
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: ['prompt'],
    additionalProperties: false,
  };
}
