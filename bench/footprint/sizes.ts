/** How large a release is: compressed, installed, and as a zip for Lambda. */
import { statSync } from "node:fs";
import type { ProfileName } from "../../scripts/build/profiles.ts";
import { lambdaZipMb, tarballMb } from "./budgets.ts";
import { installedBytes } from "./contents.ts";
import type { FootprintFigure } from "./figure.ts";

/** The sizes of a release's archives, the tarball first, and of the folder it unpacked to. */
export function sizeFigures(
  profile: ProfileName,
  archives: readonly string[],
  folder: string,
): readonly FootprintFigure[] {
  const [tarball = "", zip] = archives;
  const megabytes = (file: string): number => statSync(file).size / 1e6;
  const compressed: FootprintFigure = {
    profile,
    name: "compressed size (tar, zstd -19)",
    unit: "MB",
    value: megabytes(tarball),
    budget: tarballMb[profile],
  };
  const installed: FootprintFigure = {
    profile,
    name: "installed size",
    unit: "MB",
    value: installedBytes(folder) / 1e6,
  };
  if (zip === undefined) return [compressed, installed];
  const lambda: FootprintFigure = {
    profile,
    name: "Lambda zip, without node",
    unit: "MB",
    value: megabytes(zip),
    budget: lambdaZipMb,
  };
  return [compressed, installed, lambda];
}
