import ts from 'typescript';

/** How a module is named: erased by the compiler, loaded at once, or loaded when the call is reached. */
export type ImportKind = 'type' | 'static' | 'dynamic';

/** One mention of another module in a source file; `line` counts from 1. */
export interface ImportMention {
  readonly specifier: string;
  readonly kind: ImportKind;
  readonly line: number;
}

/** Every import, re-export, `import()`, `import()` type and `require` of a literal in `text`, in source order. */
export function parseImports(path: string, text: string): ImportMention[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const mentions: ImportMention[] = [];
  const visit = (node: ts.Node): void => {
    const found = mentionOf(node);
    if (found !== undefined) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      mentions.push({ ...found, line });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mentions;
}

function mentionOf(node: ts.Node): Omit<ImportMention, 'line'> | undefined {
  if (ts.isImportDeclaration(node)) {
    return mention(node.moduleSpecifier, node.importClause?.isTypeOnly === true ? 'type' : 'static');
  }
  if (ts.isExportDeclaration(node)) return mention(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'static');
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? mention(node.argument.literal, 'type') : undefined;
  }
  if (ts.isCallExpression(node) && loadsModule(node.expression)) return mention(node.arguments[0], 'dynamic');
  return undefined;
}

function loadsModule(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}

function mention(node: ts.Node | undefined, kind: ImportKind): Omit<ImportMention, 'line'> | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? { specifier: node.text, kind } : undefined;
}
