import { sizeOf } from '@lascaux/nn';
import type { Operation, Program, Shape } from '@lascaux/nn';

function operationFlops(operation: Operation, shapeOf: (id: number) => Shape): number {
  const operand = (index: number): Shape => shapeOf(operation.inputs[index] as number);
  // Every cell of a convolution's result takes one multiplication and one addition per cell of one filter [C, h, w].
  const convolution = (result: Shape, filter: Shape): number => 2 * sizeOf(result) * sizeOf(filter.slice(1));
  switch (operation.primitive) {
    case 'matmul':
      return 2 * sizeOf(shapeOf(operation.output)) * sizeOf(operand(0).slice(-1));
    case 'conv2d':
      return convolution(shapeOf(operation.output), operand(1));
    case 'conv2dInputGradient':
      return convolution(operand(0), operand(1));
    case 'conv2dFilterGradient':
      return convolution(operand(1), operation.attributes.filterShape);
    default:
      return 0;
  }
}

/**
 * Floating-point operations of one run of a program, counted in its matrix products, convolutions and their gradients; a
 * multiplication with its addition counts as two.
 * @throws {LascauxError} when an axis is symbolic
 */
export function flopsOf(program: Program): number {
  const shapeOf = (id: number): Shape => program.types.get(id)?.shape ?? [];
  return program.operations.reduce((total, operation) => total + operationFlops(operation, shapeOf), 0);
}
