const WINDOW_MILLISECONDS = 30_000;

/**
 * Images per second over about the last half minute; each call tells how many have been seen by now.
 * @param from images seen when the clock starts
 */
export function speedometer(from: number, now: () => number = () => performance.now()): (imagesSeen: number) => number {
  const marks = [{ time: now(), imagesSeen: from }];
  return (imagesSeen) => {
    const time = now();
    marks.push({ time, imagesSeen });
    while (marks.length > 2 && time - marks[1]!.time > WINDOW_MILLISECONDS) marks.shift();
    const first = marks[0]!;
    return (1000 * (imagesSeen - first.imagesSeen)) / Math.max(time - first.time, 1e-3);
  };
}
