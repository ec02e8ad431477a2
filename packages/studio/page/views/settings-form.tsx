import { change, chooseModel, drawSeed, model, models, settings, type PreviewChoice } from '../state/settings.js';
import { Icon } from './icons.js';
import { ChoiceField, NumberField } from './fields.js';

const PREVIEWS: readonly PreviewChoice[] = ['every step', 'three', 'none'];
const LARGEST_SEED = Number.MAX_SAFE_INTEGER;

/** Everything that can be chosen beside the prompt. */
export function SettingsForm() {
  const { value: chosen } = settings;
  const { value: facts } = model;
  return (
    <details class="panel" open>
      <summary>Settings</summary>
      <div class="fields">
        {models.value.length > 1 && (
          <ChoiceField
            label="Model"
            value={chosen.model}
            choices={models.value.map(({ id }) => id)}
            onValue={chooseModel}
          />
        )}
        <SeedField />
        <NumberField
          label="Steps"
          value={chosen.steps}
          minimum={1}
          step={1}
          onValue={(steps) => change({ steps: Math.round(steps) })}
        />
        <NumberField
          label="Guidance"
          hint="1 is off"
          value={chosen.guidanceScale}
          minimum={0}
          step={0.1}
          onValue={(guidanceScale) => change({ guidanceScale })}
        />
        <ChoiceField
          label="Sampler"
          value={chosen.sampler}
          choices={withValue(facts?.samplers ?? [], chosen.sampler)}
          onValue={(sampler) => change({ sampler })}
        />
        <NumberField
          label="Width"
          value={chosen.width}
          minimum={facts?.multiple}
          maximum={facts?.largest}
          step={facts?.multiple}
          onValue={(width) => change({ width })}
        />
        <NumberField
          label="Height"
          value={chosen.height}
          minimum={facts?.multiple}
          maximum={facts?.largest}
          step={facts?.multiple}
          onValue={(height) => change({ height })}
        />
        <NumberField
          label="Pictures"
          value={chosen.count}
          minimum={1}
          step={1}
          onValue={(count) => change({ count: Math.max(1, Math.round(count)) })}
        />
        <ChoiceField
          label="Previews"
          value={chosen.previews}
          choices={PREVIEWS}
          onValue={(previews) => change({ previews: previews as PreviewChoice })}
        />
      </div>
      {facts !== undefined && (
        <button type="button" class="quiet" onClick={() => chooseModel(facts.id)}>
          Back to what {facts.id} recommends
        </button>
      )}
    </details>
  );
}

function SeedField() {
  const { seed, isSeedLocked } = settings.value;
  return (
    <NumberField
      label="Seed"
      value={seed}
      minimum={0}
      maximum={LARGEST_SEED}
      step={1}
      onValue={(typed) => change({ seed: Math.round(typed), isSeedLocked: true })}
    >
      <button
        type="button"
        aria-label="Keep this seed"
        title="Keep this seed"
        aria-pressed={isSeedLocked}
        onClick={() => change({ isSeedLocked: !isSeedLocked })}
      >
        <Icon name={isSeedLocked ? 'locked' : 'open'} />
      </button>
      <button type="button" aria-label="Another seed" title="Another seed" onClick={() => change({ seed: drawSeed() })}>
        <Icon name="dice" />
      </button>
    </NumberField>
  );
}

/** The names with the one that is chosen, though a picture from elsewhere may have brought it along. */
const withValue = (names: readonly string[], value: string): readonly string[] =>
  names.includes(value) || value === '' ? names : [...names, value];
