import type { Client } from "@connectrpc/connect";
import { toProblem } from "@/api/problem";
import type { WorkspaceService } from "@/gen/carrel/ide/v1/workspace_service_pb";
import type { Disk } from "../buffers/disk";

/** The workspace's files through WorkspaceService. */
export function connectDisk(
  workspace: Pick<Client<typeof WorkspaceService>, "readFile" | "writeFile">,
  lessonId: string,
): Disk {
  return {
    async read(path) {
      try {
        const { text, digest, editable, binary } = await workspace.readFile({ lessonId, path });
        return { kind: "file", file: { text, digest, editable, binary } };
      } catch (error) {
        const problem = toProblem(error);
        return problem.kind === "notFound" ? { kind: "missing" } : { kind: "failed", problem };
      }
    },
    async write(path, text, baseDigest) {
      try {
        const { digest } = await workspace.writeFile({ lessonId, path, text, baseDigest });
        return { kind: "saved", digest };
      } catch (error) {
        const problem = toProblem(error);
        // A file that was deleted meanwhile is a change on disk like any other.
        if (problem.kind === "conflict" || problem.kind === "notFound") return { kind: "conflict" };
        return { kind: "failed", problem };
      }
    },
  };
}
