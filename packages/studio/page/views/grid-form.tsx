import { useObjectUrl } from '../pictures/object-url.js';
import { AXES, axes, grid, paintGrid, type Axis, type AxisName } from '../state/grid.js';
import type { Picture } from '../state/history.js';
import { running, shown } from '../state/painting.js';
import { model } from '../state/settings.js';

/** Asks for a grid over two settings. */
export function GridForm() {
  const { columns, rows } = axes.value;
  return (
    <details class="panel">
      <summary>Grid over two settings</summary>
      <AxisFields title="Columns" axis={columns} onAxis={(axis) => (axes.value = { columns: axis, rows })} />
      <AxisFields title="Rows" axis={rows} onAxis={(axis) => (axes.value = { columns, rows: axis })} />
      <div class="actions">
        <button
          type="button"
          disabled={running.value !== undefined || model.value === undefined}
          onClick={() => void paintGrid()}
        >
          Paint the grid
        </button>
      </div>
    </details>
  );
}

interface AxisFieldsProps {
  readonly title: string;
  readonly axis: Axis;
  readonly onAxis: (axis: Axis) => void;
}

function AxisFields({ title, axis, onAxis }: AxisFieldsProps) {
  const isPrompt = axis.name.toLowerCase().includes('prompt');
  return (
    <fieldset>
      <legend>{title}</legend>
      <label class="field">
        <span>Setting</span>
        <select
          value={axis.name}
          onChange={({ currentTarget }) => onAxis({ ...axis, name: currentTarget.value as AxisName })}
        >
          {Object.entries(AXES).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{isPrompt ? 'Values, one a line' : 'Values, apart by commas'}</span>
        <textarea
          rows={isPrompt ? 3 : 1}
          value={axis.text}
          onInput={({ currentTarget }) => onAxis({ ...axis, text: currentTarget.value })}
        />
      </label>
    </fieldset>
  );
}

/** The last grid, as far as it is painted. */
export function GridTable() {
  const { value: made } = grid;
  if (made === undefined) return null;
  const { columns, rows, cells } = made;
  return (
    <section class="panel" aria-labelledby="grid-title">
      <div class="title">
        <h2 id="grid-title">Grid</h2>
        <button type="button" class="quiet" onClick={() => (grid.value = undefined)}>
          Close the grid
        </button>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="Grid of pictures">
        <table class="grid-table">
          <thead>
            <tr>
              <td>
                {AXES[rows.name]} \ {AXES[columns.name]}
              </td>
              {columns.values.map((value) => (
                <th key={value} scope="col">
                  {value}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.values.map((value, row) => (
              <tr key={value}>
                <th scope="row">{value}</th>
                {columns.values.map((column, index) => (
                  <td key={column}>
                    <Cell
                      picture={cells[row * columns.values.length + index]}
                      name={`${AXES[rows.name]} ${value}, ${AXES[columns.name]} ${column}`}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Cell({ picture, name }: { readonly picture: Picture | undefined; readonly name: string }) {
  const url = useObjectUrl(picture?.image);
  if (url === undefined) return <span>…</span>;
  return (
    <button type="button" onClick={() => (shown.value = picture)}>
      <img src={url} alt={name} />
    </button>
  );
}
