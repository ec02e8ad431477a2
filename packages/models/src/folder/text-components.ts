/** Names of a text encoder's folder. */
export const textComponents = ['text_encoder', 'text_encoder_2', 'text_encoder_3'] as const;

/** Name of a text encoder's folder. */
export type TextComponent = (typeof textComponents)[number];

/** A text encoder's folder and its tokenizer's. */
export interface TextPart {
  readonly component: TextComponent;
  readonly folder: string;
  readonly tokenizer: string;
}

/** The folder of a text encoder's tokenizer. */
export const tokenizerOf = (component: TextComponent): string => component.replace('text_encoder', 'tokenizer');

/** Some exports keep the first tokenizer's files in the root. */
export const rootFiles: Readonly<Record<TextComponent, readonly string[]>> = {
  text_encoder: ['tokenizer_config.json', 'vocab.json'],
  text_encoder_2: [],
  text_encoder_3: [],
};
