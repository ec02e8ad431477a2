import type { ModelFolder, TextPart } from '@lascaux/models';
import { LascauxError, pathIn } from '@lascaux/nn';
import type { TextNeed } from './family.js';
import { familyOf } from './family-of.js';

/**
 * The text encoders that a model is painted with: those that its family needs, and of the optional ones those that the index names.
 * @throws LascauxError naming one that is missing
 */
export function textPartsOf(model: ModelFolder): readonly (TextPart & TextNeed)[] {
  const { components } = model.index;
  return familyOf(model)
    .texts.filter(({ component, optional }) => optional !== true || components[component] !== undefined)
    .map((need) => {
      const part = model.parts.textEncoders.find(({ component }) => component === need.component);
      if (part !== undefined) return { ...need, ...part };
      throw new LascauxError({
        operation: 'model',
        rule: `part ${need.component} is missing`,
        value: pathIn(model.path, need.component),
        accepted: `a folder ${need.component}/ beside model_index.json`,
      });
    });
}
