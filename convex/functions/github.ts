/** `github:*`: the one mutation that the web page of the existing system calls; nothing here talks to GitHub. */
import { v } from "convex/values";
import { mutation, require } from "./server";

/** Record when the repository was last analysed. */
export const updateRepositoryMetadata = mutation({
  args: { repositoryId: v.id("repositories"), lastAnalyzedAt: v.number() },
  handler: async (ctx, { repositoryId, lastAnalyzedAt }) => {
    const repository = await require(ctx, "repositories", repositoryId);
    await ctx.db.patch(repository._id, { lastAnalyzedAt });
    return null;
  },
});
