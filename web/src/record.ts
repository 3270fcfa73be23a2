/** Everything that is needed to train the model again. */

import type { ReportDocument } from "./document.ts";
import { element } from "./element.ts";
import { formatCount, formatPlural, formatSetting, withUnit } from "./format.ts";
import { rangeText } from "./sample-words.ts";

/** Features named in the record before the rest is counted. */
const MOST_NAMES = 40;

/** Builds the record: groups of names and values. */
export function record(report: ReportDocument): HTMLElement {
  const { data, model, training, features } = report;
  const names = features.slice(0, MOST_NAMES).map((feature) => withUnit(feature.name, feature.unit)).join(", ");
  const rest = features.length - MOST_NAMES;
  const groups: { title: string; entries: [string, string][] }[] = [
    {
      title: "Data",
      entries: [
        ["source", data.source],
        ["rows used", formatCount(data.rows)],
        ["training rows", formatCount(data.train_rows)],
        ["held-out rows", formatCount(data.validation_rows)],
        ["rows left out", formatCount(data.skipped_rows)],
        ["data of the training", data.same_as_trained ? "yes, the same" : "no, other data"],
        ["fingerprint", data.fingerprint],
      ],
    },
    {
      title: "Model",
      entries: [
        ["kind", model.kind],
        ["latent dimension", formatCount(model.latent_dimension)],
        ["encoder", model.encoder.join(" – ")],
        ["decoder", model.decoder.join(" – ")],
        ["activation", model.activation],
        ["normalisation", model.norm],
        ["parameters", formatCount(model.parameters)],
        ["scaling of features", model.scaling],
      ],
    },
    {
      title: "Training",
      entries: [
        ["seed", String(training.seed)],
        ["epochs", formatCount(training.epochs)],
        ["best epoch", formatCount(training.best_epoch)],
        ["stopped", training.stopped],
        ["batch", formatCount(training.batch)],
        ["optimizer", training.optimizer],
        ["learning rate", formatSetting(training.learning_rate)],
        ["weight decay", formatSetting(training.weight_decay)],
        ["schedule", training.schedule],
        ["loss", training.loss.label],
      ],
    },
  ];
  const block = element("div", { class: "record" });
  for (const { title, entries } of groups) {
    const list = element("dl", {});
    for (const [name, value] of entries) list.append(element("dt", {}, name), element("dd", {}, value));
    block.append(element("section", {}, element("h3", {}, title), list));
  }
  if (report.samples !== undefined) {
    const { axes, values } = report.samples;
    block.append(element("section", { class: "wide" }, element("h3", {}, `Axes (${formatPlural(values, "value")})`), element("p", {}, axes.map(rangeText).join("; "))));
  }
  if (features.length === 0) return block;
  block.append(element("section", { class: "wide" }, element("h3", {}, `Features (${formatCount(features.length)})`), element("p", {}, rest > 0 ? `${names} and ${formatCount(rest)} more` : names)));
  return block;
}
