/** `repositories:*`: what can be analysed, known by its URL. */
import { v } from "convex/values";
import { deleteJobs } from "./deletion";
import { mutation, query, refuse, require } from "./server";

const SCHEMES = ["https:", "http:", "file:"];
const URL_MAX = 2048;
const PRINTABLE = /^[\x21-\x7e]+$/;

/** Refuse what must not be stored and shown; which hosts are allowed is the submitting side's policy. */
function checkedUrl(url: string): string {
  const shown = JSON.stringify(url.slice(0, 80));
  let parts: URL;
  try {
    parts = new URL(url);
  } catch {
    refuse("invalid", `url ${shown} is no URL`);
  }
  if (url.length > URL_MAX || !PRINTABLE.test(url) || !SCHEMES.includes(parts.protocol)) {
    refuse("invalid", `url ${shown}: expected https://host/owner/name.git, http:// or file://`);
  }
  if (parts.username || parts.password) {
    refuse("invalid", `url of ${parts.hostname}: credentials in a URL would be stored: leave them out`);
  }
  return url;
}

/** The id of the repository with this clone URL, made or brought up to date. */
export const register = mutation({
  args: {
    userId: v.id("users"),
    url: v.string(),
    fullName: v.string(),
    name: v.string(),
    defaultBranch: v.optional(v.string()),
  },
  handler: async (ctx, { userId, url, fullName, name, defaultBranch }) => {
    await require(ctx, "users", userId);
    const cloneUrl = checkedUrl(url);
    const branch = defaultBranch === undefined ? {} : { defaultBranch };
    const fields = { name, fullName, ...branch };
    const known = await ctx.db
      .query("repositories")
      .withIndex("by_clone_url", (q) => q.eq("cloneUrl", cloneUrl))
      .first();
    if (known !== null) {
      const differs = Object.entries(fields).some(([key, value]) => known[key as keyof typeof fields] !== value);
      if (differs) await ctx.db.patch(known._id, fields);
      return known._id;
    }
    // The schema wants a GitHub id; a repository that GitHub does not know is named by its URL.
    return await ctx.db.insert("repositories", {
      defaultBranch: "",
      ...fields,
      userId,
      githubRepoId: cloneUrl,
      cloneUrl,
    });
  },
});

/** The user's repositories, oldest first. */
export const listUserRepositories = query({
  args: { userId: v.id("users") },
  handler: async (ctx, { userId }) =>
    await ctx.db
      .query("repositories")
      .withIndex("by_user", (q) => q.eq("userId", userId))
      .collect(),
});

/** The repositories of that name: an array, since one name may exist on several hosts. */
export const getByFullName = query({
  args: { fullName: v.string() },
  handler: async (ctx, { fullName }) =>
    await ctx.db
      .query("repositories")
      .withIndex("by_full_name", (q) => q.eq("fullName", fullName))
      .collect(),
});

/** The repository or null. */
export const getByRepositoryId = query({
  args: { repositoryId: v.id("repositories") },
  handler: async (ctx, { repositoryId }) => await ctx.db.get(repositoryId),
});

/** Delete a repository with its jobs and all that they left, and count them. */
const deleteRepository = mutation({
  args: { repositoryId: v.id("repositories") },
  handler: async (ctx, { repositoryId }) => {
    const repository = await require(ctx, "repositories", repositoryId);
    const jobs = await ctx.db
      .query("jobs")
      .withIndex("by_repository_and_status", (q) => q.eq("repositoryId", repositoryId))
      .collect();
    const counts = await deleteJobs(ctx, jobs);
    await ctx.db.delete(repository._id);
    return counts;
  },
});

export { deleteRepository as delete };

/** Which of these ids name nothing, or nothing any more. */
export const deleted = query({
  args: { repositoryIds: v.array(v.string()), jobIds: v.array(v.string()) },
  handler: async (ctx, args) => {
    const gone = { repositoryIds: [] as string[], jobIds: [] as string[] };
    for (const text of args.repositoryIds) {
      const id = ctx.db.normalizeId("repositories", text);
      if (id === null || (await ctx.db.get(id)) === null) gone.repositoryIds.push(text);
    }
    for (const text of args.jobIds) {
      const id = ctx.db.normalizeId("jobs", text);
      if (id === null || (await ctx.db.get(id)) === null) gone.jobIds.push(text);
    }
    return gone;
  },
});
