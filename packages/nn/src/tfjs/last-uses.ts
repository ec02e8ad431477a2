import type { Program } from '../program/program.js';

/** For each operation, the values that no later operation and no output needs. */
export function lastUses(program: Program): readonly (readonly number[])[] {
  const kept = new Set(program.outputs.map(({ id }) => id));
  const freed = program.operations.map((): number[] => []);
  for (let i = program.operations.length - 1; i >= 0; i--) {
    const { inputs, output } = program.operations[i]!;
    for (const id of [...inputs, output]) {
      if (kept.has(id)) continue;
      kept.add(id);
      freed[i]!.push(id);
    }
  }
  return freed;
}
