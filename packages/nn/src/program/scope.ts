import { check } from '../errors.js';
import type { Initializer, ParameterSpec, Program, Value } from './program.js';
import { ProgramBuilder } from './program.js';
import type { DType, Shape } from './shape.js';
import { sameShape } from './shape.js';

/** Where a layer finds its parameters: a path of names, as in the weight names of diffusers and transformers. Why: docs/decisions/0040. */
export interface Scope {
  readonly path: string;
  /** The scope of a part: `scope.at('down_blocks', 0)` → `….down_blocks.0`. */
  at(...names: readonly (string | number)[]): Scope;
  /** The parameter `name` of this scope; asking twice gives the same value. @throws {LascauxError} when the shape differs from the first time */
  parameter(name: string, shape: readonly number[], initializer: Initializer): Value;
}

/** The parameters a traced function asked for, in order, with their values in the program. */
export type ParameterTable = ReadonlyMap<string, { readonly spec: ParameterSpec; readonly value: Value }>;

/** A root scope over a builder; each parameter becomes an input of the program under its full name after `prefix`. */
export function rootScope(builder: ProgramBuilder, prefix = ''): { scope: Scope; parameters: ParameterTable } {
  const parameters = new Map<string, { spec: ParameterSpec; value: Value }>();
  const make = (path: string): Scope => ({
    path,
    at: (...names) => make([path, ...names].filter((part) => part !== '').join('.')),
    parameter: (name, shape, initializer) => {
      const full = path === '' ? name : `${path}.${name}`;
      const known = parameters.get(full);
      if (known !== undefined) {
        check(sameShape(known.spec.shape, shape), {
          operation: `parameter ${full}`,
          rule: `has shape [${known.spec.shape.join(', ')}]`,
          value: `[${shape.join(', ')}]`,
        });
        return known.value;
      }
      const spec: ParameterSpec = { name: full, shape, initializer };
      const value = builder.input(prefix + full, { shape }, spec);
      parameters.set(full, { spec, value });
      return value;
    },
  });
  return { scope: make(''), parameters };
}

/** Names, shapes and dtypes of a function's inputs; dtype defaults to float32. */
export type InputTypes = Readonly<Record<string, { readonly shape: Shape; readonly dtype?: DType }>>;

/**
 * Runs a function over symbolic values and records what it does.
 * @param inputTypes the inputs; axes may be named instead of sized
 * @param body called once with a scope for parameters and the input values; returns the named outputs
 */
export function trace<Types extends InputTypes>(
  inputTypes: Types,
  body: (scope: Scope, inputs: { readonly [Name in keyof Types]: Value }) => Readonly<Record<string, Value>>,
): Program {
  const builder = new ProgramBuilder();
  const inputs = Object.fromEntries(
    Object.entries(inputTypes).map(([name, type]) => [name, builder.input(name, type)]),
  );
  const { scope } = rootScope(builder);
  return builder.finish(body(scope, inputs as { [Name in keyof Types]: Value }));
}

/** The parameters a program needs, in the order in which they were asked for. */
export function parametersOf(program: Program): readonly ParameterSpec[] {
  return program.inputs.flatMap((input) => input.parameter ?? []);
}
