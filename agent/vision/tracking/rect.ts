/** A rectangle in pixels. `right` and `bottom` are exclusive. */
export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const widthOf = (rect: Rect): number => rect.right - rect.left;
export const heightOf = (rect: Rect): number => rect.bottom - rect.top;

export function intersectionOf(a: Rect, b: Rect): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

export const sizeOf = (rect: Rect): number => widthOf(rect) * heightOf(rect);

/** Where something stands: the middle of its lower edge. */
export interface Foot {
  readonly x: number;
  readonly y: number;
}
export const footOf = (rect: Rect): Foot => ({ x: (rect.left + rect.right) / 2, y: rect.bottom });

/** The rectangle grown by `marginPx` on each side, kept within the picture. */
export function grown(rect: Rect, marginPx: number, width: number, height: number): Rect {
  return {
    left: Math.max(0, rect.left - marginPx),
    top: Math.max(0, rect.top - marginPx),
    right: Math.min(width, rect.right + marginPx),
    bottom: Math.min(height, rect.bottom + marginPx),
  };
}
