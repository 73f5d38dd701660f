/**
 * Traces of where the tree was written: package registries, and folders of one machine.
 *
 * The patterns are built from parts, so that this file does not report itself.
 */
import type { Check } from "./check.ts";

const dot = String.raw`\.`;
const hosts = [
  ["registry", "npmjs", "org"],
  ["registry", "yarnpkg", "com"],
  ["npm", "pkg", "github", "com"],
  ["pypi", "org"],
  ["files", "pythonhosted", "org"],
  ["crates", "io"],
  ["repo1?", "maven"],
  ["maven", "org"],
  ["deb", "debian", "org"],
  ["archive", "ubuntu", "com"],
  ["proxy", "golang", "org"],
  ["sum", "golang", "org"],
].map((parts) => parts.join(dot));

const registry = new RegExp(String.raw`(?<![\w-])(?:${hosts.join("|")})(?![\w-])`, "iu");

const folders = ["root", "work", String.raw`home/[\w.-]+`, String.raw`Users/[\w.-]+`].join("|");
const windows = String.raw`\b[A-Za-z]:[\\/]+Users[\\/]+[\w.-]+`;
const unix = String.raw`(?<![\w.~*$}\])-])/(?:${folders})/`;
const machinePath = new RegExp(`${unix}|${windows}`, "u");

/** A clone builds anywhere: registries are the business of the user's own npm configuration. */
export const registryHosts: Check = {
  claim: "no file names the host of a package registry",
  floor: 50,
  looksAt: () => true,
  find: (files) =>
    files.flatMap(({ path, text }) => placesOf(path, text, registry, "names a package registry")),
};

/** Nothing refers to a folder that exists on one machine only. */
export const machinePaths: Check = {
  claim: "no file names a folder of one machine",
  floor: 50,
  looksAt: () => true,
  find: (files) =>
    files.flatMap(({ path, text }) =>
      placesOf(path, text, machinePath, "names a machine's folder"),
    ),
};

function placesOf(path: string, text: string, pattern: RegExp, fault: string): string[] {
  if (!pattern.test(text)) return [];
  return text.split("\n").flatMap((line, index) => {
    const match = pattern.exec(line);
    return match === null ? [] : [`${path}:${String(index + 1)}: ${fault} (${match[0]})`];
  });
}
