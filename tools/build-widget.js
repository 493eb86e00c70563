// Bundles and minifies the widget: static/src/widget -> static/dist. `make widget` runs it.
//
// Each file begins with a hash of the sources that it was built from, so that a test without Node can tell whether it is
// up to date. With an argument it writes into that folder, for the test that compares.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const STATIC = path.join(ROOT, "static");
const TOKENS = "css/tokens.css";
const LOADER = "src/widget/widget.js";
const OUTPUTS = { "widget.js": LOADER, "app.js": "src/widget/app.js", "later.js": "src/widget/later.js", "widget.css": "src/widget/widget.css" };

/** esbuild writes the values of enums where they are used and leaves the others out: 1.2 KB less than with objects. */
const protocolAsEnums = {
  name: "protocol-as-enums",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]core[\\/]protocol\.js$/ }, async ({ path: file }) => {
      const groups = Object.entries(await import(pathToFileURL(file).href));
      const members = (group) => Object.entries(group).map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join();
      return { loader: "ts", contents: groups.map(([name, group]) => `export enum ${name} {${members(group)}}`).join("\n") };
    });
  },
};

/** Frozen for whoever imports them; in the bundle nobody else can. */
const statusesUnfrozen = {
  name: "statuses-unfrozen",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]core[\\/]statuses\.js$/ }, async ({ path: file }) => (
      { contents: (await readFile(file, "utf8")).replace(/\/\* @__PURE__ \*\/ Object\.freeze\(([^)]*)\);/g, "$1;") }
    ));
  },
};

const readAll = async (folder) => Promise.all((await readdir(folder)).sort().map((name) => readFile(path.join(folder, name), "utf8")));

/**
 * Return the names of our methods and callbacks that nothing else has: not the browser, not the protocol, not what a page calls, no text.
 * esbuild shortens them, as it does private names: 250 bytes.
 */
async function findOwnMethods() {
  const scripts = (await Promise.all(["widget", "core"].map((folder) => readAll(path.join(STATIC, "src", folder))))).flat().join("\n");
  const library = path.dirname(createRequire(import.meta.url).resolve("typescript/lib/lib.d.ts"));
  const types = (await readdir(library)).filter((name) => /^lib\..*\.d\.ts$/.test(name));
  const foreign = await Promise.all([
    ...types.map((name) => path.join(library, name)), ...["widget/widget.js", "core/protocol.d.ts"].map((name) => path.join(STATIC, "src", name)),
  ].map((file) => readFile(file, "utf8")));
  const taken = new Set([...foreign.join("\n").match(/\w+/g), ...[...scripts.matchAll(/["'`](\w+)["'`]/g)].map(([, text]) => text)]);
  const methods = [...scripts.matchAll(/^ {2}(?:async |get )?([a-z]\w+)\(.*\{|\b(on[A-Z]\w+)/gm)].map(([, method, callback]) => method ?? callback);
  return [...new Set(methods)].filter((name) => !taken.has(name)).sort();
}

/** Return the tokens of the members' pages by name: those of :root, and over them those of .warm. */
function parseTokens(css) {
  const blocks = [...css.matchAll(/^(:root|\.warm) \{$(.*?)^\}$/gms)].map(([, , block]) => block);
  return new Map(blocks.flatMap((block) => [...block.matchAll(/^\s*--([\w-]+):\s*([^;]+);/gm)].map(([, name, value]) => [name, value])));
}

/** light(name) and dark(name) become one side of the token; a token that it refers to is followed. */
function resolveToken(tokens, side, name) {
  if (!tokens.has(name)) throw new Error(`tokens.css has no --${name}`);
  return tokens.get(name)
    .replace(/light-dark\(((?:[^(),]|\([^)]*\))+),\s*((?:[^(),]|\([^)]*\))+)\)/g, side === "light" ? "$1" : "$2")
    .replace(/var\(--([\w-]+)\)/g, (_, other) => resolveToken(tokens, side, other));
}

/** Shorten the names of the custom properties that no page may set, those without --beneficiate-: 110 bytes. */
function shortenProperties(css) {
  const own = /--(?!beneficiate)[\w-]+/g;
  const names = [...new Set(css.match(own))];
  return css.replace(own, (name) => `--w${names.indexOf(name)}`);
}

const designTokens = {
  name: "design-tokens",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]widget\.css$/ }, async ({ path: file }) => {
      const tokens = parseTokens(await readFile(path.join(STATIC, TOKENS), "utf8"));
      const contents = (await readFile(file, "utf8")).replace(/\b(light|dark)\(([\w-]+)\)/g, (_, side, name) => resolveToken(tokens, side, name));
      return { loader: "css", contents: shortenProperties(contents) };
    });
  },
};

async function bundle(entry, ownMethods) {
  const isModule = entry.endsWith(".js") && entry !== LOADER;
  const { outputFiles: [{ text }], metafile: { inputs } } = await build({
    absWorkingDir: STATIC,
    entryPoints: [entry],
    bundle: isModule,
    minify: true,
    mangleProps: isModule ? new RegExp(`^(?:${ownMethods.join("|")})$`) : undefined,
    format: isModule ? "esm" : undefined,
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    plugins: [protocolAsEnums, statusesUnfrozen, designTokens],
    metafile: true,
    write: false,
  });
  return { text, inputs: [...Object.keys(inputs), ...(entry.endsWith(".css") ? [TOKENS] : [])] };
}

/** The same as in tests/test_widget.py. */
async function hashOf(files) {
  const digest = createHash("sha256");
  for (const file of files.sort()) digest.update(`${file}\0`).update(await readFile(path.join(STATIC, file)));
  return digest.digest("hex").slice(0, 8);
}

const folder = path.resolve(process.argv[2] ?? path.join(STATIC, "dist"));
await mkdir(folder, { recursive: true });
const ownMethods = await findOwnMethods();
for (const [name, entry] of Object.entries(OUTPUTS)) {
  const { text, inputs } = await bundle(entry, ownMethods);
  const content = `/* ${await hashOf(inputs)} */\n${text}`;
  await writeFile(path.join(folder, name), content);
  console.log(`${name.padEnd(14)} ${gzipSync(content, { level: 6 }).length} bytes, compressed`);
}
