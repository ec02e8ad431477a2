/**
 * Maps in order with at most `limit` calls under way at once. After a failure no further call begins; it rejects with that
 * failure once the calls under way have ended.
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  map: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length && failures.length === 0; i = next++) results[i] = await map(items[i]!, i);
  };
  const guarded = async (): Promise<void> => worker().catch((error: unknown) => void failures.push(error));
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, guarded));
  if (failures.length > 0) throw failures[0];
  return results;
}
