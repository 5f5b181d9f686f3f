import type { HttpBindings } from "@hono/node-server";
import type { Caller } from "./access.ts";

/** What the parts of the HTTP front know of a request, beside Hono's own. */
export interface HttpEnv {
  Bindings: HttpBindings;
  Variables: {
    /** In the answer's `x-request-id`, in the log, and in the errors of vendors that were asked for it. */
    requestId: string;
    /** Ends what is done for the request: its client went away, or its time is over (the reason then says so). */
    signal: AbortSignal;
    /** When that time is over, by `performance.now()`. */
    deadline: number;
    caller: Caller;
  };
}
