import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** Most rows of a metadata file: what JavaScript holds in a few gigabytes. */
const LARGEST_ROWS = 10_000_000;
/** Most bytes of a metadata file, which names files and holds texts. */
const LARGEST_PARQUET_BYTES = 2 ** 31;

/** The rows of a Parquet file as objects, whole numbers as numbers. Throws naming the file when it is none, or too large. */
export async function parquetRecords(path: string): Promise<Record<string, unknown>[]> {
  const refused = (rule: string, got: number | bigint): Error => new Error(`metadata: ${rule}, got ${got} in ${path}`);
  const file = await asyncBufferFromFile(path);
  if (file.byteLength > LARGEST_PARQUET_BYTES)
    throw refused(`must have at most ${LARGEST_PARQUET_BYTES} bytes`, file.byteLength);
  const broken = (cause: unknown): never => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`metadata: must be a whole Parquet file, got ${path} (${reason})`, { cause });
  };
  const metadata = await parquetMetadataAsync(file).catch(broken);
  if (metadata.num_rows > LARGEST_ROWS) throw refused(`must have at most ${LARGEST_ROWS} rows`, metadata.num_rows);
  const rows = await parquetReadObjects({ file, metadata, compressors }).catch(broken);
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, plain(value)])));
}

/** 64-bit numbers as the numbers that JSON would have given, where they are exact. */
function plain(value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
