import { join } from 'node:path';
import type { Network } from '@lascaux/diffusion';
import { check } from '@lascaux/nn';
import { openSession } from '@lascaux/nn/onnx';
import { feedTensor, findValue, readFloats, runForFloats, type ValueMetadata } from '@lascaux/vae';
import type { InferenceSession, Tensor } from 'onnxruntime-common';

/** What a denoiser's graph is told for a whole run. */
export interface DenoiserBinding {
  /** [B, tokens, channels] as float32: one embedding for each image of the batch. */
  readonly embedding: Tensor;
  /** [C, h, w] of what the network sees of one image: the latent, and further channels for inpainting networks. */
  readonly inputShape: readonly [number, number, number];
}

/** The denoiser's network, ready to be bound to a prompt and a size. */
export interface DenoiserSession {
  /** The network as the samplers call it: input [B, C, h, w] and timestep → output of one latent an image. */
  readonly bind: (binding: DenoiserBinding) => Network<Float32Array>;
  /** Height and width of the latent where the graph fixes them; undefined where any will do. */
  readonly fixedSize: { readonly height: number | undefined; readonly width: number | undefined };
  /** Channels of the input as the graph declares them; undefined where it leaves them free. */
  readonly inputChannels: number | undefined;
  readonly dispose: () => Promise<void>;
}

/** The part of ONNX Runtime's session that is used; tests pass their own. */
export type GraphSession = Pick<InferenceSession, 'inputMetadata' | 'outputMetadata' | 'run' | 'release'>;

/**
 * Loads `unet/` or `transformer/` of a model folder.
 * @throws LascauxError naming the file that is missing or truncated, or inputs that are not known.
 */
export async function loadDenoiser(folder: string, device: string): Promise<DenoiserSession> {
  return denoiserFromSession(await openSession(join(folder, 'model.onnx'), { device }), folder);
}

/**
 * Reads from a session's declared inputs how it wants to be called. Exports of different years differ in type and rank
 * of the timestep and in float width; the declaration decides, never the model's name.
 */
export function denoiserFromSession(session: GraphSession, folder: string): DenoiserSession {
  const { inputMetadata: inputs, outputMetadata: outputs } = session;
  const sample = findValue(inputs, ['sample', 'hidden_states'], folder);
  const timestep = findValue(inputs, ['timestep'], folder);
  const conditioning = findValue(inputs, ['encoder_hidden_states'], folder);
  const output = findValue(outputs, ['out_sample', 'out_hidden_states', 'sample', 'noise_pred'], folder);
  checkInputs(inputs, { known: [sample, timestep, conditioning], folder });

  function bind({ embedding, inputShape }: DenoiserBinding): Network<Float32Array> {
    const batch = embedding.dims[0] ?? 1;
    const conditioningTensor = feedTensor(conditioning, readFloats(embedding), embedding.dims);
    return (input, t) => {
      const feeds = {
        [sample.name]: feedTensor(sample, input, [batch, ...inputShape]),
        [timestep.name]: timestepTensor(t, timestep, { batch, batchAxis: axisOf(sample, 0) }),
        [conditioning.name]: conditioningTensor,
      };
      return runForFloats(session, { feeds, output: output.name, part: folder });
    };
  }

  const fixed = (axis: number): number | undefined => {
    const size = axisOf(sample, axis);
    return typeof size === 'number' && size > 0 ? size : undefined;
  };
  return {
    bind,
    inputChannels: fixed(1),
    fixedSize: { height: fixed(2), width: fixed(3) },
    dispose: () => session.release(),
  };
}

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

function checkInputs(inputs: readonly ValueMetadata[], facts: { known: ValueMetadata[]; folder: string }): void {
  const unknown = inputs.filter((input) => !facts.known.includes(input) && input.name !== 'return_dict');
  check(unknown.length === 0, () => ({
    operation: facts.folder,
    rule: 'the graph needs inputs that text-to-image does not give it yet',
    value: unknown.map((input) => input.name).join(', '),
    accepted: facts.known.map((input) => input.name),
  }));
}
