import { LEVEL_SHIFT, LIGHTEST, lit, litBy8, q15, saturated, step } from './arithmetic';

const DEVIATION_SHIFT: i32 = 3;
const MAX_DEVIATION: i32 = 144;
const WHITE: i32 = 252;

/** Eight grey levels, in the background's light and in 1/128. */
@inline
function lit8(levels: v128, above: usize, below: usize, weight: v128): v128 {
  const upper = v128.load(above);
  const gain = i16x8.add(upper, i16x8.q15mulr_sat_s(i16x8.sub(v128.load(below), upper), weight));
  return litBy8(i16x8.shl(levels, LEVEL_SHIFT), gain);
}

export function update(): i32 {
  const width = step(0);
  const height = step(1);
  const frame = step(16) == 1 ? step(3) : step(2);
  const gains = step(11);
  const rows = step(13);
  let count = 0;
  for (let y = 0; y < height; y++) {
    const above = gains + <i32>load<i16>(rows + (y << 2)) * width * 2;
    const weight = <i32>load<i16>(rows + (y << 2) + 2);
    count += updateRow(y * width, width, frame, above, weight);
  }
  return count;
}

function updateRow(begins: i32, width: i32, frame: i32, above: i32, weight: i32): i32 {
  const weights = i16x8.splat(<i16>weight);
  const threshold = i16x8.splat(<i16>step(17));
  const byDeviation = i16x8.splat(<i16>step(18));
  const shortShare = i16x8.splat(<i16>step(19));
  const longShare = i16x8.splat(<i16>step(20));
  const deviationShare = i16x8.splat(<i16>step(21));
  const longDither = i16x8.splat(<i16>step(22));
  const deviationDither = i16x8.splat(<i16>step(23));
  const ageUp = i8x16.splat(<i8>step(24));
  const ageBack = i8x16.splat(<i8>step(25));
  const ageDown = i8x16.splat(<i8>step(26));
  const ageCap = i8x16.splat(<i8>step(27));
  const below = above + width * 2;
  const long = step(4) + begins * 2;
  const short = step(5) + begins * 2;
  const deviation = step(6) + begins;
  const age = step(7) + begins;
  const foreground = step(8) + begins;
  const moving = step(9) + begins;
  const one = i8x16.splat(1);
  let count = 0;
  let x = 0;
  for (; x + 16 <= width; x += 16) {
    const picture = frame + begins + x;
    let wide = x * 2;
    // prettier-ignore
    const left = updateEight(
      v128.load8x8_u(picture), above + wide, below + wide, weights,
      long + wide, short + wide, deviation + x, threshold, byDeviation,
      shortShare, longShare, deviationShare, longDither, deviationDither,
    );
    wide += 16;
    // prettier-ignore
    const right = updateEight(
      v128.load8x8_u(picture + 8), above + wide, below + wide, weights,
      long + wide, short + wide, deviation + x + 8, threshold, byDeviation,
      shortShare, longShare, deviationShare, longDither, deviationDither,
    );
    const isNew = v128.shuffle<i64>(left, right, 0, 2);
    const moves = v128.shuffle<i64>(left, right, 1, 3);
    const still = v128.load(age + x);
    const older = i8x16.min_u(i8x16.add_sat_u(still, ageUp), ageCap);
    const kept = v128.bitselect(i8x16.sub_sat_u(still, ageBack), older, moves);
    v128.store(age + x, v128.bitselect(kept, i8x16.sub_sat_u(still, ageDown), isNew));
    v128.store(foreground + x, v128.and(isNew, one));
    v128.store(moving + x, v128.and(moves, one));
    count += popcnt<i32>(i8x16.bitmask(isNew));
  }
  for (; x < width; x++) {
    const upper = <i32>load<i16>(above + x * 2);
    const gain = upper + q15(<i32>load<i16>(below + x * 2) - upper, weight);
    count += updatePixel(begins + x, <i32>load<u8>(frame + begins + x), gain);
  }
  return count;
}

/** Brings both means and the deviation of eight pixels up to date; answers what is new (low half) and what moves. */
@inline
function updateEight(
  levels: v128,
  gainsAbove: usize,
  gainsBelow: usize,
  weight: v128,
  longAt: usize,
  shortAt: usize,
  deviationAt: usize,
  threshold: v128,
  byDeviation: v128,
  shortShare: v128,
  longShare: v128,
  deviationShare: v128,
  longDither: v128,
  deviationDither: v128,
): v128 {
  const spread = v128.load8x8_u(deviationAt);
  const long = v128.load(longAt);
  const short = v128.load(shortAt);
  const seen = lit8(levels, gainsAbove, gainsBelow, weight);
  const white = i16x8.ge_s(levels, i16x8.splat(<i16>WHITE));
  const value = v128.bitselect(i16x8.max_s(seen, long), seen, white);
  const limit = i16x8.add(threshold, i16x8.mul(spread, byDeviation));
  const fromLong = i16x8.sub(value, long);
  const fromShort = i16x8.sub(value, short);
  const far = i16x8.abs(fromLong);
  const isNew = i16x8.gt_s(far, limit);
  const moves = i16x8.gt_s(i16x8.abs(fromShort), limit);
  v128.store(shortAt, i16x8.add(short, i16x8.q15mulr_sat_s(fromShort, shortShare)));
  const followed = i16x8.q15mulr_sat_s(i16x8.add_sat_s(fromLong, longDither), longShare);
  v128.store(longAt, i16x8.add(long, v128.andnot(followed, isNew)));
  const excess = i16x8.add_sat_s(i16x8.sub(far, i16x8.shl(spread, DEVIATION_SHIFT)), deviationDither);
  const grown = i16x8.add(spread, v128.andnot(i16x8.q15mulr_sat_s(excess, deviationShare), isNew));
  const next = i16x8.min_s(i16x8.splat(<i16>MAX_DEVIATION), i16x8.max_s(i16x8.splat(0), grown));
  v128.store64_lane(deviationAt, i8x16.narrow_i16x8_u(next, next), 0);
  return i8x16.narrow_i16x8_s(isNew, moves);
}

function updatePixel(i: i32, level: i32, gain: i32): i32 {
  const long = step(4) + i * 2;
  const short = step(5) + i * 2;
  const deviation = step(6) + i;
  const age = step(7) + i;
  const seen = lit(level, gain);
  const value = level >= WHITE ? max<i32>(seen, <i32>load<i16>(long)) : seen;
  const spread = <i32>load<u8>(deviation);
  const threshold = step(17) + spread * step(18);
  const fromLong = value - <i32>load<i16>(long);
  const fromShort = value - <i32>load<i16>(short);
  const far = abs<i32>(fromLong);
  const isNew = far > threshold;
  const moves = abs<i32>(fromShort) > threshold;
  store<u8>(step(8) + i, isNew ? 1 : 0);
  store<u8>(step(9) + i, moves ? 1 : 0);
  store<i16>(short, <i16>(<i32>load<i16>(short) + q15(fromShort, step(19))));
  const still = <i32>load<u8>(age);
  if (isNew) {
    store<u8>(age, <u8>(moves ? max<i32>(0, still - step(25)) : min<i32>(step(27), still + step(24))));
    return 1;
  }
  store<i16>(long, <i16>(<i32>load<i16>(long) + q15(saturated(fromLong + step(22)), step(20))));
  const excess = saturated(far - (spread << DEVIATION_SHIFT) + step(23));
  store<u8>(deviation, <u8>min<i32>(MAX_DEVIATION, max<i32>(0, spread + q15(excess, step(21)))));
  store<u8>(age, <u8>max<i32>(0, still - step(26)));
  return 0;
}

export function absorb(): void {
  const width = step(0);
  const height = step(1);
  const long = step(4);
  const short = step(5);
  const drifts = step(12);
  const rows = step(13);
  for (let y = 0; y < height; y++) {
    const above = drifts + <i32>load<i16>(rows + (y << 2)) * width * 2;
    const weight = <i32>load<i16>(rows + (y << 2) + 2);
    const begins = y * width * 2;
    absorbRow(long + begins, width, above, weight);
    absorbRow(short + begins, width, above, weight);
  }
}

function absorbRow(row: i32, width: i32, above: i32, weight: i32): void {
  const weights = i16x8.splat(<i16>weight);
  const lightest = i16x8.splat(<i16>LIGHTEST);
  const none = i16x8.splat(0);
  const below = above + width * 2;
  let x = 0;
  for (; x + 8 <= width; x += 8) {
    const upper = v128.load(above + x * 2);
    const drift = i16x8.add(upper, i16x8.q15mulr_sat_s(i16x8.sub(v128.load(below + x * 2), upper), weights));
    const value = v128.load(row + x * 2);
    const moved = i16x8.add_sat_s(value, i16x8.q15mulr_sat_s(value, drift));
    v128.store(row + x * 2, i16x8.min_s(lightest, i16x8.max_s(none, moved)));
  }
  for (; x < width; x++) {
    const upper = <i32>load<i16>(above + x * 2);
    const drift = upper + q15(<i32>load<i16>(below + x * 2) - upper, weight);
    const value = <i32>load<i16>(row + x * 2);
    const moved = saturated(value + q15(value, drift));
    store<i16>(row + x * 2, <i16>min<i32>(LIGHTEST, max<i32>(0, moved)));
  }
}

export function markCells(mask: i32, least: i32): void {
  const width = step(0);
  const columns = width >> 1;
  const rows = step(1) >> 1;
  const cells = step(10);
  for (let row = 0; row < rows; row++) {
    markRow(mask + row * 2 * width, width, cells + row * columns, columns, least);
  }
}

function markRow(upper: i32, width: i32, cells: i32, columns: i32, least: i32): void {
  const leasts = i8x16.splat(<i8>least);
  const two = i16x8.splat(-2);
  const one = i8x16.splat(1);
  const none = i16x8.splat(0);
  const lower = upper + width;
  let column = 0;
  for (; column + 8 <= columns; column += 8) {
    const i = column * 2;
    const passing = i8x16.add(
      i8x16.ge_u(v128.load(upper + i), leasts),
      i8x16.ge_u(v128.load(lower + i), leasts),
    );
    const marked = i16x8.le_s(i16x8.extadd_pairwise_i8x16_s(passing), two);
    v128.store64_lane(cells + column, v128.and(i8x16.narrow_i16x8_s(marked, none), one), 0);
  }
  for (; column < columns; column++) {
    const i = column * 2;
    const passing =
      i32(<i32>load<u8>(upper + i) >= least) +
      i32(<i32>load<u8>(upper + i + 1) >= least) +
      i32(<i32>load<u8>(lower + i) >= least) +
      i32(<i32>load<u8>(lower + i + 1) >= least);
    store<u8>(cells + column, passing >= 2 ? 1 : 0);
  }
}
