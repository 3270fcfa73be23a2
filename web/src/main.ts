/** Puts the report together. */

import "./style.css";
import { readDocument, type ReportDocument } from "./document.ts";
import { element, type Child } from "./element.ts";
import { errorsTable } from "./errors-table.ts";
import { header } from "./header.ts";
import { keyNumbers } from "./key-numbers.ts";
import { latentMap } from "./latent-map.ts";
import { lossFigure } from "./loss.ts";
import { reconstructionFigure } from "./reconstruction.ts";
import { record } from "./record.ts";

function section(title: string, className: string, explanation: string | null, ...content: Child[]): HTMLElement {
  return element("section", { class: className }, element("div", { class: "section-head" }, element("h2", {}, title)), explanation === null ? null : element("p", { class: "explanation" }, explanation), ...content);
}

function lossSection(report: ReportDocument): HTMLElement {
  const { figure, save } = lossFigure(report);
  const node = section("Loss", "loss-section", null, figure);
  if (save !== null) node.querySelector(".section-head")?.append(save);
  return node;
}

function page(report: ReportDocument): Node[] {
  const latents = report.latent.values.length;
  const mapText =
    latents === 1
      ? "Each point is a row, at its latent and at the value of a column; above, how many rows there are at each latent."
      : "Each point is a row at its place in the latent space. Rows that look alike to the model lie close together; the axes have no units.";
  const reconstruction = reconstructionFigure(report);
  const main = element(
    "main",
    {},
    keyNumbers(report),
    latents > 0 && section("Latent map", "latent-section", mapText, latentMap(report)),
    element(
      "div",
      { class: "pair" },
      section("Errors", "errors-section", null, errorsTable(report)),
      lossSection(report),
    ),
    reconstruction !== null &&
      section(
        "Reconstruction against input",
        "reconstruction-section",
        `Measured on ${report.errors.rows_label}. The line marks perfect reconstruction. Beneath: reconstruction − input, with a Gaussian of the robust width (1.4826 × the median absolute deviation) for comparison.`,
        reconstruction,
      ),
    section("Training record", "record-section", null, record(report)),
  );
  const footer = element("footer", {}, element("p", {}, `Written by ${report.program}. This page holds its data, and needs no network.`));
  return [header(report), main, footer];
}

const root = document.getElementById("report");
const source = document.getElementById("report-data");
if (root !== null && source !== null) {
  try {
    const report = readDocument(source.textContent ?? "");
    document.title = `${report.title} · lumenfold report`;
    root.replaceChildren(...page(report));
  } catch (problem) {
    root.replaceChildren(element("p", { class: "banner", role: "alert" }, `The report cannot be shown. ${problem instanceof Error ? problem.message : String(problem)}`));
  }
}
