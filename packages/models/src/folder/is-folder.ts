import { stat } from 'node:fs/promises';

/** Whether a folder lies there, also behind a link. */
export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
