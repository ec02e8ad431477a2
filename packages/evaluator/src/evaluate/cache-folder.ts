import { homedir } from 'node:os';
import { join } from 'node:path';

/** The user's cache folder for this project: `LASCAUX_CACHE`, else the system's usual place. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (environment.LASCAUX_CACHE) return environment.LASCAUX_CACHE;
  if (platform === 'win32') return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'lascaux');
  const usual = platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
  return join(environment.XDG_CACHE_HOME ?? usual, 'lascaux');
}
