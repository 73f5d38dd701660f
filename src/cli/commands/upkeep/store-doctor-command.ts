/** The words of `hakiri doctor` in a profile that has a store: libraries, the store, rebuilding. */
import { usageError } from "../../../core/error.ts";
import { defineCommand, type Command } from "../../command.ts";
import { checkOperand, examine, type Check, type Examination } from "../../doctor.ts";
import type { Engine } from "../engine.ts";

/** The name of the store's check. */
const storeName = "store";

/** The command over a profile's engine, beside the profile's own libraries. */
export function storeDoctorCommand(
  load: () => Promise<Engine>,
  { libraries, stopwatch }: Examination,
): Command {
  const names = [...libraries.map(({ name }) => name), storeName];
  return defineCommand({
    name: "doctor",
    group: "This installation",
    summary: "check this installation and the store of this folder",
    details:
      "Each library is loaded and used; the store's catalog, files and records are looked over, and " +
      "nothing is changed. With --rebuild-catalog a lost or damaged catalog is made again of what " +
      "the store's manifests say.",
    operands: { check: checkOperand(names) },
    options: {
      deep: { kind: "boolean", description: "read every byte of every file of the store" },
      rebuildCatalog: {
        kind: "boolean",
        description: "make the catalog again; the old one is kept beside it",
      },
      yes: {
        kind: "boolean",
        description: "with --rebuild-catalog: replace a sound catalog, too",
      },
      force: {
        kind: "boolean",
        description: "with --rebuild-catalog: end before the first snapshot that is missing",
      },
    },
    examples: ["hakiri doctor", "hakiri doctor store --deep", "hakiri doctor --rebuild-catalog"],
    weight: "heavy",
    load: async () => {
      const [engine, { inspect }] = await Promise.all([load(), import("./inspect.ts")]);
      return async ({ operands, options }, context) => {
        const { deep, force, yes } = options;
        if (options.rebuildCatalog) {
          const { rebuild } = await import("./rebuild.ts");
          return rebuild(engine, { force, yes }, context);
        }
        if (force) throw forceAlone();
        const store: Check = {
          name: storeName,
          purpose: "your data",
          check: () => inspect(engine, { deep }, context),
        };
        return examine({ libraries, checks: [store], stopwatch }, operands.check, context);
      };
    },
  });
}

function forceAlone(): Error {
  return usageError(
    "force_alone",
    "expected --force with --rebuild-catalog, got it alone",
    "leave --force out: doctor changes nothing without --rebuild-catalog",
  );
}
