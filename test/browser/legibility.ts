/** What somebody cannot read or hit on a screen; measured in the page. */
export interface Illegible {
  readonly what: string;
  readonly text: string;
  readonly value: number;
}

export interface LegibilityLimits {
  readonly contrast: number;
  readonly textPx: number;
  readonly targetPx: number;
}

/**
 * An expression for the page: text with less contrast than asked (WCAG 2.2, 1.4.6: relative luminance of text and of
 * the nearest ground that is not transparent), text too small, buttons too small, and what is cut off at the side.
 */
export function illegibleIn(limits: LegibilityLimits): string {
  return `(${measure.toString()})(${JSON.stringify(limits)})`;
}

declare const document: PageDocument;
declare const getComputedStyle: (element: PageElement) => PageStyle;

interface PageStyle {
  readonly color: string;
  readonly backgroundColor: string;
  readonly fontSize: string;
  readonly visibility: string;
}
interface PageElement {
  readonly tagName: string;
  readonly textContent: string;
  readonly parentElement: PageElement | null;
  readonly childNodes: Iterable<{ readonly nodeType: number; readonly textContent: string }>;
  readonly scrollWidth: number;
  readonly clientWidth: number;
  getBoundingClientRect(): {
    readonly width: number;
    readonly height: number;
    readonly left: number;
    readonly right: number;
  };
}
interface PageDocument {
  readonly documentElement: PageElement;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

function measure({ contrast, textPx, targetPx }: LegibilityLimits): Illegible[] {
  const found: Illegible[] = [];
  const parts = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string) => {
    const [r = 0, g = 0, b = 0] = parts(color).map((value) => {
      const c = value / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element: PageElement | null): string => {
    for (let at = element; at !== null; at = at.parentElement) {
      const ground = getComputedStyle(at).backgroundColor;
      if ((parts(ground)[3] ?? 1) > 0) return ground;
    }
    return 'rgb(255, 255, 255)';
  };
  const width = document.documentElement.clientWidth;
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes]
      .filter(({ nodeType }) => nodeType === 3)
      .map((node) => node.textContent)
      .join('')
      .trim();
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const note = (what: string, value: number) =>
      found.push({ what, text: `${element.tagName} ${text || element.textContent}`.slice(0, 60), value });
    if (element.tagName === 'BUTTON' && Math.min(box.width, box.height) < targetPx - 0.5)
      note('target', Math.min(box.width, box.height));
    if (text === '') continue;
    const [light = 0, dark = 0] = [luminance(style.color), luminance(groundOf(element))].sort(
      (a, b) => b - a,
    );
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < contrast) note('contrast', ratio);
    if (Number.parseFloat(style.fontSize) < textPx) note('size', Number.parseFloat(style.fontSize));
    if (box.left < -0.5 || box.right > width + 0.5) note('outside', box.right - width);
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
      note('cut off', element.scrollWidth - element.clientWidth);
  }
  return found;
}
