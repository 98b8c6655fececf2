// A Python regular expression as a tree (docs.python.org/3/library/re.html).

export type RegexNode =
  | { readonly type: "char"; readonly code: number; readonly fold: boolean }
  | { readonly type: "any"; readonly newlines: boolean }
  | ClassNode
  | { readonly type: "assertion"; readonly what: Assertion; readonly ascii: boolean }
  | { readonly type: "sequence"; readonly items: readonly RegexNode[] }
  | { readonly type: "either"; readonly options: readonly RegexNode[] }
  | { readonly type: "group"; readonly index: number | undefined; readonly node: RegexNode }
  | RepeatNode
  | { readonly type: "backreference"; readonly index: number }
  | { readonly type: "look"; readonly ahead: boolean; readonly negated: boolean; readonly node: RegexNode }
  | { readonly type: "atomic"; readonly node: RegexNode };

export interface ClassNode {
  readonly type: "class";
  readonly negated: boolean;
  readonly items: readonly ClassItem[];
  readonly fold: boolean;
}

export interface RepeatNode {
  readonly type: "repeat";
  readonly node: RegexNode;
  readonly min: number;
  readonly max: number;
  readonly mode: "greedy" | "lazy" | "possessive";
}

export type ClassItem =
  | { readonly low: number; readonly high: number }
  | { readonly category: Category; readonly negated: boolean; readonly ascii: boolean };

/** Digits, word characters, white space. */
export type Category = "d" | "w" | "s";

export type Assertion =
  | "text-start"
  | "text-end"
  | "before-last-newline" // `$`: at the end, or before a newline at the end
  | "line-start"
  | "line-end"
  | "boundary"
  | "no-boundary";

export interface Regex {
  readonly root: RegexNode;
  /** The groups that a backreference names. */
  readonly referenced: ReadonlySet<number>;
  /** Over bytes: characters 0 to 255, case and categories of ASCII alone. */
  readonly bytes: boolean;
}

export interface RegexFlags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
}
