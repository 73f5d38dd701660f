/** What a command takes, as specs, and the types of the values that its code is given for them. */

/** What the shell completes where a word names something on disk. */
export type Completes = "files" | "folders";

/** What hakiri itself completes, of what there is in the project. */
export type ProjectNames = "pipelines";

/** One operand of a command. */
export interface OperandSpec {
  /** `one` and `many` must be there; `optional` and `any` may be absent; `any`, `many` repeat. */
  readonly arity: "one" | "optional" | "any" | "many";
  readonly description: string;
  /** The only words it may be. */
  readonly choices?: readonly string[];
  readonly completes?: Completes;
  readonly names?: ProjectNames;
}

interface OptionWords {
  readonly description: string;
  /** One letter: `q` is typed `-q`. */
  readonly short?: string;
}

/** There or not. */
export interface BooleanOption extends OptionWords {
  readonly kind: "boolean";
}

/** Any text that isn't empty; of one that isn't `repeated` the last counts. */
export interface StringOption extends OptionWords {
  readonly kind: "string";
  /** The value's name in help: `TABLE`. */
  readonly value: string;
  readonly repeated?: true;
  readonly default?: string;
  readonly completes?: Completes;
  readonly names?: ProjectNames;
}

/** A whole number, in digits. */
export interface IntegerOption extends OptionWords {
  readonly kind: "integer";
  readonly value: string;
  /** Both ends are allowed, and both are safe integers. */
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

/** Texts between commas, one with a comma in double quotes; repeated, it goes on. */
export interface ListOption extends OptionWords {
  readonly kind: "list";
  readonly value: string;
}

/** One of some words. */
export interface ChoiceOption extends OptionWords {
  readonly kind: "choice";
  readonly choices: readonly string[];
  readonly default?: string;
}

/** One option of a command. */
export type OptionSpec = BooleanOption | StringOption | IntegerOption | ListOption | ChoiceOption;

/** Operands by their camelCase names: `sourceUri` stands in help as `SOURCE_URI`. */
export type OperandSpecs = Readonly<Record<string, OperandSpec>>;

/** Options by their camelCase names: `primaryKey` is typed `--primary-key`. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What code is given for an operand: a word, perhaps none, or all of them. */
export type OperandValue<Spec extends OperandSpec> = Spec["arity"] extends "one"
  ? Word<Spec>
  : Spec["arity"] extends "optional"
    ? Word<Spec> | undefined
    : readonly Word<Spec>[];

type Word<Spec extends OperandSpec> = Spec extends { readonly choices: readonly (infer C)[] }
  ? C
  : string;

/** What code is given for an option; undefined where it was not typed and has no default. */
export type OptionValue<Spec extends OptionSpec> = Spec extends BooleanOption
  ? boolean
  : Spec extends ListOption | { readonly repeated: true }
    ? readonly string[]
    : Spec extends { readonly default: string | number }
      ? Single<Spec>
      : Single<Spec> | undefined;

type Single<Spec extends OptionSpec> = Spec extends IntegerOption
  ? number
  : Spec extends ChoiceOption
    ? Spec["choices"][number]
    : string;

/** What a command's code is given. */
export interface InputOf<Operands extends OperandSpecs, Options extends OptionSpecs> {
  readonly operands: { readonly [Name in keyof Operands]: OperandValue<Operands[Name]> };
  readonly options: { readonly [Name in keyof Options]: OptionValue<Options[Name]> };
}
