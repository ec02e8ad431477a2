import type { TensorData } from '../tensor-data.js';
import { check } from '../errors.js';
import type { DType, Dim, Shape } from '../program/shape.js';
import type { Attribute, OnnxGraph, OnnxInitializer, OnnxNode, OnnxValueInfo } from './model.js';

/** A tensor of the graph under construction: its name, and the shape and dtype that the program says it has. */
export interface GraphTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

const arrays: Readonly<Record<DType, (values: readonly number[]) => TensorData>> = {
  float32: (values) => Float32Array.from(values),
  float16: () => {
    throw new TypeError('float16 literals are not needed: cast a float32 one');
  },
  int32: (values) => Int32Array.from(values),
  int64: (values) => BigInt64Array.from(values, BigInt),
};

/** Attributes, domain and result of a node. */
export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Number of results; default 1. */
  readonly outputs?: number;
  /** Operator set; default ONNX's own. */
  readonly domain?: string;
}

/** For which machine a graph is written. */
export interface GraphTarget {
  /** Channels that lie together in the runtime's own layout for convolutions; 1 (the default) where that layout is not to be used. */
  readonly channelBlock?: number;
  /** Attention as one node of the runtime's own operator set, for graphs that are only run; default false, since a gradient needs its weights. */
  readonly fusesAttention?: boolean;
}

/** Collects nodes and constants; equal nodes are made once. */
export class GraphBuilder {
  /** See `GraphTarget`. */
  readonly channelBlock: number;
  /** See `GraphTarget`. */
  readonly fusesAttention: boolean;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxInitializer[] = [];
  readonly #known = new Map<string, readonly string[]>();
  readonly #producers = new Map<string, OnnxNode>();
  readonly #scalars = new Map<string, number>();
  /** For every named axis, a tensor and axis where its size can be read when the graph runs. */
  readonly #witnesses = new Map<string, { readonly name: string; readonly axis: number }>();
  #count = 0;

  constructor({ channelBlock = 1, fusesAttention = false }: GraphTarget = {}) {
    this.channelBlock = channelBlock;
    this.fusesAttention = fusesAttention;
  }

  /** Adds a node with `outputs` results and returns their names. */
  nodes(
    type: string,
    inputs: readonly string[],
    { attributes = {}, outputs = 1, domain }: NodeOptions = {},
  ): readonly string[] {
    const key = `${domain ?? ''}|${type}|${inputs.join()}|${JSON.stringify(attributes)}|${outputs}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const names = Array.from({ length: outputs }, () => `v${this.#count++}`);
    const node = { type, domain, inputs, outputs: names, attributes };
    this.#nodes.push(node);
    for (const name of names) this.#producers.set(name, node);
    this.#known.set(key, names);
    return names;
  }

  /** Adds a node with one result. */
  node(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.nodes(type, inputs, { attributes })[0] as string;
  }

  /** The node that makes a tensor; undefined for inputs and constants. */
  producer(name: string): OnnxNode | undefined {
    return this.#producers.get(name);
  }

  /** The nodes that the outputs need. */
  #needed(outputs: readonly string[]): readonly OnnxNode[] {
    const wanted = new Set(outputs);
    const kept: OnnxNode[] = [];
    for (const node of [...this.#nodes].reverse()) {
      if (!node.outputs.some((name) => wanted.has(name))) continue;
      kept.push(node);
      for (const name of node.inputs) wanted.add(name);
    }
    return kept.reverse();
  }

  /** A literal tensor; a scalar unless `shape` is given. */
  literal(values: readonly number[], dtype: DType, shape: readonly number[] = []): string {
    const key = `literal|${dtype}|${shape.join()}|${values.join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known[0] as string;
    const name = `c${this.#count++}`;
    this.#initializers.push({ name, dtype, shape, source: { data: arrays[dtype](values) } });
    this.#known.set(key, [name]);
    if (shape.length === 0 && values.length === 1) this.#scalars.set(name, values[0] as number);
    return name;
  }

  /** The value of a literal scalar; undefined for all other tensors. */
  scalar(name: string): number | undefined {
    return this.#scalars.get(name);
  }

  /** A list of integers, as Reshape, Slice and the like want it. */
  integers(...values: readonly number[]): string {
    return this.literal(values, 'int64', [values.length]);
  }

  /** Adds a stored constant such as a weight. */
  initializer(initializer: OnnxInitializer): void {
    this.#initializers.push(initializer);
  }

  /** Remembers where named axes can be read. */
  witness({ name, shape }: GraphTensor): void {
    shape.forEach((dim, axis) => {
      if (typeof dim === 'string' && !this.#witnesses.has(dim)) this.#witnesses.set(dim, { name, axis });
    });
  }

  /** One size as a list of length 1, read at run time when it is named. */
  #size(dim: Dim): string {
    if (typeof dim === 'number') return this.integers(dim);
    const witness = this.#witnesses.get(dim);
    check(witness !== undefined, {
      operation: 'onnx',
      rule: 'a named axis must occur in an earlier tensor',
      value: dim,
    });
    return this.node('Gather', [this.node('Shape', [witness.name]), this.integers(witness.axis)], { axis: 0 });
  }

  /** The target of a Reshape of `from`: literal where possible (0 keeps an axis, −1 is what remains), else put together at run time. */
  reshapeTarget(from: Shape, to: Shape): string {
    const dims = to.map((dim, i) => (typeof dim === 'string' && dim === from[i] ? 0 : dim));
    const named = dims.filter((dim) => typeof dim === 'string');
    if (named.length <= 1) return this.integers(...dims.map((dim) => (typeof dim === 'string' ? -1 : dim)));
    return this.node(
      'Concat',
      to.map((dim) => this.#size(dim)),
      { axis: 0 },
    );
  }

  /** The target of an Expand of `from`. */
  expandTarget(from: Shape, to: Shape): string {
    const offset = to.length - from.length;
    const dims = to.map((dim, i) => (dim === from[i - offset] ? 1 : dim));
    if (dims.every((dim) => typeof dim === 'number')) return this.integers(...dims);
    return this.node(
      'Concat',
      dims.map((dim) => this.#size(dim)),
      { axis: 0 },
    );
  }

  /**
   * The graph with these inputs and what the outputs need. Each output's public name is given to the node that makes it, so that nothing is copied; an Identity stands
   * where that is not possible: a value that is an input or a constant, or an output twice.
   */
  finish(
    inputs: readonly OnnxValueInfo[],
    outputs: readonly { readonly name: string; readonly tensor: GraphTensor }[],
  ): OnnxGraph {
    const nodes = this.#needed(outputs.map(({ tensor }) => tensor.name));
    const names = new Map<string, string>();
    const copies: OnnxNode[] = [];
    for (const { name, tensor } of outputs) {
      if (this.#producers.has(tensor.name) && !names.has(tensor.name)) names.set(tensor.name, name);
      else copies.push({ type: 'Identity', inputs: [tensor.name], outputs: [name], attributes: {} });
    }
    const used = new Set([...nodes, ...copies].flatMap((node) => node.inputs));
    const renamed = (name: string): string => names.get(name) ?? name;
    return {
      nodes: [...nodes, ...copies].map((node) => ({
        ...node,
        inputs: node.inputs.map(renamed),
        outputs: node.outputs.map(renamed),
      })),
      initializers: this.#initializers.filter(({ name }) => used.has(name)),
      inputs,
      outputs: outputs.map(({ name, tensor }) => ({ name, dtype: tensor.dtype, shape: tensor.shape })),
    };
  }
}
