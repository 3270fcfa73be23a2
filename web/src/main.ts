/** Puts the report together. */

import "./style.css";
import { decodedFigure, decodedText } from "./decoded.ts";
import { readDocument, type ReportDocument } from "./document.ts";
import { anomaliesBlock, anomaliesText } from "./anomalies.ts";
import { element, type Child } from "./element.ts";
import { errorAlongFigure } from "./error-along.ts";
import { errorsTable } from "./errors-table.ts";
import { header } from "./header.ts";
import { keyNumbers } from "./key-numbers.ts";
import { latentMap } from "./latent-map.ts";
import { lossFigure } from "./loss.ts";
import { reconstructionFigure } from "./reconstruction.ts";
import { record } from "./record.ts";
import { tripletsFigure, tripletsText } from "./triplets.ts";

function section(title: string, className: string, explanation: string | null, ...content: Child[]): HTMLElement {
  return element("section", { class: className }, element("div", { class: "section-head" }, element("h2", {}, title)), explanation === null ? null : element("p", { class: "explanation" }, explanation), ...content);
}

/** A section whose figure can be saved. */
function figureSection(title: string, className: string, explanation: string | null, made: { figure: HTMLElement; save: HTMLButtonElement | null }): HTMLElement {
  const node = section(title, className, explanation, made.figure);
  if (made.save !== null) node.querySelector(".section-head")?.append(made.save);
  return node;
}

function lossSection(report: ReportDocument): HTMLElement {
  return figureSection("Loss", "loss-section", null, lossFigure(report));
}

/** Samples with their residuals, and errors along axes: none for plain features. */
function sampleSections(report: ReportDocument): Child[] {
  const plots = report.samples;
  if (plots === undefined) return [];
  const triplets = tripletsFigure(report, plots);
  return [
    triplets !== null && figureSection("Samples and their reconstructions", "triplets-section", tripletsText(report, plots), triplets),
    figureSection(
      "Errors along the axes",
      "along-section",
      `Root-mean-square residual of ${report.errors.rows_label}, over all samples and all other axes.`,
      errorAlongFigure(report, plots),
    ),
  ];
}

/** What the decoder makes of places of the map. */
function decodedSection(report: ReportDocument): Child {
  const plots = report.samples;
  if (plots === undefined || plots.decoded === null) return null;
  return figureSection("Decoded over the latent map", "decoded-section", decodedText(plots, plots.decoded), decodedFigure(report, plots, plots.decoded));
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
    report.anomalies !== undefined && section("Most anomalous rows", "anomalies-section", anomaliesText(report.anomalies), anomaliesBlock(report.anomalies)),
    ...sampleSections(report),
    latents > 0 && section("Latent map", "latent-section", mapText, latentMap(report)),
    decodedSection(report),
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
