/** Numbers as a paper prints them: true minus signs, thousands separators, powers of ten with superscripts. */

const MINUS = "−";
const SUPERSCRIPTS = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];
const SUBSCRIPTS = ["₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"];
const NARROW_SPACE = "\u202f";

/** Shown where there is no number. */
export const NO_VALUE = "–";

/** An integer exponent as superscript: -4 → ⁻⁴. */
export function superscript(exponent: number): string {
  const digits = String(Math.abs(exponent)).replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? digit);
  return (exponent < 0 ? "⁻" : "") + digits;
}

/** A number with a fixed count of decimals: -1234.5 → −1,234.50. */
export function formatFixed(value: number, decimals: number): string {
  const text = Math.abs(value).toLocaleString("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return (value < 0 && /[1-9]/.test(text) ? MINUS : "") + text;
}

/** A count: 21593 → 21,593. */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  return formatFixed(value, 0);
}

/** A count and its noun: 1 → 1 row, 2 → 2 rows. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A number to some significant digits; very small and very large ones as 1.2 × 10⁻⁵. */
export function formatNumber(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NO_VALUE;
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  const [mantissa = "", exponentText = "0"] = value.toExponential(digits - 1).split("e");
  const exponent = Number(exponentText);
  if (exponent >= -3 && exponent < 6) return formatFixed(value, Math.max(0, digits - 1 - exponent));
  return `${mantissa.replace("-", MINUS)}${NARROW_SPACE}×${NARROW_SPACE}10${superscript(exponent)}`;
}

/** A setting such as a learning rate: as many digits as it has, no more than six. */
export function formatSetting(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  const rounded = Number(value.toPrecision(6));
  const size = Math.abs(rounded);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    const [mantissa = "", exponent = "0"] = rounded.toExponential().split("e");
    return `${mantissa.replace("-", MINUS)}${NARROW_SPACE}×${NARROW_SPACE}10${superscript(Number(exponent))}`;
  }
  return String(rounded).replace("-", MINUS);
}

/** A fraction as per cent, with more digits the nearer it comes to one: 0.9996 → 99.96 %. */
export function formatShare(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  const rest = Math.abs(1 - value);
  const decimals = rest < 1e-12 ? 1 : Math.min(6, Math.max(1, Math.ceil(-Math.log10(rest)) - 1));
  const text = value < -1000 ? formatNumber(100 * value, 3) : formatFixed(100 * value, decimals);
  return `${text}${NARROW_SPACE}%`;
}

/** A number and its unit, if it has one. */
export function formatQuantity(value: number | null | undefined, unit: string | null, digits = 3): string {
  const text = formatNumber(value, digits);
  return unit === null || unit === "" || text === NO_VALUE ? text : `${text}${NARROW_SPACE}${unit}`;
}

/** A number with the decimals of a reference that is printed to three digits: both stand under each other. */
export function formatBeside(value: number | null, reference: number | null, unit: string | null): string {
  if (value === null || reference === null || !Number.isFinite(value) || !(Math.abs(reference) >= 1e-3) || Math.abs(reference) >= 1e6) {
    return formatQuantity(value, unit);
  }
  if (Math.abs(value) >= 1e6) return formatQuantity(value, unit);
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(Number(reference.toPrecision(3))))));
  const text = formatFixed(value, decimals);
  return unit === null || unit === "" ? text : `${text}${NARROW_SPACE}${unit}`;
}

/** A name with its unit in brackets, as on an axis. */
export function withUnit(name: string, unit: string | null): string {
  return unit === null || unit === "" ? name : `${name} (${unit})`;
}

/** The name of a latent as mathematics writes it: z1 → z₁. Other names stay as they are. */
export function latentName(name: string): string {
  if (!/^z\d+$/.test(name)) return name;
  return "z" + name.slice(1).replace(/\d/g, (digit) => SUBSCRIPTS[Number(digit)] ?? digit);
}

/** A name cut in its middle when longer than a limit, so that both ends stay readable. */
export function shortened(name: string, limit: number): string {
  const letters = Array.from(name);
  if (letters.length <= limit) return name;
  const head = Math.ceil((limit - 1) * 0.6);
  return `${letters.slice(0, head).join("")}…${letters.slice(letters.length - (limit - 1 - head)).join("")}`;
}
