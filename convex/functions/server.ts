/**
 * What every function is made of. All of them are internal: whoever knows the deployment's address and has not its key
 * can call none of them.
 */
import {
  type DataModelFromSchemaDefinition,
  type DocumentByName,
  type GenericMutationCtx,
  type GenericQueryCtx,
  internalMutationGeneric,
  internalQueryGeneric,
  type MutationBuilder,
  type QueryBuilder,
  type TableNamesInDataModel,
} from "convex/server";
import { ConvexError, type GenericId } from "convex/values";
import type schema from "./schema";

export type DataModel = DataModelFromSchemaDefinition<typeof schema>;
export type Doc<Name extends TableNamesInDataModel<DataModel>> = DocumentByName<DataModel, Name>;
export type Id<Name extends TableNamesInDataModel<DataModel>> = GenericId<Name>;
export type QueryCtx = GenericQueryCtx<DataModel>;
export type MutationCtx = GenericMutationCtx<DataModel>;

export const mutation = internalMutationGeneric as MutationBuilder<DataModel, "internal">;
export const query = internalQueryGeneric as QueryBuilder<DataModel, "internal">;

/** What a refused call should do next; the embedded backend has the same codes. */
export type Code =
  | "invalid"
  | "not_found"
  | "conflict"
  | "lease_lost"
  | "canceled"
  | "too_large"
  | "no_documents"
  | "unauthorized";

/** Refuse the call: nothing of it is written. */
export function refuse(code: Code, message: string): never {
  throw new ConvexError({ code, message });
}

/** The row, or a refusal with `not_found`. */
export async function require<Name extends TableNamesInDataModel<DataModel>>(
  ctx: QueryCtx,
  table: Name,
  id: Id<Name>,
): Promise<Doc<Name>> {
  const found = await ctx.db.get(id);
  return found ?? refuse("not_found", `${table} has no row ${id}: it was deleted or never existed`);
}

/** A random UUID (version 4) from the transaction's own randomness. */
export function uuid(): string {
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join("");
  const variant = "89ab"[Math.floor(Math.random() * 4)];
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
}
