/** The usual account's: an organization's Admin key. The other keys have a table each in their folders. */
export { support } from "./organization/support.ts";
