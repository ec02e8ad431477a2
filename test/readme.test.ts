import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readmeBlocks, type CodeBlock } from './readme/code-blocks.js';
import { ExampleProject } from './readme/project.js';

const repository = fileURLToPath(new URL('..', import.meta.url));
const blocks = readmeBlocks(repository);
const examples = blocks.filter(({ language }) => language === 'ts');
/** Commands of the shell's blocks, without their remarks. */
const lines = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.split('\n').flatMap((line) => line.split('&& ')))
  .map((line) => line.replace(/\s+#.*/, '').trim())
  .filter((line) => line.startsWith('npx lascaux '));
/** What needs a network, another model, a download, a GPU or hours, or never ends; its options are checked against the help. */
const isElsewhere = (line: string): boolean =>
  /owner\/name|path\/to|models\/mine|taesd|runs\/|evaluate (fid|prc|nll)|cuda|lascaux (serve|mcp)/.test(line);

const UNDISPOSED = `
import { openImageModel } from '@lascaux/evaluator';
import { findModel } from '@lascaux/models';
import { TextToImagePipeline } from '@lascaux/pipeline';

await TextToImagePipeline.fromPretrained();
const extractor = await openImageModel({ model: \`\${findModel()}/image_encoder/model.onnx\`, name: 'clip' });
const batch = { pixels: new Uint8Array(3 * 64 * 64), count: 1, width: 64, height: 64 };
console.log((await extractor.extract(batch)).length);
`;

let project: ExampleProject;
const paths = new Map<CodeBlock, string>();
beforeAll(async () => {
  project = await ExampleProject.open(repository);
  for (const example of examples) paths.set(example, await project.write(example));
}, 300_000);
afterAll(() => rm(project.folder, { recursive: true, force: true }));

describe('examples of the READMEs', () => {
  it.each([
    ['nodenext', { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext }],
    ['bundler', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
  ])(
    'compile strictly under %s',
    (_, options) => {
      expect(project.compile([...paths.values()], options)).toEqual([]);
    },
    120_000,
  );

  it.each(examples.filter(({ isCompiledOnly }) => !isCompiledOnly))(
    '$place runs to its end',
    async (example) => {
      const { code, output, errors } = await project.run(paths.get(example)!);
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      expect(output).not.toMatch(/undefined|NaN|\[object/);
    },
    120_000,
  );
});

it('a process ends though nobody disposed of what it opened', async () => {
  const path = await project.write({ place: 'undisposed', language: 'ts', isCompiledOnly: false, text: UNDISPOSED });
  expect(await project.run(path)).toEqual({ code: 0, output: '128\n', errors: '' });
}, 120_000);

describe('commands of the READMEs', () => {
  it.each([...new Set(lines)])(
    '%s has options that there are',
    async (line) => {
      const words = line.split(' ').slice(1);
      const names = words[1] === 'train' || words[1] === 'evaluate' ? words.slice(0, 3) : words.slice(0, 2);
      const output = await project.helpOf(names);
      const options = words.filter((word) => /^--?[a-z]/.test(word));
      expect(options.filter((option) => !new RegExp(`[ ]${option}[ ,]`).test(output))).toEqual([]);
    },
    60_000,
  );

  it.skipIf(process.platform === 'win32')(
    'that paint and show do so, in their order',
    async () => {
      for (const line of lines.filter((command) => !isElsewhere(command))) {
        const { code, errors } = await project.runLine(line.replace('npx ', ''));
        expect({ line, code, errors: errors.replaceAll(/^note: .*\n/gm, '') }).toEqual({ line, code: 0, errors: '' });
      }
    },
    120_000,
  );
});
