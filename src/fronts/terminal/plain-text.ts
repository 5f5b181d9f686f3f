// Control characters move the cursor, colour, rename the window; bidi controls make text read as what it is not.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu;

/** Text from outside as a terminal may have it: on one line, whatever could steer the terminal replaced by a visible mark. */
export function plainText(text: string): string {
  return text.replace(/[\t\r\n]+/g, " ").replace(UNPRINTABLE, "\uFFFD");
}

/** The same for a cell of a file, which may have lines and tabs of its own. */
export function cellText(text: string): string {
  return text.replace(UNPRINTABLE, (character) => (/[\t\r\n]/.test(character) ? character : "\uFFFD"));
}

/** JSON that steers no terminal: what JSON.stringify leaves of control characters (DEL and the C1 set) is escaped too. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
