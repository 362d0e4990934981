// Builds the one file that pages load. `node build.mjs [FILE]`; without FILE it writes the committed one.
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(readFileSync(here("package.json"), "utf8"));

await build({
  entryPoints: [here("src/main.ts")],
  outfile: process.argv[2] ?? here("../src/wanamaker_collector/tracker/t.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2018",
  charset: "utf8",
  define: { VERSION: JSON.stringify(version) },
  banner: { js: `/* Wanamaker ${version}, Apache-2.0 */` },
  logLevel: "warning",
});
