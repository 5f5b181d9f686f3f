declare const __VERSION__: string | undefined;

/** The package's version, put in when it is built. */
export const VERSION = typeof __VERSION__ === "string" ? __VERSION__ : "0.0.0-source";
