/** The public types of an entry as text: what it exports, sorted, without comments. */
import ts from "typescript";

/**
 * @param entry - a .d.ts file, as it is published.
 * @returns one declaration after another; what is not exported itself is not expanded.
 */
export function declarationsOf(entry: string): string {
  const program = ts.createProgram([entry], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${entry} is no module`);
  const printer = ts.createPrinter({ removeComments: true });

  const texts = checker.getExportsOfModule(module).map((exported) => {
    const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
    const declarations = (symbol.declarations ?? []).map((declaration) => {
      // Of a constant the whole statement: "export declare const IPC_CREAT = 512;".
      const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
      return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
    });
    if (declarations.length === 0) throw new Error(`${exported.name} has no declaration`);
    return { name: exported.name, text: declarations.join("\n") };
  });
  texts.sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${texts.map(({ text }) => text).join("\n\n")}\n`;
}
