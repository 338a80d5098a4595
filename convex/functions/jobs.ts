/** `jobs:*`: what people and pages do with jobs, and the lines that a job leaves for them. */
import { v } from "convex/values";
import { deleteJobs } from "./deletion";
import { activeJob, bounded, cancel, HEARTBEAT, insertJob, latestCompleted, move, shown, tell } from "./lifecycle";
import { level, result, type Status, status } from "./schema";
import { type Id, mutation, type QueryCtx, query, refuse, require, uuid } from "./server";

const LIST_MAX = 1000;
const LOG_PAGE = 1000;
const MESSAGE_MAX_CHARACTERS = 16_384;

/** Queue a job for a repository that has none. */
export const create = mutation({
  args: { userId: v.id("users"), repositoryId: v.id("repositories"), prompt: v.string() },
  handler: async (ctx, args) => {
    const callbackToken = uuid();
    const dedupeKey = `${args.repositoryId}_${Date.now()}`;
    const jobId = await insertJob(ctx, { ...args, callbackToken, dedupeKey, progress: "Initializing..." });
    return { jobId, callbackToken };
  },
});

/** Cancel the repository's active job, if any, and queue a fresh one, in one transaction. */
export const regenerate = mutation({
  args: { repositoryId: v.id("repositories"), userId: v.id("users"), prompt: v.optional(v.string()) },
  handler: async (ctx, { repositoryId, userId, prompt }) => {
    const repository = await require(ctx, "repositories", repositoryId);
    const active = await activeJob(ctx, repositoryId);
    if (active !== null) await cancel(ctx, active, "Canceled: the course is being generated again");
    const jobId = await insertJob(ctx, {
      userId,
      repositoryId,
      prompt: prompt ?? `Generate comprehensive course documentation for ${repository.name}`,
      callbackToken: uuid(),
      dedupeKey: `${repositoryId}_regen_${Date.now()}`,
      progress: "Initializing regeneration...",
    });
    return { jobId };
  },
});

/**
 * Change a job on behalf of the holder of its callback token.
 *
 * It may cancel or fail a job and report progress; claiming, finishing and retrying are the queue's.
 */
export const updateStatus = mutation({
  args: {
    jobId: v.id("jobs"),
    status,
    callbackToken: v.string(),
    progress: v.optional(v.string()),
    currentStep: v.optional(v.number()),
    totalSteps: v.optional(v.number()),
    result: v.optional(result),
    error: v.optional(v.string()),
  },
  handler: async (ctx, args) => {
    const job = await require(ctx, "jobs", args.jobId);
    if (job.callbackToken !== args.callbackToken) {
      refuse("unauthorized", `the callbackToken is not that of job ${args.jobId}`);
    }
    const mayBe: readonly Status[] = [...HEARTBEAT, "canceled", "failed"];
    if (!mayBe.includes(args.status)) {
      refuse("conflict", `only the queue makes a job ${args.status}: use the queue:* functions`);
    }
    const error = args.error === undefined ? {} : { error: bounded(args.error), lastError: bounded(args.error) };
    await move(ctx, job, args.status, {
      ...error,
      ...(args.result === undefined ? {} : { result: args.result }),
      ...(args.status === "canceled" ? { cancelRequested: true } : {}),
    });
    const { progress, currentStep, totalSteps } = args;
    await tell(ctx, job._id, { progress, currentStep, totalSteps });
    return { success: true };
  },
});

/** Cancel the user's own active job. */
export const cancelJob = mutation({
  args: { jobId: v.id("jobs"), userId: v.id("users") },
  handler: async (ctx, args) => {
    const job = await require(ctx, "jobs", args.jobId);
    if (job.userId !== args.userId) refuse("unauthorized", `job ${args.jobId} belongs to another user`);
    await cancel(ctx, job, "Canceled by the user");
    return { success: true, jobId: job._id };
  },
});

/** Cancel an active job. */
export const requestCancel = mutation({
  args: { jobId: v.id("jobs") },
  handler: async (ctx, { jobId }) => {
    await cancel(ctx, await require(ctx, "jobs", jobId), "Canceled on request");
    return { success: true };
  },
});

/** The job or null. */
export const getJob = query({
  args: { jobId: v.id("jobs") },
  handler: async (ctx, { jobId }) => await shown(ctx, await ctx.db.get(jobId)),
});

/** The job or null. */
export const getById = query({
  args: { id: v.id("jobs") },
  handler: async (ctx, { id }) => await shown(ctx, await ctx.db.get(id)),
});

/** The user's newest jobs, newest first, at most 1000. */
export const listUserJobs = query({
  args: { userId: v.id("users") },
  handler: async (ctx, { userId }) => {
    const jobs = await ctx.db
      .query("jobs")
      .withIndex("by_user", (q) => q.eq("userId", userId))
      .order("desc")
      .take(LIST_MAX);
    return await Promise.all(jobs.map((job) => shown(ctx, job)));
  },
});

/** The repository's newest job or null. */
export const getJobByRepository = query({
  args: { repositoryId: v.id("repositories") },
  handler: async (ctx, { repositoryId }) => {
    const jobs = await Promise.all(
      ALL.map((one) =>
        ctx.db
          .query("jobs")
          .withIndex("by_repository_and_status", (q) => q.eq("repositoryId", repositoryId).eq("status", one))
          .order("desc")
          .first(),
      ),
    );
    const found = jobs.filter((job) => job !== null).sort((one, two) => two._creationTime - one._creationTime);
    return await shown(ctx, found[0] ?? null);
  },
});
const ALL = status.members.map((member) => member.value);

/** The repository's newest completed job or null. */
export const getLatestCompletedByRepository = query({
  args: { repositoryId: v.id("repositories") },
  handler: async (ctx, { repositoryId }) => await shown(ctx, await latestCompleted(ctx, repositoryId)),
});

/** Up to 1000 lines after `afterSeq`, in order; ask again with the last `seq` for more. */
export const getLogs = query({
  args: { jobId: v.id("jobs"), afterSeq: v.optional(v.number()) },
  handler: async (ctx, { jobId, afterSeq }) =>
    await ctx.db
      .query("jobLogs")
      .withIndex("by_job_and_seq", (q) => q.eq("jobId", jobId).gt("seq", afterSeq ?? 0))
      .take(LOG_PAGE),
});

async function lastSeq(ctx: QueryCtx, jobId: Id<"jobs">): Promise<number> {
  const last = await ctx.db
    .query("jobLogs")
    .withIndex("by_job_and_seq", (q) => q.eq("jobId", jobId))
    .order("desc")
    .first();
  return last?.seq ?? 0;
}

/** Add a line; lines are numbered per job from 1, so none is lost. */
export const appendLog = mutation({
  args: { jobId: v.id("jobs"), level, msg: v.string() },
  handler: async (ctx, args) => {
    await require(ctx, "jobs", args.jobId);
    if (args.msg.length > MESSAGE_MAX_CHARACTERS) {
      refuse("too_large", `msg has ${args.msg.length} characters, the limit is ${MESSAGE_MAX_CHARACTERS}: split it`);
    }
    await ctx.db.insert("jobLogs", { ...args, ts: Date.now(), seq: (await lastSeq(ctx, args.jobId)) + 1 });
    return null;
  },
});

/** Delete a job with its documents and its log, and count them; one at work is cancelled first. */
const deleteJob = mutation({
  args: { jobId: v.id("jobs") },
  handler: async (ctx, { jobId }) => await deleteJobs(ctx, [await require(ctx, "jobs", jobId)]),
});

export { deleteJob as delete };
