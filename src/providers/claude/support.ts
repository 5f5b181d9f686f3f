/** What the usual account, of a Claude Enterprise organization, serves; `supportOf` has the others'. */
export { support } from "./enterprise/support.ts";
