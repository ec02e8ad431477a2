import { spawn } from 'node:child_process';
import { cp, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import type { CodeBlock } from './code-blocks.js';

/** How a run ended. */
export interface Run {
  /** Exit code; null where the process had to be killed. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** A process that takes longer hangs. */
const LONGEST_MILLISECONDS = 90_000;

/** A project of somebody else, in a temporary folder: the packages as they are published, and the inputs of the examples. */
export class ExampleProject {
  private readonly helps = new Map<string, Promise<Run>>();

  private constructor(
    readonly folder: string,
    private readonly repository: string,
  ) {}

  /** @throws Error when the packages cannot be built or the inputs cannot be made */
  static async open(repository: string): Promise<ExampleProject> {
    const folder = await mkdtemp(join(tmpdir(), 'lascaux-readme-'));
    for (const name of ['node_modules', 'models'])
      await symlink(join(repository, name), join(folder, name), 'junction');
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await cp(join(repository, 'test', 'readme', 'inputs.mjs'), join(folder, 'inputs.mjs'));
    const project = new ExampleProject(folder, repository);
    await project.succeed(process.execPath, ['node_modules/typescript/bin/tsc', '--build'], repository);
    await project.succeed(process.execPath, ['inputs.mjs'], folder);
    return project;
  }

  /** The path of an example, once it is written. */
  async write(block: CodeBlock): Promise<string> {
    const path = join(this.folder, `${block.place.replace(/\W+/g, '-')}.ts`);
    await writeFile(path, block.text);
    return path;
  }

  /** What the compiler has against some files, under a way of resolving modules. */
  compile(paths: readonly string[], { module, moduleResolution }: ts.CompilerOptions): string[] {
    const target = ts.ScriptTarget.ES2022;
    const options = {
      module,
      moduleResolution,
      target,
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    };
    const host = ts.createCompilerHost(options);
    const program = ts.createProgram(paths, options, { ...host, getCurrentDirectory: () => this.folder });
    return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
      const line = file === undefined ? '' : `${file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1}: `;
      return line + ts.flattenDiagnosticMessageText(messageText, '\n');
    });
  }

  /** Runs an example to its exit. */
  run(path: string): Promise<Run> {
    const tsx = pathToFileURL(join(this.repository, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
    return this.spawn(process.execPath, ['--import', tsx, path], this.folder);
  }

  /** The help of a command, asked for once. */
  helpOf(names: readonly string[]): Promise<string> {
    const key = names.join(' ');
    const program = join(this.repository, 'packages', 'cli', 'bin', 'lascaux.js');
    const asked =
      this.helps.get(key) ?? this.spawn(process.execPath, [program, ...names.slice(1), '--help'], this.folder);
    this.helps.set(key, asked);
    return asked.then(({ output }) => output);
  }

  /** Runs a line of a POSIX shell, with the packages' programs at hand. */
  runLine(line: string): Promise<Run> {
    return this.spawn('sh', ['-c', line], this.folder);
  }

  private async succeed(command: string, argv: readonly string[], folder: string): Promise<void> {
    const { code, output, errors } = await this.spawn(command, argv, folder);
    if (code !== 0) throw new Error(`${argv.join(' ')}: ${output}${errors}`);
  }

  private spawn(command: string, argv: readonly string[], cwd: string): Promise<Run> {
    const PATH = `${join(this.repository, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`;
    const child = spawn(command, argv, { cwd, env: { ...process.env, PATH }, timeout: LONGEST_MILLISECONDS });
    const text = { output: '', errors: '' };
    child.stdout.on('data', (part: Buffer) => (text.output += part.toString()));
    child.stderr.on('data', (part: Buffer) => (text.errors += part.toString()));
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, ...text }));
    });
  }
}
