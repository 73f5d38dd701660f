/** The project that a command is about, and its store. */
import { findProjectFolder, loadProject } from "../../config/project-folder.ts";
import type { ProjectSpec } from "../../config/parse-project.ts";
import { kindOfPath } from "../../config/path-facts.ts";
import { HakiriError, usageError } from "../../core/error.ts";
import type { CommandContext } from "../command.ts";
import type { Engine, OpenStore, StoreOpening } from "./engine.ts";

/** A project's folder, and what its file says. */
export interface Project {
  /** Absolute. */
  readonly folder: string;
  readonly spec: ProjectSpec;
}

/** An open project. */
export interface OpenProject extends Project {
  readonly store: OpenStore;
}

/** What a command knows of where it was typed. */
export type ProjectContext = Pick<CommandContext, "cwd" | "project">;

/** The folder of a command's project. Throws `usage.project` for a named one that isn't there. */
export async function projectFolder({ cwd, project }: ProjectContext): Promise<string> {
  if (project === undefined) return findProjectFolder(cwd);
  const found = await kindOfPath(project);
  if (found === "folder") return project;
  throw usageError(
    "project",
    `expected a folder for --project, got ${found ?? "nothing"} at '${project}'`,
    "check the path; a new project is made by: hakiri init DIR",
  );
}

/** Finds the project of a command, without a look at its store. */
export async function locateProject(context: ProjectContext): Promise<Project> {
  const folder = await projectFolder(context);
  return { folder, spec: await loadProject(folder) };
}

/** Opens a project's store, has the work done, and closes it whatever came of it. */
export async function withStore<T>(
  engine: Engine,
  project: Project,
  opening: StoreOpening,
  work: (project: OpenProject) => Promise<T>,
): Promise<T> {
  const store = await engine.openStore(project.folder, opening);
  try {
    return await work({ ...project, store });
  } finally {
    await store.close();
  }
}

/** The same with the store there is, to be read, or with null; makes none. */
export async function withAnyStore<T>(
  engine: Engine,
  project: Project,
  work: (store: OpenStore | null) => Promise<T>,
): Promise<T> {
  const store = await anyStore(engine, project);
  try {
    return await work(store);
  } finally {
    await store?.close();
  }
}

async function anyStore(engine: Engine, { folder }: Project): Promise<OpenStore | null> {
  try {
    return await engine.openStore(folder, "reading");
  } catch (error) {
    if (error instanceof HakiriError && error.code === "usage.no_store") return null;
    throw error;
  }
}

/** Opens the project of a command with its store, which has to be there. */
export async function withProject<T>(
  engine: Engine,
  context: ProjectContext,
  work: (project: OpenProject) => Promise<T>,
): Promise<T> {
  return withStore(engine, await locateProject(context), "existing", work);
}

/** The same, to be read only. */
export async function readProject<T>(
  engine: Engine,
  context: ProjectContext,
  work: (project: OpenProject) => Promise<T>,
): Promise<T> {
  return withStore(engine, await locateProject(context), "reading", work);
}
