/** Deletion for good: jobs with all that hangs on them. */
import { ACTIVE, cancel, progressOf } from "./lifecycle";
import type { Doc, Id, MutationCtx } from "./server";

export type Counts = { jobs: number; documents: number; logLines: number };

/** Delete jobs with their documents, their log and their progress, and count them. */
export async function deleteJobs(ctx: MutationCtx, jobs: readonly Doc<"jobs">[]): Promise<Counts> {
  const counts = { jobs: jobs.length, documents: 0, logLines: 0 };
  for (const job of jobs) {
    if (ACTIVE.includes(job.status)) await cancel(ctx, job, "Deleted");
    counts.documents += await removed(ctx, await documentsOf(ctx, job._id));
    counts.logLines += await removed(ctx, await linesOf(ctx, job._id));
    const row = await progressOf(ctx, job._id);
    if (row !== null) await ctx.db.delete(row._id);
    await ctx.db.delete(job._id);
  }
  return counts;
}

async function documentsOf(ctx: MutationCtx, jobId: Id<"jobs">): Promise<Doc<"docs">[]> {
  return await ctx.db
    .query("docs")
    .withIndex("by_job_and_slug", (q) => q.eq("jobId", jobId))
    .collect();
}

async function linesOf(ctx: MutationCtx, jobId: Id<"jobs">): Promise<Doc<"jobLogs">[]> {
  return await ctx.db
    .query("jobLogs")
    .withIndex("by_job_and_seq", (q) => q.eq("jobId", jobId))
    .collect();
}

async function removed(ctx: MutationCtx, rows: readonly (Doc<"docs"> | Doc<"jobLogs">)[]): Promise<number> {
  for (const row of rows) await ctx.db.delete(row._id);
  return rows.length;
}
