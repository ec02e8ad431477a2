import { existsSync, readdirSync } from 'node:fs';

const nvidiaDevices = ['/dev/nvidiactl', '/dev/dxg'];

function hasRenderNode(): boolean {
  try {
    return readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
  } catch {
    return false;
  }
}

/**
 * Whether hardware for a kind of GPU device seems to be there; outside Linux it may always be. Asking the drivers themselves would put
 * their complaints on the terminal of everybody who has no GPU.
 */
export function mayHaveGpu(kind: 'cuda' | 'webgpu', platform: string = process.platform): boolean {
  if (platform === 'darwin') return kind === 'webgpu';
  if (platform !== 'linux' || nvidiaDevices.some((path) => existsSync(path))) return true;
  // These name a Vulkan driver by hand.
  const named = process.env.VK_ICD_FILENAMES ?? process.env.VK_DRIVER_FILES;
  return kind === 'webgpu' && (named !== undefined || hasRenderNode());
}
