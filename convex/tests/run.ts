/**
 * Plays cases on these functions: `run.ts CASES OUTPUT`. Both are JSON; the output has what each call of each case
 * answered, and what the functions and the tables are. The clock is the cases' own.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { makeFunctionReference } from "convex/server";
import { ConvexError } from "convex/values";
import { convexTest } from "convex-test";
import schema from "../functions/schema";

type Step = {
  mutation?: string;
  query?: string;
  args?: Record<string, unknown>;
  as?: string;
  advance?: number;
  reclaim?: boolean;
};
type Case = { name: string; steps: Step[] };
type Answer = { value: unknown } | { refused: string };

const START = 1_800_000_000_000;
const MODULES = {
  "../functions/_generated/api.js": async () => ({}),
  "../functions/crons.ts": () => import("../functions/crons"),
  "../functions/docs.ts": () => import("../functions/docs"),
  "../functions/github.ts": () => import("../functions/github"),
  "../functions/jobs.ts": () => import("../functions/jobs"),
  "../functions/queue.ts": () => import("../functions/queue"),
  "../functions/repositories.ts": () => import("../functions/repositories"),
  "../functions/search.ts": () => import("../functions/search"),
  "../functions/system.ts": () => import("../functions/system"),
  "../functions/users.ts": () => import("../functions/users"),
};

let now = START;
Date.now = () => now;

/** Arguments with what earlier calls answered in the place of `$name` and `$name.field`. */
function filled(value: unknown, known: Map<string, unknown>): unknown {
  if (typeof value === "string" && value.startsWith("$")) {
    const [name = "", ...path] = value.slice(1).split(".");
    return path.reduce((inner, part) => (inner as Record<string, unknown>)[part], known.get(name));
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, known));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, known)]));
  }
  return value;
}

async function played({ steps }: Case): Promise<Answer[]> {
  const deployment = convexTest(schema, MODULES);
  const known = new Map<string, unknown>();
  const answers: Answer[] = [];
  now = START;
  for (const step of steps) {
    now += step.advance ?? 0;
    if (step.reclaim) await deployment.mutation(makeFunctionReference<"mutation">("queue:reclaimExpired"), {});
    const args = filled(step.args ?? {}, known) as Record<string, unknown>;
    try {
      let value: unknown;
      if (step.mutation) value = await deployment.mutation(makeFunctionReference<"mutation">(step.mutation), args);
      else if (step.query) value = await deployment.query(makeFunctionReference<"query">(step.query), args);
      else continue;
      if (step.as) known.set(step.as, value);
      answers.push({ value });
    } catch (error) {
      answers.push({ refused: codeOf(error) });
    }
  }
  return answers;
}

/** What a refusal is called; arguments that the validators refuse have no code of ours. */
function codeOf(error: unknown): string {
  if (error instanceof ConvexError) {
    const data = typeof error.data === "string" ? JSON.parse(error.data) : error.data;
    return String(data.code);
  }
  return /validat/i.test(String(error)) ? "invalid" : `unforeseen: ${error}`;
}

type Exported = { isInternal?: boolean; isMutation?: boolean; isQuery?: boolean; exportArgs(): string };

/** Every function by its path: its kind, its arguments, and whether strangers can call it. */
async function functions(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [file, load] of Object.entries(MODULES)) {
    const module = file.replace("../functions/", "").replace(".ts", "");
    for (const [name, item] of Object.entries((await load()) as Record<string, Exported>)) {
      if (!item?.isMutation && !item?.isQuery) continue;
      const kind = item.isMutation ? "mutation" : "query";
      found[`${module}:${name}`] = { kind, args: JSON.parse(item.exportArgs()), internal: item.isInternal === true };
    }
  }
  return found;
}

const [, , casesFile = "", outputFile = ""] = process.argv;
const answers: Record<string, Answer[]> = {};
for (const one of JSON.parse(readFileSync(casesFile, "utf8")) as Case[]) answers[one.name] = await played(one);
const tables = JSON.parse((schema as unknown as { export(): string }).export()).tables;
writeFileSync(outputFile, JSON.stringify({ answers, functions: await functions(), tables }));
