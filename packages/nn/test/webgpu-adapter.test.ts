import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { availableDevices } from '@lascaux/nn/onnx';
import { expect, it } from 'vitest';

/** Opens a session of one node on a device, and prints how it was refused. */
const PROGRAM = `
  import { encodeModel, openSession } from '@lascaux/nn/onnx';
  const value = (name) => ({ name, dtype: 'float32', shape: [1] });
  const nodes = [{ type: 'Abs', inputs: ['x'], outputs: ['y'], attributes: {} }];
  const model = encodeModel({ nodes, initializers: [], inputs: [value('x')], outputs: [value('y')] });
  await openSession(model, { device: 'webgpu' }).catch((error) => console.log(error.kind, error.message));
  process.exit();
`;

// Only there can the drivers be hidden: the Vulkan loader is told to find none.
it.runIf(process.platform === 'linux' && availableDevices().includes('webgpu'))(
  'a machine without a GPU is told so in a line about the device',
  async () => {
    const flags = ['--conditions=@lascaux/source', '--import', 'tsx', '--input-type=module', '--eval', PROGRAM];
    const env = { ...process.env, VK_ICD_FILENAMES: '/dev/null', VK_DRIVER_FILES: '/dev/null' };
    const { stdout } = await promisify(execFile)(process.execPath, flags, { env });
    expect(stdout).toBe(
      'usage device: webgpu needs a GPU with a driver for Vulkan, Metal or Direct3D 12, and none was found, got "webgpu" ' +
        `(accepted: ${availableDevices()
          .filter((name) => name !== 'webgpu')
          .join(', ')})\n`,
    );
  },
);
