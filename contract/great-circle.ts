/** Where on the earth: degrees, WGS 84. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

/** IUGG mean radius R1 of the earth in metres; a sphere is within 0.6 % of the ellipsoid. */
const EARTH_M = 6_371_008.8;

/** Metres along the great circle (haversine: exact for small distances too). */
export function greatCircleM(a: Position, b: Position): number {
  const [phiA, phiB] = [radians(a.latitude), radians(b.latitude)];
  const north = Math.sin((phiB - phiA) / 2) ** 2;
  const east = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(north + Math.cos(phiA) * Math.cos(phiB) * east)));
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
