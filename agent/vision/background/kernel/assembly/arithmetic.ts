export const LEVEL_SHIFT: i32 = 7;
export const LIGHTEST: i32 = 255 << LEVEL_SHIFT;

/** A number of the step. */
@inline
export function step(place: i32): i32 {
  return load<i32>(place << 2);
}

/** Rounded product in 1/32768. */
@inline
export function q15(a: i32, b: i32): i32 {
  return min<i32>(32767, (a * b + 0x4000) >> 15);
}

@inline
export function saturated(value: i32): i32 {
  return min<i32>(32767, max<i32>(-32768, value));
}

/** A grey level in the background's light, in 1/128. */
@inline
export function lit(level: i32, gain: i32): i32 {
  return litBy(level << LEVEL_SHIFT, gain);
}

/** The same of a level in 1/128. */
@inline
export function litBy(level: i32, gain: i32): i32 {
  const quarter = q15(level, gain);
  const half = min<i32>(32767, 2 * quarter);
  return min<i32>(LIGHTEST, 2 * half);
}

/** Eight levels in 1/128, in the background's light. */
@inline
export function litBy8(level: v128, gain: v128): v128 {
  const quarter = i16x8.q15mulr_sat_s(level, gain);
  const half = i16x8.add_sat_s(quarter, quarter);
  return i16x8.min_s(i16x8.add_sat_s(half, half), i16x8.splat(<i16>LIGHTEST));
}
