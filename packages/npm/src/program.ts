import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** The platforms for which there is a package with the program, as Node names them. */
export const platforms = [
  "linux-x64",
  "linux-arm64",
  "darwin-x64",
  "darwin-arm64",
  "win32-x64",
  "win32-arm64",
];

/** The names of the program in IVSCHAT_PROGRAM and in PATH. */
const variable = "IVSCHAT_PROGRAM";
const fileName = process.platform === "win32" ? "ivschat-local.exe" : "ivschat-local";

/**
 * Returns the path of the program that belongs to this package: that of the variable IVSCHAT_PROGRAM, else the one
 * of the package for this platform. Throws an error that says what to do if there is none.
 */
export function packagedProgram(): string {
  const chosen = process.env[variable];
  if (chosen) {
    return executable(chosen, `the variable ${variable}`);
  }
  const platform = `${process.platform}-${process.arch}`;
  if (!platforms.includes(platform)) {
    throw new Error(
      `ivschat-local has no program for ${platform}, only for ${platforms.join(", ")}. ` +
        `Build it with Go, and set ${variable} to its path.`,
    );
  }
  const name = `@ivschat-local/${platform}`;
  let path: string;
  try {
    path = require.resolve(`${name}/bin/${fileName}`);
  } catch {
    throw new Error(
      `The program of ivschat-local is in the package ${name}, which is not installed. It is an optional ` +
        `dependency of ivschat-local: install without --omit=optional and --no-optional. If node_modules or the ` +
        `lock file come from another platform, remove both, and install again. Or set ${variable} to the path of ` +
        `a program.`,
    );
  }
  return executable(path, `the package ${name}`);
}

/**
 * Returns the path of the program to start: the given one, else that of the variable IVSCHAT_PROGRAM, else that of
 * the package for this platform, else ivschat-local in PATH.
 */
export function findProgram(option?: string): string {
  if (option !== undefined) {
    return executable(option, "the option program");
  }
  try {
    return packagedProgram();
  } catch (error) {
    const found = process.env[variable] ? undefined : inPath();
    if (found === undefined) {
      throw error;
    }
    return found;
  }
}

/** Returns the program in PATH, unless that is the launcher of this package, which would not find a program either. */
function inPath(): string | undefined {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(directory, fileName);
    try {
      accessSync(path, constants.X_OK);
      if (directory !== "" && dirname(realpathSync(path)) !== __dirname) {
        return path;
      }
    } catch {
      // It is not in this directory.
    }
  }
  return undefined;
}

function executable(path: string, from: string): string {
  try {
    accessSync(path, constants.X_OK);
  } catch (error) {
    const problem =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "cannot be executed";
    throw new Error(`The program ${path}, which ${from} names, ${problem}.`);
  }
  return path;
}
