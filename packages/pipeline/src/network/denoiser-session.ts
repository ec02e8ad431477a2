import type { Network } from '@lascaux/diffusion';
import { check } from '@lascaux/nn';
import { feedTensor, findValue, readFloats, runForFloats, type GraphSession, type ValueMetadata } from '@lascaux/vae';
import type { Tensor } from 'onnxruntime-common';

/** What a denoiser's graph is told for a whole run. */
export interface DenoiserBinding {
  /** Images in a batch. */
  readonly batch: number;
  /** The inputs besides latent and timestep, by name, as float32; those that the graph does not declare are left out. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** What the network sees of one image: [C, h, w] of the latent, and further channels for inpainting networks, or packed tokens. */
  readonly inputShape: readonly number[];
}

/** The denoiser's network, ready to be bound to a prompt and a size. */
export interface DenoiserSession {
  /** The network as the samplers call it: input of the bound shape for each image, and timestep → output of one latent an image. */
  readonly bind: (binding: DenoiserBinding) => Network<Float32Array>;
  /** Height and width of the latent where the graph fixes them; undefined where any will do. */
  readonly fixedSize: { readonly height: number | undefined; readonly width: number | undefined };
  /** Channels of the input as the graph declares them; undefined where it leaves them free. */
  readonly inputChannels: number | undefined;
  /** The declared shape of an input; undefined where there is no such input. */
  readonly shapeOf: (name: string) => readonly (number | string)[] | undefined;
  readonly dispose: () => Promise<void>;
}

/**
 * Reads from a session's declared inputs how it wants to be called. Exports of different years differ in type and rank
 * of the timestep and in float width; the declaration decides, never the model's name.
 * @param known names of the inputs that will be bound
 * @throws LascauxError naming inputs that nobody will fill, or one that is needed and missing.
 */
export function denoiserFromSession(
  session: GraphSession,
  folder: string,
  known: readonly string[] = ['encoder_hidden_states'],
): DenoiserSession {
  const { inputMetadata: inputs, outputMetadata: outputs } = session;
  const sample = findValue(inputs, ['sample', 'hidden_states'], folder);
  const timestep = findValue(inputs, ['timestep'], folder);
  findValue(inputs, ['encoder_hidden_states'], folder);
  const output = findValue(outputs, ['out_sample', 'out_hidden_states', 'sample', 'noise_pred'], folder);
  const others = inputs.filter((input) => input !== sample && input !== timestep && input.name !== 'return_dict');
  checkInputs(others, { known, folder });

  function bind({ batch, inputs: values, inputShape }: DenoiserBinding): Network<Float32Array> {
    const bound = others.map((input) => {
      const value = values[input.name];
      return { name: input.name, tensor: asDeclared(input, { value, batch, folder }) };
    });
    const dims = [batch, ...inputShape];
    const batchAxis = axisOf(sample, 0);
    return (input, t) => {
      // Filled one by one: spreading an object of names that only run time knows takes longer than a move of the sampler.
      const feeds: Record<string, Tensor> = {};
      for (const { name, tensor } of bound) feeds[name] = tensor;
      feeds[sample.name] = feedTensor(sample, input, dims);
      feeds[timestep.name] = timestepTensor(t, timestep, { batch, batchAxis });
      return runForFloats(session, { feeds, output: output.name, part: folder });
    };
  }

  const fixed = (axis: number): number | undefined => {
    const size = axisOf(sample, axis);
    return typeof size === 'number' && size > 0 ? size : undefined;
  };
  return {
    bind,
    shapeOf: (name) => {
      const input = inputs.find((candidate) => candidate.name === name);
      return input?.isTensor === true ? input.shape : undefined;
    },
    // Packed tokens [B, tokens, channels] have their channels last and no sides.
    inputChannels: fixed(rankOf(sample) === 3 ? 2 : 1),
    fixedSize: rankOf(sample) === 3 ? { height: undefined, width: undefined } : { height: fixed(2), width: fixed(3) },
    dispose: () => session.release(),
  };
}

const rankOf = (value: ValueMetadata): number | undefined => (value.isTensor ? value.shape.length : undefined);

const axisOf = (value: ValueMetadata, axis: number): number | string | undefined =>
  value.isTensor ? value.shape[axis] : undefined;

/**
 * The timestep at the declared rank: a scalar, or a list. A list whose axis is the batch's gets one entry an image, any
 * other list a single entry, which the graph spreads over the batch.
 */
function timestepTensor(
  t: number,
  metadata: ValueMetadata,
  { batch, batchAxis }: { batch: number; batchAxis: number | string | undefined },
): Tensor {
  const axis = axisOf(metadata, 0);
  if (axis === undefined) return feedTensor(metadata, Float32Array.of(t), []);
  const length = typeof axis === 'number' && axis > 0 ? axis : axis === batchAxis ? batch : 1;
  return feedTensor(metadata, new Float32Array(length).fill(t), [length]);
}

/**
 * A bound value at the declared type. An input declared with one more axis than the value gets a row for each image, as
 * exports of some years want the places of Flux's tokens.
 */
function asDeclared(
  input: ValueMetadata,
  { value, batch, folder }: { value: Tensor | undefined; batch: number; folder: string },
): Tensor {
  check(value !== undefined, {
    operation: folder,
    rule: 'an input of the graph was given no value',
    value: input.name,
  });
  const floats = readFloats(value);
  if (rankOf(input) !== value.dims.length + 1) return feedTensor(input, floats, value.dims);
  const rows = new Float32Array(batch * floats.length);
  for (let k = 0; k < batch; k++) rows.set(floats, k * floats.length);
  return feedTensor(input, rows, [batch, ...value.dims]);
}

function checkInputs(inputs: readonly ValueMetadata[], facts: { known: readonly string[]; folder: string }): void {
  const unknown = inputs.filter((input) => !facts.known.includes(input.name));
  check(unknown.length === 0, () => ({
    operation: facts.folder,
    rule: 'the graph needs inputs that this family of models does not give it',
    value: unknown.map((input) => input.name).join(', '),
    accepted: facts.known,
  }));
}
