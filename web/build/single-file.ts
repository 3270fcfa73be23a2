/** A Vite plugin that writes the page as one file: script and style inside, and a policy that forbids the network. */

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Plugin } from "vite";

/** Where the program's data go; it must be in the page exactly once. */
const PLACEHOLDER = "__LUMENFOLD_REPORT_DATA__";

function hash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Writes the finished page to a file. */
export function singleFile(target: string): Plugin {
  return {
    name: "single-file",
    enforce: "post",
    generateBundle(_options, bundle) {
      let script = "";
      let style = "";
      let page = "";
      for (const [name, item] of Object.entries(bundle)) {
        if (item.type === "chunk") script += item.code;
        else if (name.endsWith(".css")) style += String(item.source);
        else if (name.endsWith(".html")) page = String(item.source);
        else throw new Error(`${name} would be a second file`);
      }
      script = script.trim().replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
      style = style.trim();
      const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data: blob:; base-uri 'none'; form-action 'none'`;
      page = page
        .replace(/[ \t]*<script type="module"[^>]*><\/script>\n?/, "")
        .replace(/[ \t]*<link rel="stylesheet"[^>]*>\n?/, "")
        .replace(/(<meta charset="utf-8"[^>]*>)/, (tag) => `${tag}\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`)
        .replace("</head>", () => `  <style>${style}</style>\n  </head>`)
        .replace("</body>", () => `  <script type="module">${script}</script>\n  </body>`);
      if (page.split(PLACEHOLDER).length !== 2) throw new Error(`${PLACEHOLDER} must be in the page exactly once`);
      if (/\b(?:src|href)="(?!data:)/.test(page.replace(script, ""))) throw new Error("the page refers to another file");
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, page);
    },
  };
}
