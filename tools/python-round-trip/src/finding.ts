/** How far a picture of one library is from the other's. */
export interface Finding {
  /** Who painted or read it besides this repository. */
  readonly library: string;
  readonly case?: string;
  /** Decibels between both pictures; 99 where they are equal. */
  readonly psnr?: number;
  /** Largest difference between two ways to read the same part. */
  readonly difference?: number;
  /** Why nothing was compared. */
  readonly skipped?: string;
}

/** What counts as the same picture in fp32. */
const SAME_PICTURE = 50;
const SAME_STATES = 1e-4;

/** Whether a finding is as it should be; one that was skipped is not. */
export const holds = ({ psnr = 0, difference }: Finding): boolean =>
  difference === undefined ? psnr >= SAME_PICTURE : difference <= SAME_STATES;

/** A finding as a line. */
export function findingText(finding: Finding): string {
  const { library, case: name = '', psnr, difference, skipped } = finding;
  const figure = skipped ?? (difference === undefined ? `${psnr?.toFixed(1)} dB` : difference.toExponential(1));
  return `${holds(finding) ? 'ok ' : 'OUT'} ${library.padEnd(14)} ${name.padEnd(28)} ${figure}`;
}
