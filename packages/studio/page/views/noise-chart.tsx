import type { Level } from '../backend/backend.js';

const WIDTH = 600;
const HEIGHT = 180;
const MARGIN = { left: 34, right: 10, top: 10, bottom: 26 };

interface NoiseChartProps {
  readonly schedule: readonly Level[];
  readonly evaluated: readonly Level[];
}

/** The share of noise in what the network sees, of unit length whatever the scaling: sigma / √(signal² + sigma²). */
const noiseShare = ({ signal, sigma }: Level): number => sigma / Math.hypot(signal, sigma);

/** The noise schedule over the timesteps of training, with noise on the left, and where a sampler evaluates it. */
export function NoiseChart({ schedule, evaluated }: NoiseChartProps) {
  const last = Math.max(1, ...schedule.map(({ timestep }) => timestep));
  const x = ({ timestep }: Level): number => MARGIN.left + (1 - timestep / last) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (level: Level): number => MARGIN.top + (1 - noiseShare(level)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const line = schedule.map(
    (level, index) => `${index === 0 ? 'M' : 'L'}${x(level).toFixed(1)} ${y(level).toFixed(1)}`,
  );
  const [first, end] = [evaluated[0], evaluated.at(-1)];
  const range = first && end ? `, from timestep ${Math.round(first.timestep)} to ${Math.round(end.timestep)}` : '';
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`Share of noise by timestep; ${evaluated.length} evaluations${range}`}
    >
      {[0, 0.5, 1].map((share) => {
        const height = MARGIN.top + (1 - share) * (HEIGHT - MARGIN.top - MARGIN.bottom);
        return (
          <g key={share}>
            <line class="rule" x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={height} y2={height} />
            <text x={MARGIN.left - 6} y={height + 4} text-anchor="end">
              {share}
            </text>
          </g>
        );
      })}
      <text x={MARGIN.left} y={HEIGHT - 6}>
        noise: timestep {last}
      </text>
      <text x={WIDTH - MARGIN.right} y={HEIGHT - 6} text-anchor="end">
        picture: 0
      </text>
      <path class="curve" d={line.join('')} />
      {evaluated.map((level, index) => (
        <circle key={index} cx={x(level)} cy={y(level)} r={4}>
          <title>{`${index + 1}: timestep ${level.timestep.toFixed(1)}, sigma ${level.sigma.toFixed(3)}`}</title>
        </circle>
      ))}
    </svg>
  );
}
