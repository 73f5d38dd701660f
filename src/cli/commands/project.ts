/** The project that a command is about, and its store. */
import { findProjectFolder, loadProject } from "../../config/project-folder.ts";
import type { ProjectSpec } from "../../config/parse-project.ts";
import type { CommandContext } from "../command.ts";
import type { Engine, OpenStore } from "./engine.ts";

/** An open project. */
export interface OpenProject {
  /** Absolute. */
  readonly folder: string;
  readonly spec: ProjectSpec;
  readonly store: OpenStore;
}

/** Opens the project, has the work done, and closes it whatever came of it. */
export async function withProject<T>(
  engine: Engine,
  context: Pick<CommandContext, "cwd" | "project">,
  opening: "existing" | "create",
  work: (project: OpenProject) => Promise<T>,
): Promise<T> {
  const folder = context.project ?? (await findProjectFolder(context.cwd));
  const spec = await loadProject(folder);
  const store = await engine.openStore(folder, opening);
  try {
    return await work({ folder, spec, store });
  } finally {
    await store.close();
  }
}
