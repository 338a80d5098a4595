/** `queue:*`: what a worker calls. Claim, keep the lease, finish, hand back; a cron reclaims what expires. */
import { v } from "convex/values";
import { purgeOlderCourses } from "./docs";
import { ACTIVE, hold, IN_FLIGHT, insertJob, loadAttempt, move, spendAttempt, tell } from "./lifecycle";
import { result, type Status } from "./schema";
import { type Doc, type MutationCtx, mutation, type QueryCtx, query, refuse, require } from "./server";

const LEASE_MS = 30_000;
const LEASE_MIN_MS = 1_000;
const LEASE_MAX_MS = 3_600_000;
const BACKOFF_BASE_MS = 5_000;
const BACKOFF_CAP_MS = 600_000;
const BACKOFF_JITTER_MS = 5_000;
const HOUR_MS = 3_600_000;
const REASON_MAX = 500;
/** Counting more than this would read too much; the embedded backend counts exactly. */
const COUNT_MAX = 1_000;
const RECLAIMED_AT_ONCE = 100;

const attempt = { jobId: v.id("jobs"), workerId: v.string() };

function leaseUntil(leaseMs: number = LEASE_MS): number {
  if (!(leaseMs >= LEASE_MIN_MS && leaseMs <= LEASE_MAX_MS)) {
    refuse("invalid", `leaseMs is ${leaseMs}: expected ${LEASE_MIN_MS} to ${LEASE_MAX_MS} milliseconds`);
  }
  return Date.now() + leaseMs;
}

/** Give the pending job that is due the longest to this worker, or return null. */
export const claimOne = mutation({
  args: { workerId: v.string(), leaseMs: v.optional(v.number()) },
  handler: async (ctx, { workerId, leaseMs }) => {
    if (!workerId) refuse("invalid", "queue:claimOne: workerId is empty: send a name that is fresh for each claim");
    const until = leaseUntil(leaseMs);
    const due = await ctx.db
      .query("jobs")
      .withIndex("by_status_and_run_at", (q) => q.eq("status", "pending").lte("runAt", Date.now()))
      .first();
    if (due === null) return null;
    await hold(ctx, due._id, until);
    await move(ctx, due, "claimed", { lockedBy: workerId });
    const { _id: id, repositoryId, userId, prompt, callbackToken, attempts } = due;
    return { id, repositoryId, userId, prompt, callbackToken, attempts };
  },
});

/** Renew the lease and report progress. */
export const heartbeat = mutation({
  args: {
    ...attempt,
    status: v.optional(
      v.union(v.literal("cloning"), v.literal("analyzing"), v.literal("gathering"), v.literal("running")),
    ),
    progress: v.optional(v.string()),
    currentStep: v.optional(v.number()),
    totalSteps: v.optional(v.number()),
    leaseMs: v.optional(v.number()),
  },
  handler: async (ctx, args) => {
    const job = await loadAttempt(ctx, args.jobId, args.workerId);
    await hold(ctx, job._id, leaseUntil(args.leaseMs));
    if (args.status !== undefined && args.status !== job.status) await move(ctx, job, args.status, {});
    const { progress, currentStep, totalSteps } = args;
    await tell(ctx, job._id, { progress: progress || undefined, currentStep, totalSteps });
    return { success: true };
  },
});

/** Finish the job: its documents become the repository's course, those of earlier jobs go. */
export const complete = mutation({
  args: { ...attempt, result: v.optional(result), docsCount: v.optional(v.number()) },
  handler: async (ctx, args) => {
    const known = await require(ctx, "jobs", args.jobId);
    if (known.status === "completed" && known.runId === args.workerId) return { success: true };
    const job = await loadAttempt(ctx, args.jobId, args.workerId);
    if (!job.docsCount) {
      refuse(
        "no_documents",
        `job ${job._id} has no documents: publish with docs:upsertFromJob first, or call queue:retryOrFail`,
      );
    }
    await move(ctx, job, "completed", args.result === undefined ? {} : { result: args.result });
    await purgeOlderCourses(ctx, job.repositoryId, job._id);
    return { success: true };
  },
});

/** End the attempt in failure: try again later with back-off, or `dead` after the last attempt. */
export const retryOrFail = mutation({
  args: { ...attempt, error: v.string() },
  handler: async (ctx, args) => {
    const job = await loadAttempt(ctx, args.jobId, args.workerId);
    const delay = Math.min(BACKOFF_BASE_MS * 2 ** Math.min(job.attempts, 16), BACKOFF_CAP_MS);
    const runAt = Date.now() + delay + Math.random() * BACKOFF_JITTER_MS;
    const spent = await spendAttempt(ctx, job, args.error, runAt);
    if (spent.status === "dead") return { status: "dead", attempts: spent.attempts };
    return { status: "retrying", attempts: spent.attempts, nextRunAt: new Date(runAt).toISOString() };
  },
});

/** Hand the job back without spending an attempt; another worker may claim it at once. */
export const release = mutation({
  args: { ...attempt, reason: v.string() },
  handler: async (ctx, args) => {
    const job = await loadAttempt(ctx, args.jobId, args.workerId);
    await move(ctx, job, "pending", { runAt: Date.now() });
    await tell(ctx, job._id, { progress: `Waiting: ${args.reason.slice(0, REASON_MAX)}` });
    return { status: "pending" };
  },
});

/** Queue a job; an active one with the same dedupeKey is returned instead. */
export const createJob = mutation({
  args: {
    userId: v.id("users"),
    repositoryId: v.id("repositories"),
    prompt: v.string(),
    callbackToken: v.string(),
    dedupeKey: v.optional(v.string()),
  },
  handler: async (ctx, { dedupeKey, ...args }) => {
    if (dedupeKey !== undefined) {
      const twins = ctx.db
        .query("jobs")
        .withIndex("by_dedupe_key", (q) => q.eq("dedupeKey", dedupeKey))
        .order("desc");
      for await (const twin of twins) {
        if (ACTIVE.includes(twin.status)) return { jobId: twin._id, duplicate: true, status: twin.status };
      }
    }
    const jobId = await insertJob(ctx, {
      ...args,
      dedupeKey: dedupeKey || `${args.repositoryId}_${Date.now()}`,
      progress: "Initializing...",
    });
    return { jobId, duplicate: false, status: "pending" as Status };
  },
});

async function counted(ctx: QueryCtx, wanted: readonly Status[], since?: number): Promise<number> {
  let count = 0;
  for (const one of wanted) {
    const rows =
      since === undefined
        ? ctx.db.query("jobs").withIndex("by_status_and_run_at", (q) => q.eq("status", one))
        : ctx.db
            .query("jobs")
            .withIndex("by_status_and_completed_at", (q) => q.eq("status", one).gte("completedAt", since));
    count += (await rows.take(COUNT_MAX)).length;
  }
  return count;
}

/** Count jobs by state, and those of the last hour; each number up to a thousand a state. */
export const getMetrics = query({
  args: {},
  handler: async (ctx) => {
    const now = Date.now();
    const created = await ctx.db
      .query("jobs")
      .withIndex("by_created_at", (q) => q.gte("createdAt", now - HOUR_MS))
      .take(COUNT_MAX);
    return {
      counts: {
        pending: await counted(ctx, ["pending"]),
        processing: await counted(ctx, IN_FLIGHT),
        completed: await counted(ctx, ["completed"]),
        failed: await counted(ctx, ["failed"]),
        dead: await counted(ctx, ["dead"]),
      },
      recentActivity: {
        total: created.length,
        completed: await counted(ctx, ["completed"], now - HOUR_MS),
        failed: await counted(ctx, ["failed", "dead"], now - HOUR_MS),
      },
      timestamp: now,
    };
  },
});

async function giveUp(ctx: MutationCtx, job: Doc<"jobs">): Promise<void> {
  const error = `worker ${job.lockedBy} stopped renewing its lease: the attempt was given up by the queue`;
  await spendAttempt(ctx, job, error, Date.now());
}

/** End attempts whose lease ran out; the cron calls it. */
export const reclaimExpired = mutation({
  args: {},
  handler: async (ctx) => {
    const expired = await ctx.db
      .query("leases")
      .withIndex("by_lease_until", (q) => q.lte("leaseUntil", Date.now()))
      .take(RECLAIMED_AT_ONCE);
    for (const lease of expired) {
      const job = await ctx.db.get(lease.jobId);
      if (job !== null && IN_FLIGHT.includes(job.status)) await giveUp(ctx, job);
      else await ctx.db.delete(lease._id);
    }
    return { reclaimed: expired.length, checked: expired.length };
  },
});
