import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the page as it was built: `index.html` and what it loads. From sources, too, it is the built one. */
export const studioPage = (): string => fileURLToPath(new URL('../dist/page', import.meta.url));

/** Whether the page is there: a repository's copy is built by `npm run build`, a published one is. */
export const isStudioBuilt = (): boolean => existsSync(join(studioPage(), 'index.html'));
