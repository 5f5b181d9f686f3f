/** What an attempt to get an answer may take, in milliseconds and bytes. */
export interface Bounds {
  /** To be connected. */
  connectMs: number;
  /** From the request to the answer's headers. */
  headersMs: number;
  /** Between two pieces of the body. */
  bodyMs: number;
  /** In all: a body that drips must end, too. */
  attemptMs: number;
  /** Of the body, unpacked. */
  bytes: number;
}

export const USUAL_BOUNDS: Bounds = {
  connectMs: 10_000,
  headersMs: 30_000,
  bodyMs: 60_000,
  attemptMs: 180_000,
  bytes: 256 * 1024 * 1024,
};
