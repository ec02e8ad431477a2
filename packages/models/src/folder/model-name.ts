import { basename } from 'node:path';

/** What a model folder is called: its repository's name where it lies in the hub's cache, else its own. */
export function modelName(path: string): string {
  const inCache = /[/\\]models--([^/\\]+?)--([^/\\]+)[/\\](?:snapshots|lascaux)[/\\][0-9a-f]{40}(?:[/\\]|$)/;
  const [, owner, name] = inCache.exec(path) ?? [];
  return owner === undefined || name === undefined ? basename(path) : `${owner}/${name}`;
}
