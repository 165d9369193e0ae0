// Builds lingqu/ui/static/dist: one script, one style sheet, the icons that lingqu/ui/icons.json names, the licences of
// what is inside, and compressed copies for the front door. Nothing of it is committed.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig } from "vite";

const DIST = "lingqu/ui/static/dist";
const SHIPPED = [
  "htmx.org", "@tabler/icons", "bpmn-js", "diagram-js", "diagram-js-direct-editing", "bpmn-moddle", "moddle", "moddle-xml", "min-dash",
  "min-dom", "didi", "object-refs", "tiny-svg", "ids", "path-intersection", "saxen", "inherits-browser", "clsx", "domify",
];

/** Inner SVG of every icon under our own name. */
function icons() {
  const names = JSON.parse(readFileSync("lingqu/ui/icons.json", "utf8"));
  const nodes = JSON.parse(readFileSync("node_modules/@tabler/icons/tabler-nodes-outline.json", "utf8"));
  const drawn = Object.entries(names).map(([name, source]) => {
    if (!nodes[source]) throw new Error(`lingqu/ui/icons.json: there is no icon "${source}"`);
    const shapes = nodes[source].map(([tag, attributes]) => {
      const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
      return `<${tag}${written.join("")}/>`;
    });
    return [name, shapes.join("")];
  });
  return JSON.stringify(Object.fromEntries(drawn));
}

function licenceOf(name) {
  return readdirSync(`node_modules/${name}`).find((file) => file.toLowerCase() === "license");
}

function licences() {
  const found = SHIPPED.map((name) => {
    const told = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
    return `${name} ${told.version} (${told.license})\n\n${readFileSync(join("node_modules", name, licenceOf(name)), "utf8")}`;
  });
  return found.join("\n----\n\n");
}

function companions() {
  return {
    name: "lingqu-companions",
    closeBundle() {
      writeFileSync(join(DIST, "icons.json"), icons());
      writeFileSync(join(DIST, "licences.txt"), licences());
      for (const name of readdirSync(DIST)) {
        if (!/\.(js|css)$/.test(name)) continue;
        const body = readFileSync(join(DIST, name));
        writeFileSync(join(DIST, `${name}.gz`), gzipSync(body, { level: 9 }));
        writeFileSync(join(DIST, `${name}.br`), brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      }
    },
  };
}

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  css: { transformer: "lightningcss", lightningcss: { targets: { chrome: 109 << 16, safari: 15 << 16, firefox: 102 << 16 } } },
  build: {
    outDir: DIST,
    emptyOutDir: true,
    manifest: true,
    target: ["chrome109", "safari15", "firefox102"],
    cssMinify: "lightningcss",
    modulePreload: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: {
        lingqu: "lingqu/ui/islands/lingqu.ts",
        style: "lingqu/ui/static/ui/css/lingqu.css",
        bpmn: "lingqu/foundation/workflow/viewer/bpmn.ts",
        "bpmn-style": "lingqu/foundation/workflow/viewer/bpmn.css",
      },
      output: { entryFileNames: "[name]-[hash].js", assetFileNames: "[name]-[hash][extname]" },
    },
  },
  plugins: [companions()],
});
