// Writes the npm packages: node build.mjs PROGRAMS_DIR OUT_DIR
//
// PROGRAMS_DIR has the programs that make programs builds, such as linux-amd64/ivschat-local. OUT_DIR gets a tarball of
// the package ivschat-local, and one of @ivschat-local/PLATFORM for each program that is there.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const require = createRequire(import.meta.url);
const source = import.meta.dirname;
const root = resolve(source, "../..");

const [programs, out] = process.argv.slice(2).map((path) => resolve(path));
if (out === undefined) {
  console.error("Usage: node build.mjs PROGRAMS_DIR OUT_DIR");
  process.exit(2);
}

const manifest = JSON.parse(readFileSync(join(source, "manifest.json"), "utf8"));
const staging = mkdtempSync(join(tmpdir(), "ivschat-local-npm-"));
try {
  const main = join(staging, "main");
  compile(join(main, "dist"));
  const { platforms } = require(join(main, "dist/program.js"));
  manifest.optionalDependencies = Object.fromEntries(
    platforms.map((name) => [packageName(name), manifest.version]),
  );
  write(main, manifest, readFileSync(join(source, "README.md")));

  const built = platforms
    .map(programOf)
    .filter(({ path }) => existsSync(path))
    .map(platformPackage);
  if (built.length === 0) {
    throw new Error(`There is no program in ${programs}: run make programs.`);
  }
  mkdirSync(out, { recursive: true });
  execFileSync("npm", ["pack", "--silent", "--pack-destination", out, main, ...built], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
} finally {
  rmSync(staging, { recursive: true });
}

/** Compiles the sources to CommonJS with types, and adds the modules that re-export them as ESM. */
function compile(dist) {
  const tsc = require.resolve("typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", source, "--outDir", dist], { stdio: "inherit" });
  for (const entry of ["index", "playwright"]) {
    writeFileSync(join(dist, `${entry}.mjs`), `export * from "./${entry}.js";\n`);
    writeFileSync(join(dist, `${entry}.d.mts`), `export * from "./${entry}.js";\n`);
  }
  for (const useless of ["launcher.d.ts", "openapi.js", "types.js"]) {
    rmSync(join(dist, useless)); // nothing imports the first, and the others have only types
  }
}

/** Returns a platform of Node, such as win32-x64, with its program. */
function programOf(platform) {
  const [os, cpu] = platform.split("-");
  const goos = os === "win32" ? "windows" : os;
  const file = os === "win32" ? "ivschat-local.exe" : "ivschat-local";
  return { os, cpu, file, path: join(programs, `${goos}-${cpu === "x64" ? "amd64" : cpu}`, file) };
}

/** Makes the folder of the package with a program, and returns it. */
function platformPackage({ os, cpu, file, path }) {
  const folder = join(staging, `${os}-${cpu}`);
  const name = packageName(`${os}-${cpu}`);
  const { version, homepage, bugs, repository, license } = manifest;
  const text =
    `# ${name}\n\nThe program of [ivschat-local](${homepage}) for ${os} on ${cpu}. Install \`ivschat-local\`, ` +
    "which depends on this package.\n";
  write(
    folder,
    {
      name,
      version,
      description: `The program of ivschat-local for ${os} on ${cpu}`,
      homepage,
      bugs,
      repository,
      license,
      files: ["bin", "THIRD_PARTY_NOTICES"],
      preferUnplugged: true,
      os: [os],
      cpu: [cpu],
    },
    text,
  );
  mkdirSync(join(folder, "bin"));
  copyFileSync(path, join(folder, "bin", file));
  chmodSync(join(folder, "bin", file), 0o755);
  copyFileSync(join(root, "THIRD_PARTY_NOTICES"), join(folder, "THIRD_PARTY_NOTICES"));
  return folder;
}

function packageName(platform) {
  return `@ivschat-local/${platform}`;
}

function write(folder, manifest, readme) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
  writeFileSync(join(folder, "README.md"), readme);
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
}
