/** Colours of the page as it is now, for what CSS cannot paint, and a call when they change. */

/** Colours of one theme, as CSS texts. */
export interface Theme {
  dark: boolean;
  surface: string;
  ink: string;
  muted: string;
  rule: string;
  accent: string;
  contrast: string;
}

/** The theme in force. */
export function currentTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    dark: read("--dark") === "1",
    surface: read("--surface"),
    ink: read("--ink"),
    muted: read("--muted"),
    rule: read("--rule"),
    accent: read("--accent"),
    contrast: read("--contrast"),
  };
}

/** Calls back when the theme changes. Paper is always light, and figures are drawn again at the width of the paper. */
export function onThemeChange(callback: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", callback);
  addEventListener("beforeprint", () => {
    document.documentElement.classList.add("paper");
    callback();
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("paper");
    callback();
  });
}
