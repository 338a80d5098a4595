/**
 * The tables, field by field those of the embedded backend (`backend/schema.py`); a test holds both to each other.
 *
 * What changes while a job runs lies beside the job: a renewed lease writes a row that no page reads, and progress one
 * that only readers of that job wait for. Neither touches what claims read.
 */
import { defineSchema, defineTable } from "convex/server";
import { type Infer, v } from "convex/values";

export const kind = v.union(v.literal("chapter"), v.literal("tutorial"), v.literal("toc"), v.literal("yaml"));
export const level = v.union(v.literal("info"), v.literal("error"));
export const status = v.union(
  v.literal("pending"),
  v.literal("claimed"),
  v.literal("cloning"),
  v.literal("analyzing"),
  v.literal("gathering"),
  v.literal("running"),
  v.literal("completed"),
  v.literal("failed"),
  v.literal("canceled"),
  v.literal("dead"),
);
export const result = v.union(
  v.object({ success: v.boolean(), message: v.optional(v.string()), data: v.optional(v.string()) }),
  v.string(),
  v.null(),
);
export type Status = Infer<typeof status>;

const regenerationStats = v.object({
  inserted: v.number(),
  updated: v.number(),
  skipped: v.number(),
  rejected: v.number(),
  deleted: v.number(),
});

export default defineSchema({
  users: defineTable({
    githubId: v.string(),
    username: v.string(),
    email: v.optional(v.string()),
    avatarUrl: v.optional(v.string()),
    createdAt: v.number(),
  }).index("by_github_id", ["githubId"]),

  repositories: defineTable({
    userId: v.id("users"),
    githubRepoId: v.string(),
    name: v.string(),
    fullName: v.string(),
    description: v.optional(v.string()),
    defaultBranch: v.string(),
    cloneUrl: v.string(),
    lastFetched: v.optional(v.number()),
    lastAnalyzedAt: v.optional(v.number()),
  })
    .index("by_user", ["userId"])
    .index("by_full_name", ["fullName"])
    .index("by_clone_url", ["cloneUrl"]),

  jobs: defineTable({
    userId: v.id("users"),
    repositoryId: v.id("repositories"),
    status,
    prompt: v.string(),
    callbackToken: v.string(),
    runAt: v.number(),
    attempts: v.number(),
    maxAttempts: v.number(),
    lockedBy: v.optional(v.string()),
    dedupeKey: v.optional(v.string()),
    lastError: v.optional(v.string()),
    error: v.optional(v.string()),
    runId: v.optional(v.string()),
    createdAt: v.number(),
    updatedAt: v.number(),
    completedAt: v.optional(v.number()),
    docsCount: v.optional(v.number()),
    result: v.optional(result),
    cancelRequested: v.optional(v.boolean()),
    regenerationStats: v.optional(regenerationStats),
  })
    .index("by_user", ["userId"])
    .index("by_repository_and_status", ["repositoryId", "status"])
    .index("by_status_and_run_at", ["status", "runAt"])
    .index("by_dedupe_key", ["dedupeKey"])
    .index("by_created_at", ["createdAt"])
    .index("by_status_and_completed_at", ["status", "completedAt"]),

  /** Who holds a job, and until when: one row for each job that is at work. */
  leases: defineTable({ jobId: v.id("jobs"), leaseUntil: v.number() })
    .index("by_job", ["jobId"])
    .index("by_lease_until", ["leaseUntil"]),

  /** How far a job is: one row for each job. */
  progress: defineTable({
    jobId: v.id("jobs"),
    progress: v.string(),
    currentStep: v.number(),
    totalSteps: v.number(),
  }).index("by_job", ["jobId"]),

  docs: defineTable({
    jobId: v.id("jobs"),
    repositoryId: v.id("repositories"),
    slug: v.string(),
    title: v.string(),
    chapterIndex: v.optional(v.number()),
    kind,
    content: v.string(),
    createdAt: v.number(),
    updatedAt: v.optional(v.number()),
    sourceKey: v.optional(v.string()),
    runId: v.optional(v.string()),
    normalizedAt: v.optional(v.number()),
  })
    .index("by_job_and_slug", ["jobId", "slug"])
    .index("by_repository", ["repositoryId"])
    .searchIndex("search_title", { searchField: "title" })
    .searchIndex("search_content", { searchField: "content" }),

  jobLogs: defineTable({
    jobId: v.id("jobs"),
    ts: v.number(),
    seq: v.number(),
    level,
    msg: v.string(),
  }).index("by_job_and_seq", ["jobId", "seq"]),
});
