/** `system:*`: which functions these are, for whoever has to know before relying on them. */
import { query } from "./server";

/** Both sides know it: `course/function_version.py` has the same number. It goes up with every change that callers meet. */
export const VERSION = 2;

/** Name and version of these functions. */
export const version = query({ args: {}, handler: async () => ({ name: "fondation", version: VERSION }) });
