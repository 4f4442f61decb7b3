import { checksum } from '#agent/drivers/gnss/nmea.ts';

/** Where the device of these tests belongs. */
export const HOME = { latitude: 31.2304, longitude: 121.4737 };

/** Metres of a degree of latitude on a sphere of the earth's mean radius. */
const METRES_PER_DEGREE = (Math.PI / 180) * 6_371_008.8;

/** A point so far north of home. */
export const northOfHome = (metres: number) => ({
  latitude: HOME.latitude + metres / METRES_PER_DEGREE,
  longitude: HOME.longitude,
});

export const sentence = (text: string): string =>
  `$${text}*${checksum(text).toString(16).toUpperCase().padStart(2, '0')}`;

interface Moment {
  readonly metres: number;
  readonly hdop?: number;
  readonly satellites?: number;
  readonly status?: 'A' | 'V';
  readonly quality?: number;
  readonly talker?: string;
}

/** What a receiver so far north of home sends in one second: RMC, then GGA. */
export function secondOf({
  metres,
  hdop = 0.9,
  satellites = 11,
  status = 'A',
  quality = 1,
  talker = 'GN',
}: Moment): string[] {
  const { latitude, longitude } = northOfHome(metres);
  const at = `${minutes(latitude, 2)},N,${minutes(longitude, 3)},E`;
  const numbers = `${quality},${String(satellites).padStart(2, '0')},${hdop.toFixed(1)}`;
  return [
    sentence(`${talker}RMC,134210.00,${status},${at},0.0,0.0,221126,,,${status}`),
    sentence(`${talker}GGA,134210.00,${at},${numbers},12.0,M,8.0,M,,`),
  ];
}

/** `ddmm.mmmmm`: the last digit is 2 cm. */
function minutes(degrees: number, digits: number): string {
  const whole = Math.floor(degrees);
  const rest = ((degrees - whole) * 60).toFixed(5).padStart(8, '0');
  return `${String(whole).padStart(digits, '0')}${rest}`;
}
