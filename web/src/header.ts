/** The head of the page: what was trained on what, and anything the reader must know before the numbers. */

import { featureCount, fairRival, lossRatio } from "./comparison.ts";
import type { ReportDocument } from "./document.ts";
import { element, type Child } from "./element.ts";
import { formatNumber, formatPlural, formatShare, shortened } from "./format.ts";
import { shapeText } from "./sample-words.ts";

function article(word: string): string {
  return /^[aeiou]/i.test(word) ? "An" : "A";
}

/** One sentence: the model, its size, its data. */
export function summary(report: ReportDocument): string {
  const { model, data, training } = report;
  const kind = `${model.kind} autoencoder`;
  const what = report.samples === undefined ? formatPlural(featureCount(report), "feature") : shapeText(report.samples.axes);
  const latents = model.latent_dimension === 1 ? "one latent" : formatPlural(model.latent_dimension, "latent");
  const trained = data.same_as_trained
    ? `trained on ${formatPlural(data.train_rows, "row")} of ${shortened(data.source, 80)}`
    : `trained on other data and shown here with ${formatPlural(data.rows, "row")} of ${shortened(data.source, 80)}`;
  const held = data.same_as_trained && data.validation_rows > 0 ? `, with ${formatPlural(data.validation_rows, "row")} held out` : "";
  return `${article(kind)} ${kind} that folds ${what} into ${latents}, ${trained}${held}; ${formatPlural(training.epochs, "epoch")}.`;
}

function verdict(report: ReportDocument): Child {
  if (report.samples !== undefined) {
    const words = report.samples.verdict;
    return words !== null && element("div", { class: "banner", role: "note" }, element("strong", {}, "PCA is better here. "), words);
  }
  const rival = fairRival(report);
  const ratio = lossRatio(report);
  if (rival === null || ratio === null || !(ratio > 1)) return null;
  const components = formatPlural(rival.components, "component");
  const own = report.errors.autoencoder;
  const comparison = `explained variance ${formatShare(rival.explained_variance)} against ${formatShare(own.explained_variance)} on ${report.errors.rows_label}`;
  return element(
    "div",
    { class: "banner", role: "note" },
    element("strong", {}, "PCA is better here. "),
    `With ${components} it reconstructs these data better: the autoencoder's loss is ${formatNumber(ratio)} times as large (${comparison}). Prefer PCA, or train longer or with another architecture.`,
  );
}

/** Builds the header. */
export function header(report: ReportDocument): HTMLElement {
  const heading = element("h1", { title: report.title }, shortened(report.title, 120));
  const badges = element("div", { class: "badges" });
  if (report.synthetic) badges.append(element("span", { class: "badge" }, "synthetic data"));
  if (!report.data.same_as_trained) badges.append(element("span", { class: "badge" }, "not the data of the training"));
  const notes = element("ul", { class: "notes" }, ...report.notes.map((note) => element("li", {}, note)));
  return element(
    "header",
    {},
    element("p", { class: "kicker" }, `${report.program} · report`),
    element("div", { class: "heading" }, heading, badges),
    element("p", { class: "summary" }, summary(report)),
    verdict(report),
    report.notes.length > 0 && notes,
  );
}
