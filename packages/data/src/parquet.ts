import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { LascauxError, check, limits } from '@lascaux/nn';
import { checkRows } from './metadata-size.js';

/**
 * The rows of a Parquet file as objects, whole numbers as numbers.
 * @throws {LascauxError} naming the file when it is none, or too large
 */
export async function parquetRecords(path: string): Promise<Record<string, unknown>[]> {
  const file = await asyncBufferFromFile(path);
  const sizeRule = `may have ${limits.parquetBytes / 2 ** 20} MB`;
  check(file.byteLength <= limits.parquetBytes, { operation: path, rule: sizeRule, value: `${file.byteLength} bytes` });
  const broken = (cause: unknown): never => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LascauxError({ operation: path, rule: `must be a whole Parquet file (${reason})`, cause });
  };
  const metadata = await parquetMetadataAsync(file).catch(broken);
  checkRows(metadata.num_rows, path);
  checkRows(
    metadata.row_groups.reduce((sum, group) => sum + group.num_rows, 0n),
    path,
  );
  const rows = await parquetReadObjects({ file, metadata, compressors }).catch(broken);
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, plain(value)])));
}

/** 64-bit numbers as the numbers that JSON would have given, where they are exact. */
function plain(value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
