/** AUTOMATIC1111's notations that are not understood here, each by a pattern. */
const UNREAD = [
  /<(?:lora|lyco|hypernet):[^<>]*>/gu, // networks that change the weights
  /(?<!\\)\[[^[\]]*:\s*\d*\.?\d+\s*\]/gu, // [from:to:when]: a prompt that changes on the way
  /(?<!\\)\[[^[\]]*\|[^[\]]*\]/gu, // [a|b]: one that alternates
  /\bAND\b/gu, // several prompts, mixed at every step
];

/** What of a prompt AUTOMATIC1111 would take as an instruction and is read as words here, in the order of kinds, each once. */
export function unreadSyntax(prompt: string): string[] {
  return [...new Set(UNREAD.flatMap((pattern) => prompt.match(pattern) ?? []))];
}
