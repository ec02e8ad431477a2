/** A piece of a prompt and how much it counts; 1 is neutral. */
export interface WeightedText {
  readonly text: string;
  readonly weight: number;
}

/** What one pair of brackets multiplies by. */
const EMPHASIS = 1.1;

// An escaped character, an explicit weight with its bracket, a single bracket, a run of other text, or what is left.
const TOKEN = /\\[\\()[\]]|:\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*\)|[()[\]]|[^\\()[\]:]+|[\\:]/gu;

type Kind = 'round' | 'square';

/** An opening bracket; its factor is settled by the bracket that closes it. */
interface Opener {
  readonly kind: Kind;
  factor: number;
}

type Token = { readonly text: string } | { readonly opens: Opener } | { readonly closes: Kind };

function unescaped(token: string): string {
  return token.startsWith('\\') ? token.slice(1) : token;
}

/** The prompt's text and matched brackets; those left open keep their default factor. */
function readTokens(prompt: string): Token[] {
  // The two kinds are matched separately, so they may overlap.
  const open: Record<Kind, Opener[]> = { round: [], square: [] };

  function opener(kind: Kind, factor: number): Token {
    const opens = { kind, factor };
    open[kind].push(opens);
    return { opens };
  }

  function closer(kind: Kind, text: string, weight?: string): Token {
    const opens = open[kind].pop();
    if (opens === undefined) return { text };
    if (weight !== undefined) opens.factor = Number(weight);
    return { closes: kind };
  }

  return Array.from(prompt.matchAll(TOKEN), ([token, weight]) => {
    if (token === '(') return opener('round', EMPHASIS);
    if (token === '[') return opener('square', 1 / EMPHASIS);
    if (token === ']') return closer('square', token);
    if (token.endsWith(')') && !token.startsWith('\\')) return closer('round', token, weight);
    return { text: unescaped(token) };
  });
}

/** Neighbours of equal weight as one piece; a prompt without text as one empty piece. */
function joinEqual(pieces: readonly WeightedText[]): WeightedText[] {
  const joined: { text: string; weight: number }[] = [];
  for (const { text, weight } of pieces) {
    const last = joined.at(-1);
    if (last?.weight === weight) last.text += text;
    else joined.push({ text, weight });
  }
  return joined.length === 0 ? [{ text: '', weight: 1 }] : joined;
}

/**
 * Reads weights as AUTOMATIC1111's web UI writes them: `(word)` counts 1.1 times, `[word]` 1/1.1 times, `(word:1.3)`
 * 1.3 times; brackets nest and multiply, and `\(` `\)` `\[` `\]` `\\` stand for the character itself. Any other backslash is dropped.
 *
 * Never throws: a bracket left open reaches to the end of the prompt, and one without an opener is ordinary text.
 * Why: docs/decisions/0079.
 */
export function parsePromptWeights(prompt: string): WeightedText[] {
  const pieces: WeightedText[] = [];
  // Products of the factors of the brackets open at this point, the innermost last.
  const products: Record<Kind, number[]> = { round: [1], square: [1] };
  const innermost = (kind: Kind): number => products[kind].at(-1) ?? 1;
  for (const token of readTokens(prompt)) {
    if ('text' in token) pieces.push({ text: token.text, weight: innermost('round') * innermost('square') });
    else if ('closes' in token) products[token.closes].pop();
    else products[token.opens.kind].push(innermost(token.opens.kind) * token.opens.factor);
  }
  return joinEqual(pieces);
}

const BREAK = /\s*\bBREAK\b\s*/u;

/**
 * A prompt as its sections, each a list of weighted pieces: the word `BREAK` begins a new one, which starts a sequence of
 * its own. Brackets reach over it.
 */
export function parsePromptSections(prompt: string): WeightedText[][] {
  const sections: WeightedText[][] = [[]];
  for (const { text, weight } of parsePromptWeights(prompt)) {
    text.split(BREAK).forEach((part, index) => {
      if (index > 0) sections.push([]);
      if (part !== '') sections.at(-1)!.push({ text: part, weight });
    });
  }
  return sections;
}
