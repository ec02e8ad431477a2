import type { ComponentChildren } from 'preact';

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly step?: number;
  readonly hint?: string;
  readonly children?: ComponentChildren;
  readonly onValue: (value: number) => void;
}

/** A number with its label; what is not a number changes nothing. */
export function NumberField({ label, value, minimum, maximum, step, hint, children, onValue }: NumberFieldProps) {
  return (
    <label class="field" title={hint}>
      <span>{label}</span>
      <span class="beside">
        <input
          type="number"
          inputMode="decimal"
          value={value}
          min={minimum}
          max={maximum}
          step={step}
          onInput={({ currentTarget: { valueAsNumber: typed } }) => {
            if (Number.isFinite(typed)) onValue(typed);
          }}
          onBlur={({ currentTarget }) => {
            if (!Number.isFinite(currentTarget.valueAsNumber)) currentTarget.value = String(value);
          }}
        />
        {children}
      </span>
    </label>
  );
}

interface ChoiceFieldProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly string[];
  readonly onValue: (value: string) => void;
}

/** One of several names. */
export function ChoiceField({ label, value, choices, onValue }: ChoiceFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    </label>
  );
}
