import yoctoSpinner, { type Spinner } from "yocto-spinner";
import type { Progress } from "../../engine/pages.ts";
import { plainText } from "./plain-text.ts";

/** A call that is answered sooner needs no sign of life. */
const PATIENCE_MS = 500;
const LONGEST = 76;

/** Runs a call; on a terminal, one that takes longer shows on stderr how far it is. */
export async function withProgress<T>(ask: (progress: Progress) => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return ask(() => {});
  let text = "asking";
  let spinner: Spinner | undefined;
  const timer = setTimeout(() => {
    spinner = yoctoSpinner({ text, stream: process.stderr }).start();
  }, PATIENCE_MS);
  try {
    return await ask((message) => {
      text = plainText(message).slice(0, LONGEST);
      if (spinner) spinner.text = text;
    });
  } finally {
    clearTimeout(timer);
    spinner?.stop();
  }
}
