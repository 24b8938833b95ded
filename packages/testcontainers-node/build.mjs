// Writes the package @ivschat-local/testcontainers: node build.mjs DIR
//
// DIR has the packages that ../npm/build.mjs writes, and gets the tarball of this one. What compiles it is installed in
// ../npm.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const source = import.meta.dirname;
const tools = resolve(source, "../npm/node_modules");

if (process.argv.length !== 3) {
  console.error("Usage: node build.mjs DIR");
  process.exit(2);
}
const dir = resolve(process.argv[2]);

const staging = mkdtempSync(join(tmpdir(), "ivschat-local-testcontainers-"));
try {
  cpSync(join(source, "src"), join(staging, "src"), { recursive: true });
  copyFileSync(join(source, "manifest.json"), join(staging, "package.json"));
  copyFileSync(join(source, "tsconfig.json"), join(staging, "tsconfig.json"));
  copyFileSync(join(source, "README.md"), join(staging, "README.md"));
  copyFileSync(resolve(source, "../../LICENSE"), join(staging, "LICENSE"));

  // The packages with the types that the sources use.
  const modules = join(staging, "node_modules");
  mkdirSync(modules);
  for (const name of ["testcontainers", "@types"]) {
    symlinkSync(join(tools, name), join(modules, name), "junction");
  }
  const { version } = JSON.parse(readFileSync(join(source, "manifest.json"), "utf8"));
  execFileSync("tar", ["-xzf", join(dir, `ivschat-local-${version}.tgz`), "-C", staging]);
  renameSync(join(staging, "package"), join(modules, "ivschat-local"));

  execFileSync(process.execPath, [join(tools, "typescript/bin/tsc"), "-p", staging], { stdio: "inherit" });
  for (const file of ["index.mjs", "index.d.mts"]) {
    writeFileSync(join(staging, "dist", file), 'export * from "./index.js";\n');
  }
  execFileSync("npm", ["pack", "--silent", "--pack-destination", dir, staging], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
} finally {
  rmSync(staging, { recursive: true });
}
