import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { check } from '@lascaux/nn';

const cli = dirname(createRequire(import.meta.url).resolve('@lascaux/cli/package.json'));

/** `lascaux serve` in a process of its own, with the bundled model. */
export class ServerProcess {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** @throws LascauxError when it does not begin to listen */
  static async start(options: readonly string[]): Promise<ServerProcess> {
    const argv = [join(cli, 'bin', 'lascaux.js'), 'serve', '--port', '0', '--log-level', 'silent', ...options];
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
    const url = String(line).trim();
    check(url.startsWith('http'), { operation: 'lascaux serve', rule: 'must print its address', value: url });
    return new ServerProcess(url, child);
  }

  /** Asks for an image of 64×64 pixels and reads the whole answer. @returns the status */
  async paint(steps: number): Promise<number> {
    const reply = await fetch(`${this.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a cat', seed: 7, num_inference_steps: steps }),
    });
    await reply.arrayBuffer();
    return reply.status;
  }

  /** Resident bytes of the server, without the process that paints. */
  async memory(): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(/^lascaux_resident_bytes (\S+)$/m.exec(text)?.[1]);
  }

  async stop(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exit;
  }
}
