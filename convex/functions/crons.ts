/** What happens by itself: attempts whose worker fell silent go back to the queue. */
import { cronJobs, makeFunctionReference } from "convex/server";

const crons = cronJobs();
crons.interval("reclaim expired leases", { seconds: 10 }, makeFunctionReference<"mutation">("queue:reclaimExpired"));
export default crons;
