import * as ops from './program/ops.js';

export { limits } from './limits.js';
export { parseJson } from './parse-json.js';
export type { JsonLimits } from './parse-json.js';
export { isRecord, parseLooseJson } from './loose-json.js';
export { quoteBareNumbers } from './python-json.js';
export { printable } from './printable.js';
export { checkNoPointer } from './git-lfs.js';
export { LascauxError, check, jsonText } from './errors.js';
export type { ErrorKind, LascauxErrorFacts } from './errors.js';
export { randomStream, resumeRandomStream } from './random.js';
export type { RandomState, RandomStream } from './random.js';
export type { DeviceTensor, DeviceTensors, Engine, Executable } from './engine.js';
export type { TensorData } from './tensor-data.js';
export type { Replica, ReplicaAnswer, ReplicaTask, SharedPart } from './replica.js';
export { gradients } from './program/gradient.js';
export { ops };
export type { Operand } from './program/ops.js';
export { ProgramBuilder } from './program/program.js';
export type { Initializer, Operation, ParameterSpec, Program, ProgramInput, Value } from './program/program.js';
export type { ConvolutionGeometry, Padding, PrimitiveAttributes, PrimitiveName } from './program/primitives.js';
export { parametersOf, rootScope, trace } from './program/scope.js';
export type { InputTypes, ParameterTable, Scope } from './program/scope.js';
export { sizeOf } from './program/shape.js';
export type { DType, Dim, Shape } from './program/shape.js';
export type { TensorType } from './program/shape-rules.js';
export {
  openSafetensors,
  readSafetensors,
  readSafetensorsHeader,
  safetensorsTypes,
  writeSafetensors,
} from './safetensors/index.js';
export type {
  SafetensorsData,
  SafetensorsEntry,
  SafetensorsFile,
  SafetensorsHeader,
  SafetensorsSource,
  SafetensorsTensor,
  SafetensorsType,
} from './safetensors/index.js';
export type { TensorFacts, WeightsFile } from './weights-file.js';
export { writeFileAtomically } from './atomic-file.js';
export { lockFile } from './lock-file.js';
export type { FileLock } from './lock-file.js';
export { float16Bits, float16Value, fromBfloat16, fromFloat16, toFloat16 } from './float16.js';
export { fromFloat8, type Float8Type } from './float8.js';
export { readTextFile } from './text-file.js';
export { readJson } from './read-json.js';
export { formatBytes } from './format-bytes.js';
export { nearestText } from './nearest-text.js';
export { quotedWords, shellCommand } from './shell-command.js';
export { disposeAll, type Disposable } from './dispose-all.js';
export { VERSION } from './version.js';
export { renamePatiently } from './rename-patiently.js';
export { pathIn, sourceBytes, sourceText } from './model-source.js';
export type { ModelSource } from './model-source.js';
