import { UsageError } from './arguments.js';
import { commands } from './commands.js';

const HELP = `npm run classifier -- COMMAND [options]

train   learn the nouns of rendered pictures, never of painted ones
  --data DIR          imagefolder with a column noun               (data/scenes)
  --painter DIR       instead: the painter's drawings, from its atlas in DIR
  --network NAME      judge of these: convolutions or transformer  (convolutions)
  --out DIR           run folder; the classifier is put in model/  (runs/classifier)
  --images N          pictures to see                              (120000)
  --batch N --rate X --seed N --threads N --resume

paint   paint every noun with a model, in a folder for score
  --out DIR           folder to make
  --model DIR         model to judge                               (models/lascaux-mini)
  --data DIR          renders whose captions are used as prompts   (data/scenes)
  --per-noun N        pictures of each noun                        (2)
  --styles A,B        styles that take turns                       (all)
  --grounds A,B       grounds that take turns                      (all)
  --seed N            seed of the first picture                    (0)
  --steps N --guidance X --scheduler NAME   (the model's own)
  --overwrite         paint into a folder that holds pictures

score   how many pictures of a folder are recognised
  --images DIR        imagefolder with a column noun
  --classifier DIR    run folder                                   (runs/classifier)
  --threads N --json`;

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  if (name === '--help') return console.log(HELP);
  const command = name === undefined ? undefined : commands[name];
  if (!command)
    throw new UsageError(`classifier: must be one of ${Object.keys(commands).join(', ')}, got "${name ?? ''}"`);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('stopped')));
  await command({
    args,
    signal: stop.signal,
    result: (line) => console.log(line),
    note: (line) => console.error(line),
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  const isUsage = error instanceof UsageError || (error as { kind?: unknown } | undefined)?.kind === 'usage';
  process.exitCode = isUsage ? 2 : 1;
});
