/** The version of this tree; a test holds it against package.json, which is not loaded at start. */
export const version = "0.1.0";
