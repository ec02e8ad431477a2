import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noiseFromStreams, parseSchedulerConfig, schedulerFromConfig, type Scheduler } from '@lascaux/diffusion';
import { openModelFolder } from '@lascaux/models';
import { randomStream } from '@lascaux/nn';
import { loadTokenizer } from '@lascaux/text-encoder';
import { loadVaeDecoder } from '@lascaux/vae';
import type { Target } from './target.js';

const bundled = fileURLToPath(new URL('../../../../models/lascaux-mini', import.meta.url));

const TOKENIZER = ['vocab.json', 'merges.txt', 'tokenizer_config.json', 'special_tokens_map.json'];
const CONFIGS = [
  ...['model_index.json', 'scheduler/scheduler_config.json', 'transformer/config.json', 'vae_decoder/config.json'],
  ...['text_encoder/config.json', ...TOKENIZER.map((name) => `tokenizer/${name}`)],
];
/** Named, not copied: nothing reads more of them than their names. */
const GRAPHS = ['text_encoder', 'transformer', 'vae_decoder', 'vae_encoder'].map((part) => `${part}/model.onnx`);

async function place(folder: string, names: readonly string[], how: typeof cp | typeof symlink): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await how(join(bundled, name), join(folder, name));
  }
}

/** A network that knows the data: all ones. */
async function sampleOnes(scheduler: Scheduler): Promise<Float64Array> {
  const noiseSource = noiseFromStreams([randomStream(1)]);
  const plan = scheduler.plan({ steps: 4 });
  const start = Float64Array.from(noiseSource(8), (value) => value * plan.initialNoiseScale);
  const network = async (x: Float64Array): Promise<Float64Array> => Promise.resolve(x.map(() => 1));
  return scheduler.sample(scheduler.denoiser(network), start, { plan, noiseSource });
}

const modelFolder: Target = {
  async prepare(folder) {
    await place(folder, CONFIGS, cp);
    await place(folder, GRAPHS, symlink);
  },
  files: CONFIGS,
  async read(folder) {
    const model = await openModelFolder(folder);
    schedulerFromConfig(model.schedulerConfig).plan({ steps: 4 });
    return (await loadTokenizer(join(folder, 'tokenizer'))).encode('a cat').ids;
  },
};

const scheduler = (className: string): Target => ({
  prepare: (folder) =>
    writeFile(
      join(folder, 'scheduler_config.json'),
      JSON.stringify({
        _class_name: className,
        num_train_timesteps: 1000,
        beta_start: 0.00085,
        beta_end: 0.012,
        beta_schedule: 'scaled_linear',
        prediction_type: 'epsilon',
        steps_offset: 1,
        timestep_spacing: 'leading',
        skip_prk_steps: true,
        use_karras_sigmas: false,
        trained_betas: null,
      }),
    ),
  async read(folder) {
    const text = await readFile(join(folder, 'scheduler_config.json'), 'utf8');
    return sampleOnes(schedulerFromConfig(parseSchedulerConfig(text)));
  },
});

const tokenizer: Target = {
  prepare: (folder) =>
    place(
      folder,
      TOKENIZER.map((name) => `tokenizer/${name}`),
      cp,
    ),
  read: async (folder) => (await loadTokenizer(join(folder, 'tokenizer'))).encode('a red cat, two dogs').ids,
};

const graph: Target = {
  prepare: (folder) =>
    place(
      folder,
      ['config.json', 'model.onnx', 'diffusion_pytorch_model.safetensors'].map((name) => `vae_decoder/${name}`),
      cp,
    ),
  files: ['vae_decoder/model.onnx'],
  async read(folder) {
    const decoder = await loadVaeDecoder(join(folder, 'vae_decoder'));
    await decoder.dispose();
  },
};

const classes = [
  'DDIMScheduler',
  'DDPMScheduler',
  'PNDMScheduler',
  'EulerDiscreteScheduler',
  'DPMSolverMultistepScheduler',
];
const moreClasses = [
  'UniPCMultistepScheduler',
  'HeunDiscreteScheduler',
  'LCMScheduler',
  'EulerAncestralDiscreteScheduler',
];

/** What a model's folder holds. */
export const modelTargets: Readonly<Record<string, Target>> = {
  'model-folder': modelFolder,
  tokenizer,
  onnx: graph,
  ...Object.fromEntries([...classes, ...moreClasses].map((name) => [`scheduler-${name}`, scheduler(name)])),
};
