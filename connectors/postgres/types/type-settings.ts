/** What a user may say about types that have no counterpart without loss. */

/**
 * What numeric becomes. `auto`: a decimal where the column declares one of at most 38 digits, else
 * text. `text` and `double`: every numeric column. A precision and scale: the columns that declare
 * none that a decimal holds.
 */
export type NumericSetting =
  "auto" | "text" | "double" | { readonly precision: number; readonly scale: number };

/** The settings of a source that its columns' types depend on. */
export interface TypeSettings {
  readonly numeric: NumericSetting;
  /** What arrays become: lists, of as many levels as the column declares, or JSON. */
  readonly arrays: "list" | "json";
}
