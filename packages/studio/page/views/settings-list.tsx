import type { Picture } from '../state/history.js';

/** All that it takes to paint a picture again. */
export function SettingsList({ picture: { settings, width, height, created, hasSource } }: { picture: Picture }) {
  const facts: readonly (readonly [string, string | number])[] = [
    ['Prompt', settings.prompt],
    ...(settings.negativePrompt === '' ? [] : ([['Negative', settings.negativePrompt]] as const)),
    ['Seed', settings.seed],
    ['Steps', settings.steps],
    ['Guidance', settings.guidanceScale],
    ['Sampler', settings.sampler],
    ['Size', `${width}×${height}`],
    ['Model', settings.model],
    ...(hasSource ? ([['Strength', settings.strength]] as const) : []),
    ['Painted', new Date(created).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
