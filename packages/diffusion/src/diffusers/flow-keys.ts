import { LascauxError } from '@lascaux/nn';
import { flowMatchEulerScheduler } from './flow-match-euler.js';
import type { SchedulerDefinition } from './roles.js';
import { schedulerDefinitions } from './samplers.js';

const { className: flowClass } = flowMatchEulerScheduler;

/** Whether the class solves along straight lines too. */
const solvesFlow = ({ keys }: SchedulerDefinition): boolean => keys.includes('use_flow_sigmas');

/**
 * Config keys that let another scheduler class sample a flow-matching model: straight-line sigmas with the model's own shift.
 * Empty when the model is of no flow or keeps its class.
 * @throws LascauxError when the class cannot sample the model.
 */
export function flowKeys(
  json: Readonly<Record<string, unknown>>,
  definition: SchedulerDefinition,
): Record<string, unknown> {
  const { className } = definition;
  const isFlow = json._class_name === flowClass || json.prediction_type === 'flow_prediction';
  if (!isFlow && className === flowClass && json._class_name !== undefined) {
    throw new LascauxError({
      operation: 'scheduler',
      rule: `a model of ${JSON.stringify(json._class_name)} cannot be sampled by ${flowClass}`,
    });
  }
  if (!isFlow || className === json._class_name || className === flowClass) return {};
  if (!solvesFlow(definition)) {
    const accepted = [flowMatchEulerScheduler, ...schedulerDefinitions.filter(solvesFlow)]
      .map((accepting) => accepting.className)
      .join(', ');
    throw new LascauxError({
      operation: 'scheduler',
      rule: `a flow-matching model needs one of ${accepted}, got ${className}`,
    });
  }
  const shift = json.shift ?? json.flow_shift ?? 1;
  return { use_flow_sigmas: true, prediction_type: 'flow_prediction', flow_shift: shift };
}
