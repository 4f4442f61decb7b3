/** A distance as it is told: in whole tens of metres, from 100 m on in whole fifties. Nobody paces out more. */
export function roundedMetres(metres: number): number {
  const step = metres < 95 ? 10 : 50;
  return Math.min(1000, Math.max(10, Math.round(metres / step) * step));
}
