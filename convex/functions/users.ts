/** `users:*`: who owns repositories and jobs. There is no sign-in here and no token is stored. */
import { v } from "convex/values";
import { mutation, type QueryCtx, query } from "./server";

async function byGithubId(ctx: QueryCtx, githubId: string) {
  return await ctx.db
    .query("users")
    .withIndex("by_github_id", (q) => q.eq("githubId", githubId))
    .first();
}

/** The id of the user with this GitHub id; given fields replace stored ones. */
export const createOrUpdateUser = mutation({
  args: {
    githubId: v.string(),
    username: v.string(),
    email: v.optional(v.string()),
    avatarUrl: v.optional(v.string()),
  },
  handler: async (ctx, args) => {
    const known = await byGithubId(ctx, args.githubId);
    if (known === null) return await ctx.db.insert("users", { ...args, createdAt: Date.now() });
    const differs = Object.entries(args).some(([key, value]) => known[key as keyof typeof args] !== value);
    if (differs) await ctx.db.patch(known._id, args);
    return known._id;
  },
});

/** The user or null. */
export const getUserById = query({
  args: { userId: v.id("users") },
  handler: async (ctx, { userId }) => await ctx.db.get(userId),
});

/** The user or null. */
export const getUserByGithubId = query({
  args: { githubId: v.string() },
  handler: async (ctx, { githubId }) => await byGithubId(ctx, githubId),
});
