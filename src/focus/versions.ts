/** The versions of FOCUS whose columns can be written. No validator was run on them: nothing here claims conformance. */
export const FOCUS_VERSIONS = ["1.2", "1.4"] as const;
export type FocusVersion = (typeof FOCUS_VERSIONS)[number];
