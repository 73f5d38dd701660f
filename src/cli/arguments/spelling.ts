/** How the names of specs are typed: a spec's camelCase name decides all its spellings. */
import type { OperandSpec, OptionSpec } from "./input.ts";

/** The flag of an option's name: `primaryKey` is `--primary-key`. */
export function flagOf(name: string): string {
  return `--${words(name).join("-")}`;
}

/** An operand as help shows it: `SOURCE_URI`, `[NAME]`, `NAME...` or `[NAME]...`. */
export function operandText(name: string, { arity }: OperandSpec): string {
  const placeholder = placeholderOf(name);
  switch (arity) {
    case "one":
      return placeholder;
    case "optional":
      return `[${placeholder}]`;
    case "any":
      return `[${placeholder}]...`;
    case "many":
      return `${placeholder}...`;
  }
}

/** The placeholder of an operand's name: `sourceUri` is `SOURCE_URI`. */
export function placeholderOf(name: string): string {
  return words(name).join("_").toUpperCase();
}

/** An option as help shows it: `-q, --quiet`, `--limit N`, `--stream S...`. */
export function optionText(name: string, spec: OptionSpec): string {
  const short = spec.short === undefined ? "    " : `-${spec.short}, `;
  return `${short}${flagOf(name)}${valueText(spec)}`;
}

function valueText(spec: OptionSpec): string {
  switch (spec.kind) {
    case "boolean":
      return "";
    case "choice":
      return ` ${spec.choices.join("|")}`;
    case "string":
      return ` ${spec.value}${spec.repeated === true ? "..." : ""}`;
    case "integer":
      return ` ${spec.value}`;
    case "list":
      return ` ${spec.value},...`;
  }
}

function words(name: string): readonly string[] {
  return name.split(/(?=[A-Z])/u).map((word) => word.toLowerCase());
}
