import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { singleFile } from "./build/single-file.ts";

const target = fileURLToPath(new URL("../crates/lumenfold/assets/report.html", import.meta.url));

export default defineConfig({
  plugins: [singleFile(target)],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    reportCompressedSize: false,
  },
});
