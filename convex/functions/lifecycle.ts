/**
 * Changes of a job's state, shared by the functions that make them.
 *
 * Every write of an attempt is fenced by `lockedBy` and a lease that has not run out.
 */
import type { Status } from "./schema";
import { type Doc, type Id, type MutationCtx, type QueryCtx, refuse, require } from "./server";

export const HEARTBEAT: readonly Status[] = ["cloning", "analyzing", "gathering", "running"];
export const IN_FLIGHT: readonly Status[] = ["claimed", ...HEARTBEAT];
export const ACTIVE: readonly Status[] = ["pending", ...IN_FLIGHT];
export const TERMINAL: readonly Status[] = ["completed", "failed", "canceled", "dead"];
export const MAX_ATTEMPTS = 5;
export const TOTAL_STEPS = 6;
const ERROR_MAX_CHARACTERS = 8192;

const ALLOWED: Readonly<Record<"pending" | "inFlight", readonly Status[]>> = {
  pending: ["claimed", "failed", "canceled"],
  inFlight: [...HEARTBEAT, "pending", ...TERMINAL],
};

function allowed(before: Status): readonly Status[] {
  if (before === "pending") return ALLOWED.pending;
  return IN_FLIGHT.includes(before) ? ALLOWED.inFlight : [];
}

export type Changes = Partial<Omit<Doc<"jobs">, "_id" | "_creationTime" | "status">>;

/** Bring the job into a state, with other changes; leaving the live states gives up the lock. */
export async function move(ctx: MutationCtx, job: Doc<"jobs">, status: Status, changes: Changes): Promise<void> {
  if (!allowed(job.status).includes(status)) {
    const end = allowed(job.status).length ? "" : "; that state is final";
    refuse("conflict", `job ${job._id} is ${job.status}: it cannot become ${status}${end}`);
  }
  const now = Date.now();
  const ended = !ACTIVE.includes(status);
  const unlock = ended || status === "pending";
  if (unlock) await release(ctx, job._id);
  await ctx.db.patch(job._id, {
    ...(ended ? { completedAt: now } : {}),
    ...changes,
    status,
    updatedAt: now,
    ...(unlock ? { lockedBy: undefined } : {}),
  });
}

/** The job if this worker's attempt is the live one. */
export async function loadAttempt(
  ctx: QueryCtx,
  jobId: Id<"jobs">,
  workerId: string | undefined,
): Promise<Doc<"jobs">> {
  const job = await require(ctx, "jobs", jobId);
  if (job.status === "canceled") refuse("canceled", `job ${jobId} was canceled: stop working on it`);
  if (workerId === undefined || job.lockedBy !== workerId) {
    const owner = job.lockedBy ? `locked by ${job.lockedBy}` : "not locked";
    refuse("lease_lost", `job ${jobId} is ${job.status} and ${owner}, not by ${workerId}: stop working on it`);
  }
  const late = Date.now() - ((await leaseOf(ctx, jobId))?.leaseUntil ?? 0);
  if (late >= 0) {
    refuse("lease_lost", `the lease of ${workerId} on job ${jobId} ran out ${late} ms ago: stop working on it`);
  }
  return job;
}

export async function leaseOf(ctx: QueryCtx, jobId: Id<"jobs">): Promise<Doc<"leases"> | null> {
  return await ctx.db
    .query("leases")
    .withIndex("by_job", (q) => q.eq("jobId", jobId))
    .unique();
}

/** Hold the job until a time. */
export async function hold(ctx: MutationCtx, jobId: Id<"jobs">, leaseUntil: number): Promise<void> {
  const lease = await leaseOf(ctx, jobId);
  if (lease === null) await ctx.db.insert("leases", { jobId, leaseUntil });
  else await ctx.db.patch(lease._id, { leaseUntil });
}

async function release(ctx: MutationCtx, jobId: Id<"jobs">): Promise<void> {
  const lease = await leaseOf(ctx, jobId);
  if (lease !== null) await ctx.db.delete(lease._id);
}

/** Cancel an active job for good: its worker's next call is refused. */
export async function cancel(ctx: MutationCtx, job: Doc<"jobs">, reason: string): Promise<void> {
  await move(ctx, job, "canceled", { cancelRequested: true, error: reason });
}

/** End an attempt in failure: back to the queue for `runAt`, or `dead` when it was the last one. */
export async function spendAttempt(
  ctx: MutationCtx,
  job: Doc<"jobs">,
  error: string,
  runAt: number,
): Promise<{ status: Status; attempts: number; runAt: number }> {
  const attempts = job.attempts + 1;
  const lastError = bounded(error);
  const dead = attempts >= job.maxAttempts;
  if (dead) await move(ctx, job, "dead", { attempts, lastError, error: lastError });
  else await move(ctx, job, "pending", { attempts, lastError, runAt });
  return { status: dead ? "dead" : "pending", attempts, runAt };
}

/** An error text that is fit to store: its end, where the cause usually is. */
export function bounded(error: string): string {
  const more = error.length - ERROR_MAX_CHARACTERS;
  return more <= 0 ? error : `[${more} characters left out]\n${error.slice(more)}`;
}

export type NewJob = {
  userId: Id<"users">;
  repositoryId: Id<"repositories">;
  prompt: string;
  callbackToken: string;
  dedupeKey: string;
  progress: string;
};

/** Queue a job for a repository that has no active one. */
export async function insertJob(ctx: MutationCtx, { progress, ...fields }: NewJob): Promise<Id<"jobs">> {
  await require(ctx, "users", fields.userId);
  await require(ctx, "repositories", fields.repositoryId);
  const active = await activeJob(ctx, fields.repositoryId);
  if (active !== null) {
    refuse(
      "conflict",
      `repository ${fields.repositoryId} has an active job, ${active._id} (${active.status}): wait for it, cancel it, ` +
        "or call jobs:regenerate",
    );
  }
  const now = Date.now();
  const jobId = await ctx.db.insert("jobs", {
    ...fields,
    status: "pending",
    runAt: now,
    attempts: 0,
    maxAttempts: MAX_ATTEMPTS,
    createdAt: now,
    updatedAt: now,
  });
  await ctx.db.insert("progress", { jobId, progress, currentStep: 0, totalSteps: TOTAL_STEPS });
  return jobId;
}

/** The repository's active job; there is at most one. */
export async function activeJob(ctx: QueryCtx, repositoryId: Id<"repositories">): Promise<Doc<"jobs"> | null> {
  for (const status of ACTIVE) {
    const found = await ctx.db
      .query("jobs")
      .withIndex("by_repository_and_status", (q) => q.eq("repositoryId", repositoryId).eq("status", status))
      .first();
    if (found !== null) return found;
  }
  return null;
}

/** The repository's newest completed job; its documents are the repository's course. */
export async function latestCompleted(ctx: QueryCtx, repositoryId: Id<"repositories">): Promise<Doc<"jobs"> | null> {
  return await ctx.db
    .query("jobs")
    .withIndex("by_repository_and_status", (q) => q.eq("repositoryId", repositoryId).eq("status", "completed"))
    .order("desc")
    .first();
}

export type Told = { progress?: string; currentStep?: number; totalSteps?: number };

/** Note how far a job is; what says nothing new writes nothing. */
export async function tell(ctx: MutationCtx, jobId: Id<"jobs">, told: Told): Promise<void> {
  const row = await progressOf(ctx, jobId);
  if (row === null) return;
  const changes = Object.fromEntries(
    Object.entries(told).filter(([name, value]) => value !== undefined && row[name as keyof Told] !== value),
  );
  if (Object.keys(changes).length) await ctx.db.patch(row._id, changes);
}

export async function progressOf(ctx: QueryCtx, jobId: Id<"jobs">): Promise<Doc<"progress"> | null> {
  return await ctx.db
    .query("progress")
    .withIndex("by_job", (q) => q.eq("jobId", jobId))
    .unique();
}

/** A job as callers see it: with how far it is. */
export async function shown(ctx: QueryCtx, job: Doc<"jobs"> | null) {
  if (job === null) return null;
  const row = await progressOf(ctx, job._id);
  if (row === null) return job;
  const { progress, currentStep, totalSteps } = row;
  return { ...job, progress, currentStep, totalSteps };
}
