/** Comes next. */
export function Happens() {
  return null;
}
