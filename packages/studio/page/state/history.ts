import { signal } from '@preact/signals';
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Settings } from './settings.js';

/** A picture that was painted, and all it takes to paint it again. */
export interface Picture {
  readonly id: number;
  /** When it was painted, in milliseconds since 1970. */
  readonly created: number;
  readonly settings: Settings;
  readonly width: number;
  readonly height: number;
  /** A PNG with its settings inside. */
  readonly image: Blob;
  /** Whether it was painted from another picture, which is not kept. */
  readonly hasSource: boolean;
}

interface Schema extends DBSchema {
  pictures: { key: number; value: Omit<Picture, 'id'> & { id?: number } };
}

/** So many are kept in the browser; older ones make room. */
export const MOST_PICTURES = 500;

/** The pictures, the newest first. */
export const history = signal<readonly Picture[]>([]);
/** Whether they survive a reload: some browsers keep nothing for a page, in private windows for example. */
export const isKept = signal(true);

let database: Promise<IDBPDatabase<Schema> | undefined> | undefined;
const opened = (): Promise<IDBPDatabase<Schema> | undefined> =>
  (database ??= openDB<Schema>('lascaux-studio', 1, {
    upgrade: (fresh) => void fresh.createObjectStore('pictures', { keyPath: 'id', autoIncrement: true }),
  }).catch(() => {
    isKept.value = false;
    return undefined;
  }));

/** Shows what was kept. */
export async function restoreHistory(): Promise<void> {
  const kept = await (await opened())?.getAll('pictures');
  history.value = ((kept ?? []) as Picture[]).reverse();
}

/** Keeps a picture. */
export async function keep(picture: Omit<Picture, 'id'>): Promise<Picture> {
  const store = await opened();
  const id = await store?.add('pictures', picture).catch(() => {
    isKept.value = false;
    return undefined;
  });
  const kept = { ...picture, id: id ?? -1 - history.value.length };
  const [beyond, within] = [history.value.slice(MOST_PICTURES - 1), history.value.slice(0, MOST_PICTURES - 1)];
  history.value = [kept, ...within];
  await Promise.all(beyond.map(async (old) => store?.delete('pictures', old.id)));
  return kept;
}

/** Forgets a picture. */
export async function forget({ id }: Picture): Promise<void> {
  await (await opened())?.delete('pictures', id);
  history.value = history.value.filter((other) => other.id !== id);
}

/** Forgets them all. */
export async function forgetAll(): Promise<void> {
  await (await opened())?.clear('pictures');
  history.value = [];
}
