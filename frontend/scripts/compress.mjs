// Writes a .br and a .gz beside every file of dist/ that is worth compressing, so that the server
// can answer with ready bytes.
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const compressible = new Set([
  ".css",
  ".html",
  ".js",
  ".json",
  ".map",
  ".svg",
  ".txt",
  ".webmanifest",
]);
/** Below this many bytes a compressed answer saves no packet. */
const bytesMin = 512;

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

async function* filesBelow(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
let before = 0;
let after = 0;
for await (const path of filesBelow(dist)) {
  if (!compressible.has(extname(path)) || (await stat(path)).size < bytesMin) continue;
  const bytes = await readFile(path);
  const small = await brotli(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  await writeFile(`${path}.br`, small);
  await writeFile(`${path}.gz`, await deflate(bytes, { level: 9 }));
  before += bytes.length;
  after += small.length;
}
console.log(`compressed ${before} bytes to ${after} (brotli), gzip beside it`);
