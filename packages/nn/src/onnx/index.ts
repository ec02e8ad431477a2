export { onnxEngine } from './engine.js';
export type { OnnxEngineOptions } from './engine.js';
export { encodeModel } from './model.js';
export type { InitializerSource, OnnxGraph, OnnxInitializer, OnnxNode, OnnxValueInfo } from './model.js';
export { programGraph } from './program-graph.js';
export type { StoredParameter } from './program-graph.js';
export { availableDevices, openSession } from './session.js';
export type { SessionOptions } from './session.js';
