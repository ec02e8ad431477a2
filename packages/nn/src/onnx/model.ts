import type { TensorData } from '../tensor-data.js';
import type { DType, Shape } from '../program/shape.js';
import { MessageWriter } from './protobuf.js';

/** ONNX TensorProto.DataType of each dtype; programs know no doubles, graphs written by hand may. */
export const onnxTypes: Readonly<Record<DType | 'float64', number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  float16: 10,
  float64: 11,
};

/** One attribute of a node; whole numbers are written as INT unless wrapped as `{ float }`. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** One node of a graph. */
export interface OnnxNode {
  readonly type: string;
  /** The operator set that the type belongs to, such as `com.microsoft`; without one, ONNX's own. */
  readonly domain?: string | undefined;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Where an initializer's bytes are: in the file itself, or in another file of the same folder. */
export type InitializerSource =
  { readonly data: TensorData } | { readonly file: string; readonly offset: number; readonly length: number };

/** A constant tensor of a graph. */
export interface OnnxInitializer {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly source: InitializerSource;
}

/** Name, dtype and shape of a graph input or output. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly dtype: DType | 'float64';
  readonly shape: Shape;
}

/** A whole graph, ready to be written. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** Operator set of the standard domain that the emissions are written for; 20 brought Gelu. */
const OPSET = 20;
/** ONNX IR version 9 belongs to opset 20. */
const IR_VERSION = 9;

function attributeMessage(name: string, value: Attribute): MessageWriter {
  const message = new MessageWriter().string(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return message.string(4, value).integer(20, 3);
  if ('float' in value) return message.float(2, value.float).integer(20, 1);
  for (const item of value) message.integer(8, item);
  return message.integer(20, 7);
}

function nodeMessage(node: OnnxNode, index: number): MessageWriter {
  const message = new MessageWriter();
  for (const input of node.inputs) message.string(1, input);
  for (const output of node.outputs) message.string(2, output);
  message.string(3, `${node.type}_${index}`).string(4, node.type);
  for (const [name, value] of Object.entries(node.attributes)) message.message(5, attributeMessage(name, value));
  return node.domain === undefined ? message : message.string(7, node.domain);
}

const entry = (key: string, value: string): MessageWriter => new MessageWriter().string(1, key).string(2, value);

function initializerMessage({ name, dtype, shape, source }: OnnxInitializer): MessageWriter {
  const message = new MessageWriter();
  for (const dim of shape) message.integer(1, dim);
  message.integer(2, onnxTypes[dtype]).string(8, name);
  if ('data' in source) {
    const { data } = source;
    return message.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  message.message(13, entry('location', source.file));
  message.message(13, entry('offset', String(source.offset)));
  message.message(13, entry('length', String(source.length)));
  return message.integer(14, 1);
}

function valueMessage({ name, dtype, shape }: OnnxValueInfo): MessageWriter {
  const dims = new MessageWriter();
  for (const dim of shape)
    dims.message(1, typeof dim === 'number' ? new MessageWriter().integer(1, dim) : new MessageWriter().string(2, dim));
  const tensor = new MessageWriter().integer(1, onnxTypes[dtype]).message(2, dims);
  return new MessageWriter().string(1, name).message(2, new MessageWriter().message(1, tensor));
}

/** The bytes of an ONNX model file (ModelProto) holding one graph. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const body = new MessageWriter();
  graph.nodes.forEach((node, i) => body.message(1, nodeMessage(node, i)));
  body.string(2, 'lascaux');
  for (const initializer of graph.initializers) body.message(5, initializerMessage(initializer));
  for (const input of graph.inputs) body.message(11, valueMessage(input));
  for (const output of graph.outputs) body.message(12, valueMessage(output));
  const model = new MessageWriter().integer(1, IR_VERSION).string(2, 'lascaux').message(7, body);
  for (const domain of new Set(['', ...graph.nodes.map((node) => node.domain ?? '')]))
    model.message(8, new MessageWriter().string(1, domain).integer(2, domain === '' ? OPSET : 1));
  return model.finish();
}
