import { copyFile, link, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically, writeSafetensors, type SafetensorsSource } from '@lascaux/nn';
import { writeGraph } from '@lascaux/nn/onnx';
import type { ComponentGraph } from './component-kinds.js';
import { configText, type ConfigFile } from './config-file.js';

/** What the folders of a component are made of. */
interface Writing {
  /** Name of the file with the weights. */
  readonly weightsFile: string;
  readonly config: ConfigFile;
  readonly graphs: readonly ComponentGraph[];
  readonly tensors: Readonly<Record<string, SafetensorsSource>>;
}

/**
 * Writes the folders of a component, whose paths begin with `base`: one copy of the weights, which the folders of several graphs share by
 * hard links, where the file system has them.
 */
export async function writeFolders(base: string, { weightsFile, config, graphs, tensors }: Writing): Promise<void> {
  await mkdir(base, { recursive: true });
  await writeSafetensors(join(base, weightsFile), tensors, { format: 'pt' });
  // Python's libraries read the whole autoencoder from a folder of its own.
  if (graphs.every(({ suffix }) => suffix !== '')) await writeFileAtomically(join(base, 'config.json'), config.text);
  for (const { suffix, program, facts } of graphs) {
    const folder = base + suffix;
    await mkdir(folder, { recursive: true });
    if (suffix !== '') {
      const [from, to] = [join(base, weightsFile), join(folder, weightsFile)];
      await link(from, to).catch(() => copyFile(from, to));
    }
    await writeGraph(folder, { program, weightsFile });
    await writeFileAtomically(join(folder, 'config.json'), configText(config, facts));
  }
}
