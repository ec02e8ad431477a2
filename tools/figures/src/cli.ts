import { LascauxError } from '@lascaux/nn';
import { readArguments } from './arguments.js';
import { figures } from './figures.js';

const HELP = `npm run figures -- NAME [options]

vae       PSNR and the terms of the ELBO on held-out scenes
clip      retrieval accuracy among 100 held-out scenes, CLIP score
frechet   Fréchet distance of painted pictures and held-out renders in CLIP features
time      generate from process start to file, share outside ONNX Runtime (needs npm run build)

--model DIR   model folder                                 (models/lascaux-mini)
--data DIR    scenes with the splits train and test        (data/scenes)
--count N     scenes (vae, clip: all), pictures (frechet: 200), runs (time: 5)
--seed N      of noise, draws and pictures                 (0)
--json        one JSON object`;

/** Says how far it is, where somebody watches. */
function progress(done: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done}/${total}${done === total ? '\n' : ''}`);
}

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === '--help' || args[0] === '-h') return console.log(HELP);
  const { name, json, ...options } = readArguments(args);
  const figure = await figures[name]!({ ...options, onProgress: progress });
  console.log(
    json ? JSON.stringify({ figure: name, model: options.model, data: options.data, ...figure.json }) : figure.text,
  );
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof LascauxError && error.kind === 'usage' ? 2 : 1;
});
