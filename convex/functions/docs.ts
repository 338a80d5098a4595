/**
 * `docs:*`: the documents of courses. Only the live attempt of a job may write them.
 *
 * A job's documents are its own until `queue:complete` commits; then they are the repository's course and those of
 * earlier jobs go.
 */
import { getConvexSize, v } from "convex/values";
import { latestCompleted, loadAttempt, TERMINAL } from "./lifecycle";
import { normalise } from "./normaliser";
import { kind } from "./schema";
import { type Doc, type Id, type MutationCtx, mutation, type QueryCtx, query, refuse } from "./server";

const DOCUMENT_MAX_BYTES = 1 << 20;
const RETURN_MAX_BYTES = 16 << 20;
const ARRAY_MAX_ITEMS = 8192;
const MAY_BE_BLANK: readonly string[] = ["toc", "yaml"];

async function ofJob(ctx: QueryCtx, jobId: Id<"jobs">): Promise<Doc<"docs">[]> {
  const found = await ctx.db
    .query("docs")
    .withIndex("by_job_and_slug", (q) => q.eq("jobId", jobId))
    .collect();
  return found.sort((one, two) => one._creationTime - two._creationTime);
}

/** Make the job's documents exactly those given; `runId` must be the live attempt's workerId. */
export const upsertFromJob = mutation({
  args: {
    jobId: v.id("jobs"),
    repositoryId: v.id("repositories"),
    runId: v.optional(v.string()),
    files: v.array(
      v.object({
        slug: v.string(),
        title: v.string(),
        chapterIndex: v.optional(v.number()),
        content: v.string(),
        kind,
      }),
    ),
    summary: v.object({ chaptersCount: v.number(), tutorialsCount: v.number(), generatedAt: v.number() }),
  },
  handler: async (ctx, args) => {
    const job = await loadAttempt(ctx, args.jobId, args.runId);
    if (job.repositoryId !== args.repositoryId) {
      refuse("invalid", `job ${job._id} is of repository ${job.repositoryId}, not ${args.repositoryId}`);
    }
    const stored = new Map((await ofJob(ctx, job._id)).map((document) => [document.slug, document]));
    const kept = new Map<string, Id<"docs">>();
    const stats = { inserted: 0, updated: 0, skipped: 0, rejected: 0, deleted: 0 };
    const now = Date.now();
    let size = 0;
    for (const file of args.files) {
      if (!file.content.trim() && !MAY_BE_BLANK.includes(file.kind)) {
        stats.rejected += 1;
        continue;
      }
      if (kept.has(file.slug)) {
        stats.skipped += 1;
        continue;
      }
      const fields = { ...file, content: file.kind === "yaml" ? file.content : normalise(file.content) };
      const bytes = getConvexSize(fields);
      if (bytes > DOCUMENT_MAX_BYTES) {
        refuse(
          "too_large",
          `document "${file.slug}" of table docs has ${bytes} bytes, the limit is ${DOCUMENT_MAX_BYTES}`,
        );
      }
      size += bytes;
      const before = stored.get(file.slug);
      if (before === undefined) {
        stats.inserted += 1;
        const sourceKey = `${job.repositoryId}:${file.slug}`;
        const marks = { createdAt: now, normalizedAt: now, runId: args.runId, sourceKey };
        const owner = { jobId: job._id, repositoryId: job.repositoryId };
        kept.set(file.slug, await ctx.db.insert("docs", { ...owner, ...fields, ...marks }));
        continue;
      }
      kept.set(file.slug, before._id);
      const same =
        before.title === fields.title &&
        before.content === fields.content &&
        before.kind === fields.kind &&
        before.chapterIndex === fields.chapterIndex;
      if (same) stats.skipped += 1;
      else {
        stats.updated += 1;
        const changes = { ...fields, chapterIndex: fields.chapterIndex, updatedAt: now, runId: args.runId };
        await ctx.db.patch(before._id, changes);
      }
    }
    for (const [slug, document] of stored) {
      if (!kept.has(slug)) {
        await ctx.db.delete(document._id);
        stats.deleted += 1;
      }
    }
    if (kept.size > ARRAY_MAX_ITEMS) {
      refuse("too_large", `${kept.size} documents, the limit is ${ARRAY_MAX_ITEMS}`);
    }
    if (size > RETURN_MAX_BYTES) {
      refuse("too_large", `documents of job ${job._id} have ${size} bytes, the limit is ${RETURN_MAX_BYTES}`);
    }
    const docsCount = kept.size;
    await ctx.db.patch(job._id, { docsCount, runId: args.runId, regenerationStats: stats, updatedAt: now });
    return { docsCount, docIds: [...kept.values()], stats };
  },
});

/** Delete the documents of the repository's other finished jobs. */
export async function purgeOlderCourses(
  ctx: MutationCtx,
  repositoryId: Id<"repositories">,
  keep: Id<"jobs">,
): Promise<void> {
  for (const status of TERMINAL) {
    const jobs = await ctx.db
      .query("jobs")
      .withIndex("by_repository_and_status", (q) => q.eq("repositoryId", repositoryId).eq("status", status))
      .collect();
    for (const job of jobs) {
      if (job._id === keep || !job.docsCount) continue;
      for (const document of await ofJob(ctx, job._id)) await ctx.db.delete(document._id);
      // A job without documents must not be offered as a course.
      await ctx.db.patch(job._id, { docsCount: 0 });
    }
  }
}

/** The job's documents in the order they were made. */
export const listByJobId = query({
  args: { jobId: v.id("jobs") },
  handler: async (ctx, { jobId }) => await ofJob(ctx, jobId),
});

/** One document or null. */
export const getBySlug = query({
  args: { jobId: v.id("jobs"), slug: v.string() },
  handler: async (ctx, { jobId, slug }) =>
    await ctx.db
      .query("docs")
      .withIndex("by_job_and_slug", (q) => q.eq("jobId", jobId).eq("slug", slug))
      .unique(),
});

/** The repository's course: the documents of its newest completed job. */
export const listByRepository = query({
  args: { repositoryId: v.id("repositories") },
  handler: async (ctx, { repositoryId }) => {
    const job = await latestCompleted(ctx, repositoryId);
    return job === null ? [] : await ofJob(ctx, job._id);
  },
});
