/** What a setting of painting may be, both ends included; a model may recommend nothing else for itself. */
export const SETTING_RANGES = {
  steps: { minimum: 1, maximum: 1000 },
  guidanceScale: { minimum: 0, maximum: 100 },
  /** Width or height, in pixels. */
  side: { minimum: 8, maximum: 2048 },
} as const;
