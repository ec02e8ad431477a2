/** A number of a Python tool, and ours of the same pictures. */
export interface Agreement {
  readonly tool: string;
  readonly metric: string;
  readonly ours: number;
  readonly theirs: number;
  /** Largest relative difference that still counts as the same number. */
  readonly limit: number;
}

/** |ours − theirs| / |theirs|; 0 where both are 0. */
export const relativeDifference = ({ ours, theirs }: Agreement): number =>
  ours === theirs ? 0 : Math.abs(ours - theirs) / Math.abs(theirs);

/** Whether both numbers are the same as far as they can be. */
export const agrees = (agreement: Agreement): boolean => relativeDifference(agreement) <= agreement.limit;

/** An agreement as a line. */
export function agreementText(agreement: Agreement): string {
  const { tool, metric, ours, theirs } = agreement;
  const [own, other] = [ours, theirs].map((value) => value.toPrecision(10).padStart(14));
  const apart = relativeDifference(agreement).toExponential(1);
  return `${agrees(agreement) ? 'ok ' : 'OUT'} ${tool.padEnd(14)} ${metric.padEnd(26)} ${own} ${other}  ${apart}`;
}
