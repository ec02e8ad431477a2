import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Opens a session of one node, as any program would. */
const PROGRAM = `
  import { encodeModel, openSession } from '@lascaux/nn/onnx';
  const value = (name) => ({ name, dtype: 'float32', shape: [1] });
  const nodes = [{ type: 'Abs', inputs: ['x'], outputs: ['y'], attributes: {} }];
  const session = await openSession(encodeModel({ nodes, initializers: [], inputs: [value('x')], outputs: [value('y')] }));
  await session.release();
`;

it('ONNX Runtime leaves no trace of telemetry in the home folder or among temporary files', async () => {
  const home = await mkdtemp(join(tmpdir(), 'lascaux-home-'));
  try {
    const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...inherited } = process.env;
    const flags = ['--conditions=@lascaux/source', '--import', 'tsx', '--input-type=module', '--eval', PROGRAM];
    const env = { ...inherited, HOME: home, TMPDIR: home, TSX_DISABLE_CACHE: '1' };
    await promisify(execFile)(process.execPath, flags, { env });
    const left = await readdir(home, { recursive: true });
    expect(left.filter((name) => !name.startsWith('tsx'))).toEqual([]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
