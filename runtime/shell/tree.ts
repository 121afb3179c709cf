/**
 * What the shell runs: plain objects, so that a child shell is handed them as JSON. parse.ts makes them
 * of source text, and has refused everything that is not here.
 */

/** A part of a word. What stands in double quotes is quoted: neither split nor matched to names. */
export type Piece =
  | { readonly kind: "text"; readonly text: string; readonly isQuoted: boolean }
  | {
      readonly kind: "parameter";
      readonly name: string;
      /** "-", ":-", "=", "?", "+", "%", "##" and their like. */
      readonly operator?: string;
      readonly operand?: Word;
      readonly isQuoted: boolean;
    }
  | { readonly kind: "length"; readonly name: string; readonly isQuoted: boolean }
  | { readonly kind: "command"; readonly body: Sequence; readonly isQuoted: boolean }
  | { readonly kind: "arithmetic"; readonly word: Word; readonly isQuoted: boolean }
  /** `${x!y}`: wrong when it is come to, not before. */
  | { readonly kind: "bad" };

export type Word = readonly Piece[];

/** An argument. `a=~/b` of `export` is expanded as an assignment is. */
export interface Argument {
  readonly word: Word;
  readonly isAssignment?: boolean;
}

export type Redirect =
  | {
      readonly kind: "file";
      readonly operator: "<" | ">" | ">>" | ">|" | "<>";
      readonly fd: number;
      readonly target: Word;
    }
  /** `>&2`, `<&-`. */
  | { readonly kind: "duplicate"; readonly fd: number; readonly target: Word }
  | { readonly kind: "here"; readonly fd: number; readonly body: Word };

/** A command of words, assignments and redirections. */
export interface Simple {
  readonly kind: "simple";
  readonly line: number;
  readonly assignments: readonly (readonly [name: string, value: Word])[];
  readonly words: readonly Argument[];
  readonly redirects: readonly Redirect[];
}

export interface Pipeline {
  readonly kind: "pipeline";
  readonly isNegated: boolean;
  readonly commands: readonly Node[];
}

/** One command of a list, and what `jobs` calls it. */
export interface Item {
  readonly node: Node;
  readonly isBackground: boolean;
  readonly text: string;
}

export interface Sequence {
  readonly kind: "sequence";
  readonly items: readonly Item[];
}

export interface Case {
  readonly kind: "case";
  readonly word: Word;
  readonly items: readonly { readonly patterns: readonly Word[]; readonly body: Sequence }[];
}

export type Node =
  | Simple
  | Pipeline
  | Sequence
  | Case
  | {
      readonly kind: "and-or";
      readonly first: Node;
      readonly rest: readonly (readonly [operator: "&&" | "||", node: Node])[];
    }
  | { readonly kind: "subshell"; readonly body: Sequence; readonly line: number }
  | {
      readonly kind: "redirected";
      readonly node: Node;
      readonly redirects: readonly Redirect[];
      readonly line: number;
    }
  | {
      readonly kind: "if";
      readonly clauses: readonly { readonly test: Sequence; readonly body: Sequence }[];
      readonly otherwise: Sequence | null;
    }
  | {
      readonly kind: "while";
      readonly isUntil: boolean;
      readonly test: Sequence;
      readonly body: Sequence;
    }
  | {
      readonly kind: "for";
      readonly name: string;
      /** null: over "$@". */
      readonly words: readonly Argument[] | null;
      readonly body: Sequence;
    }
  | { readonly kind: "function"; readonly name: string; readonly body: Node };
