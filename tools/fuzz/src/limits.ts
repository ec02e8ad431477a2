/** Nothing that anybody may have written takes longer … */
export const MOST_SECONDS = 5;
/** … or more memory. */
export const MOST_BYTES = 2 ** 30;
