import { printable } from '@lascaux/nn';
import { Command, Option } from 'commander';
import type { ConvertResult } from '@lascaux/models/convert';
import type { Terminal } from './terminal.js';

interface ParsedFlags {
  out: string;
  dtype?: 'f32' | 'f16';
  variant?: string;
  base?: string;
  prediction?: 'epsilon' | 'v_prediction';
  json: boolean;
}

/** `convert PATH --out DIR`: a checkpoint of diffusers or in one file as a folder that runs here. */
export function convertCommand(terminal: Terminal): Command {
  return new Command('convert')
    .description(
      'turn a checkpoint, in diffusers’ layout or in one file, into a model folder that runs, without Python',
    )
    .argument(
      '<path>',
      'folder with model_index.json, one component of it (such as unet/), a model in one file (.safetensors, .ckpt), or taesd_decoder.pth',
    )
    .requiredOption('-o, --out <dir>', 'folder to make')
    .addOption(
      new Option(
        '--dtype <type>',
        'element type of the weights (default: as in the checkpoint; bfloat16 becomes f32)',
      ).choices(['f32', 'f16']),
    )
    .option('--variant <name>', 'which files to read where there are several, e.g. fp16 for model.fp16.safetensors')
    .option('--base <dir>', 'model folder that fills in what one file lacks: parts, tokenizers, configs')
    .addOption(
      new Option(
        '--prediction <type>',
        'what a model in one file predicts (default: as it says, or as its family does)',
      ).choices(['epsilon', 'v_prediction']),
    )
    .option('--json', 'print one JSON object', false)
    .action(async (model: string, { out, dtype, variant, base, prediction, json }: ParsedFlags) => {
      const { convertModel } = await import('@lascaux/models/convert');
      const { convertProgress } = await import('./convert-progress.js');
      const progress = convertProgress(terminal);
      const given = { model, out, variant, base, prediction };
      const options = { ...given, signal: terminal.signal, onProgress: progress.update };
      const type = dtype === undefined ? undefined : dtype === 'f16' ? 'F16' : 'F32';
      const result = await convertModel({ ...options, dtype: type }).finally(progress.stop);
      if (json) terminal.result(JSON.stringify(result));
      else for (const line of describe(result)) terminal.result(line);
    });
}

function describe({ out, family, components, left }: ConvertResult): readonly string[] {
  const lines = Object.entries(components).map(
    ([name, { className, dtype, parameters }]) =>
      `${name}: ${className}, ${(parameters / 1e6).toFixed(2)} million parameters, ${dtype.toLowerCase()}`,
  );
  const known = family === undefined ? [] : [family];
  return [...known, ...lines, ...(left.length === 0 ? [] : [`left out: ${left.map(printable).join(', ')}`]), out];
}
