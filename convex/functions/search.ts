/** `search:courses`: where the newest courses have the words that somebody looks for. An extension of ours. */
import { v } from "convex/values";
import { type Doc, type Id, type QueryCtx, query, refuse } from "./server";

const FOUND_MAX = 20;
const QUERY_MAX = 1_000;
const CONTENT_MAX = 100_000;
const WORDS_MAX = 8;
const REVIEWED = "reviewed-chapters/";
/** Of so many is chosen what a learner reads first: drafts and courses that are not complete are found, too. */
const LOOKED_AT = 60;

function wordsOf(text: string): string[] {
  const words =
    text
      .slice(0, QUERY_MAX)
      .toLowerCase()
      .match(/[\p{L}\p{N}_]+/gu) ?? [];
  return [...new Set(words)].slice(0, WORDS_MAX);
}

/** Texts whose title, then those whose content has the words. */
async function candidates(ctx: QueryCtx, words: readonly string[]): Promise<Doc<"docs">[]> {
  const text = words.join(" ");
  const named = await ctx.db
    .query("docs")
    .withSearchIndex("search_title", (q) => q.search("title", text))
    .take(LOOKED_AT);
  const telling = await ctx.db
    .query("docs")
    .withSearchIndex("search_content", (q) => q.search("content", text))
    .take(LOOKED_AT);
  const known = new Map<Id<"docs">, Doc<"docs">>([...named, ...telling].map((document) => [document._id, document]));
  const has = (document: Doc<"docs">): boolean => {
    const all = `${document.title}\n${document.content}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
  const found = [...known.values()].filter((document) => document.kind === "chapter" || document.kind === "tutorial");
  const whole = new Set(found.filter(has));
  return [...whole, ...found.filter((document) => !whole.has(document))];
}

/** Whether learners read it: in a complete course, and not the draft of a chapter that was reviewed. */
async function isRead(ctx: QueryCtx, { jobId, kind, slug }: Doc<"docs">): Promise<boolean> {
  const job = await ctx.db.get(jobId);
  if (job?.status !== "completed") return false;
  if (kind !== "chapter" || slug.startsWith(REVIEWED)) return true;
  const reviewed = await ctx.db
    .query("docs")
    .withIndex("by_job_and_slug", (q) => q.eq("jobId", jobId).eq("slug", REVIEWED + slug.slice(slug.indexOf("/") + 1)))
    .unique();
  return reviewed === null;
}

/** The texts with all words, the best first; after them those with any. */
export const courses = query({
  args: { query: v.string(), limit: v.optional(v.number()) },
  handler: async (ctx, args) => {
    const limit = args.limit ?? FOUND_MAX;
    if (!(limit >= 1 && limit <= FOUND_MAX)) refuse("invalid", `limit is ${limit}: expected 1 to ${FOUND_MAX}`);
    const words = wordsOf(args.query);
    const shown = [];
    for (const document of words.length === 0 ? [] : await candidates(ctx, words)) {
      if (shown.length >= Math.floor(limit)) break;
      const repository = await ctx.db.get(document.repositoryId);
      if (repository === null || !(await isRead(ctx, document))) continue;
      const { jobId, repositoryId, slug, title, kind, content } = document;
      const found = { jobId, repositoryId, fullName: repository.fullName, slug, title, kind };
      shown.push({ ...found, content: content.slice(0, CONTENT_MAX) });
    }
    return shown;
  },
});
