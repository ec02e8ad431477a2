import type { ParametersText } from './parameters-text.js';

/** The settings of a picture, in AUTOMATIC1111's names, and the program that wrote them where it has a form of its own. */
export interface ImageSettings extends ParametersText {
  program?: string;
}

/** The texts of a picture file by keyword. */
export type ImageTexts = Readonly<Record<string, string>>;
