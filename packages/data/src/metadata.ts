import { stat } from 'node:fs/promises';
import { isAbsolute, join, win32 } from 'node:path';
import { LascauxError, check, isRecord, limits, parseLooseJson } from '@lascaux/nn';
import { parse } from 'csv-parse/sync';
import { checkRows, checkValues } from './metadata-size.js';
import { parquetRecords } from './parquet.js';
import { readText } from './text.js';

/** A row of a metadata file: the picture's path relative to that file, and the other columns. */
export interface MetadataRow {
  readonly fileName: string;
  readonly columns: Readonly<Record<string, unknown>>;
}

/** The metadata files that are read, in order of preference. */
export const METADATA_FILES: readonly string[] = ['metadata.jsonl', 'metadata.csv', 'metadata.parquet'];

/**
 * Reads a `metadata.jsonl`, `.csv` or `.parquet` of an imagefolder (Hugging Face datasets' convention: a column `file_name`).
 * Throws, naming file and line, on broken JSON or CSV, another encoding, a missing `file_name`, and a path that leaves the folder.
 * Why: docs/decisions/0011.
 */
export async function readMetadata(folder: string, name: string): Promise<MetadataRow[]> {
  const path = join(folder, name);
  const { size } = await stat(path);
  const rule = `may have ${limits.metadataBytes / 2 ** 20} MB; put larger sets into WebDataset archives`;
  check(name.endsWith('.parquet') || size <= limits.metadataBytes, { operation: path, rule, value: `${size} bytes` });
  const records = await recordsOf(path);
  return records.map(({ line, record }) => row(record, `${path}:${line}`));
}

interface NumberedRecord {
  readonly line: number;
  readonly record: Record<string, unknown>;
}

async function recordsOf(path: string): Promise<NumberedRecord[]> {
  if (path.endsWith('.parquet')) return (await parquetRecords(path)).map((record, i) => ({ line: i + 1, record }));
  const text = await readText(path, limits.metadataBytes);
  checkValues(text, path);
  return path.endsWith('.csv') ? csvRecords(text, path) : jsonRecords(text, path);
}

function jsonRecords(text: string, path: string): NumberedRecord[] {
  return text.split('\n').flatMap((content, i) => {
    if (content.trim() === '') return [];
    const line = i + 1;
    let value: unknown;
    try {
      value = parseLooseJson(content);
    } catch (cause) {
      const reason = cause instanceof LascauxError ? cause.rule : String(cause);
      throw new LascauxError({
        operation: 'metadata',
        rule: `each line must be a JSON object, got "${content.slice(0, 60)}" at ${path}:${line} (${reason})`,
        cause,
      });
    }
    if (!isRecord(value))
      throw new LascauxError({
        operation: 'metadata',
        rule: `each line must be a JSON object, got ${typeof value} at ${path}:${line}`,
      });
    return [{ line, record: value }];
  });
}

function csvRecords(text: string, path: string): NumberedRecord[] {
  let rows: { info: { lines: number }; record: Record<string, unknown> }[];
  try {
    rows = parse(text, { columns: true, info: true, skip_empty_lines: true, to: limits.metadataRows + 1 });
  } catch (error) {
    throw new LascauxError({
      operation: 'metadata',
      rule: `must be CSV with a header, got ${path} (${(error as Error).message})`,
      cause: error,
    });
  }
  checkRows(rows.length, path);
  return rows.map(({ info, record }) => ({ line: info.lines, record }));
}

function row(record: Record<string, unknown>, where: string): MetadataRow {
  const { file_name: fileName, ...columns } = record;
  if (typeof fileName !== 'string' || fileName === '') {
    const got = Object.keys(record).join(', ') || 'no column';
    throw new LascauxError({
      operation: 'metadata',
      rule: `each row must have a text column file_name, got ${got} at ${where}`,
    });
  }
  return { fileName: insidePath(fileName, where), columns };
}

/** The path with forward slashes; throws when it is absolute, a URL, or could leave its folder. */
export function insidePath(path: string, where: string): string {
  const plain = path.replaceAll('\\', '/');
  const leaves = plain.split('/').includes('..');
  if (
    leaves ||
    isAbsolute(plain) ||
    win32.isAbsolute(path) ||
    /^[a-z]:/i.test(path) ||
    path.includes('://') ||
    path.includes('\0')
  ) {
    throw new LascauxError({
      operation: 'metadata',
      rule: `file_name must be a relative path inside the folder, got ${JSON.stringify(path)} at ${where}`,
    });
  }
  return plain.replace(/^(\.\/)+/, '');
}
