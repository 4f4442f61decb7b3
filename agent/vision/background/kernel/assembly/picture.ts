import { LIGHTEST, litBy, litBy8, q15, saturated, step } from './arithmetic';

const WARP_SHIFT: i32 = 6;

/** Every other of sixteen values. */
@inline
function evens(from: i32): v128 {
  return v128.shuffle<i16>(v128.load(from), v128.load(from + 16), 0, 2, 4, 6, 8, 10, 12, 14);
}

/** Cubic weights of four neighbours, first down into a row of 1/64 level, then across. */
export function warp(): void {
  const width = step(0);
  const frame = step(2);
  const aligned = step(3);
  const left = step(32);
  const bottom = step(35);
  const inner = step(34) - left;
  for (let y = step(33); y < bottom; y++) {
    warpDown(frame + (y + step(37) - 1) * width + left + step(36) - 1, width, inner + 3);
    warpAcross(aligned + y * width + left, inner);
  }
}

@inline
function tapDown(picture: i32, weight: v128): v128 {
  return i16x8.q15mulr_sat_s(i16x8.shl(v128.load8x8_u(picture), WARP_SHIFT), weight);
}

@inline
function tapDownOne(picture: i32, tap: i32): i32 {
  return q15(<i32>load<u8>(picture) << WARP_SHIFT, step(42 + tap));
}

function warpDown(first: i32, width: i32, count: i32): void {
  const row = step(14);
  const a = i16x8.splat(<i16>step(42));
  const b = i16x8.splat(<i16>step(43));
  const c = i16x8.splat(<i16>step(44));
  const d = i16x8.splat(<i16>step(45));
  let x = 0;
  for (; x + 8 <= count; x += 8) {
    const at = first + x;
    let sum = i16x8.add_sat_s(tapDown(at, a), tapDown(at + width, b));
    sum = i16x8.add_sat_s(sum, tapDown(at + 2 * width, c));
    v128.store(row + x * 2, i16x8.add_sat_s(sum, tapDown(at + 3 * width, d)));
  }
  for (; x < count; x++) {
    const at = first + x;
    let sum = saturated(tapDownOne(at, 0) + tapDownOne(at + width, 1));
    sum = saturated(sum + tapDownOne(at + 2 * width, 2));
    store<i16>(row + x * 2, <i16>saturated(sum + tapDownOne(at + 3 * width, 3)));
  }
}

@inline
function tapAcross(row: i32, weight: v128): v128 {
  return i16x8.q15mulr_sat_s(v128.load(row), weight);
}

@inline
function tapAcrossOne(row: i32, tap: i32): i32 {
  return q15(<i32>load<i16>(row + tap * 2), step(38 + tap));
}

function warpAcross(out: i32, count: i32): void {
  const row = step(14);
  const a = i16x8.splat(<i16>step(38));
  const b = i16x8.splat(<i16>step(39));
  const c = i16x8.splat(<i16>step(40));
  const d = i16x8.splat(<i16>step(41));
  const halfStep = i16x8.splat(32);
  let x = 0;
  for (; x + 8 <= count; x += 8) {
    const at = row + x * 2;
    let sum = i16x8.add_sat_s(tapAcross(at, a), tapAcross(at + 2, b));
    sum = i16x8.add_sat_s(sum, tapAcross(at + 4, c));
    sum = i16x8.add_sat_s(sum, tapAcross(at + 6, d));
    const rounded = i16x8.shr_s(i16x8.add_sat_s(sum, halfStep), WARP_SHIFT);
    v128.store64_lane(out + x, i8x16.narrow_i16x8_u(rounded, rounded), 0);
  }
  for (; x < count; x++) {
    const at = row + x * 2;
    let sum = saturated(tapAcrossOne(at, 0) + tapAcrossOne(at, 1));
    sum = saturated(sum + tapAcrossOne(at, 2));
    sum = saturated(sum + tapAcrossOne(at, 3));
    const rounded = saturated(sum + (1 << (WARP_SHIFT - 1))) >> WARP_SHIFT;
    store<u8>(out + x, <u8>min<i32>(255, max<i32>(0, rounded)));
  }
}

export function shrinkFrame(): void {
  const width = step(0);
  const columns = width >> 1;
  const rows = step(1) >> 1;
  for (let row = 0; row < rows; row++) {
    const tile = step(13) + (row << 3);
    const above = step(11) + <i32>load<i16>(tile) * width * 2;
    halveFrameRow(step(2) + row * 2 * width, width, step(15) + row * columns * 2, columns, above, <i32>load<i16>(tile + 2));
  }
  shrinkOn(width, step(1));
}

export function shrinkLong(): void {
  halve(step(4), step(0), step(1), step(15));
  shrinkOn(step(0), step(1));
}

function shrinkOn(width: i32, height: i32): void {
  smooth(step(15), width >> 1, height >> 1);
  smooth(step(15), width >> 1, height >> 1);
  halve(step(15), width >> 1, height >> 1, step(28));
  smooth(step(28), width >> 2, height >> 2);
}

function halveFrameRow(upper: i32, width: i32, out: i32, columns: i32, above: i32, weight: i32): void {
  const weights = i16x8.splat(<i16>weight);
  const below = above + width * 2;
  let column = 0;
  for (; column + 8 <= columns; column += 8) {
    const i = column * 2;
    const sum = i16x8.add(
      i16x8.extadd_pairwise_i8x16_u(v128.load(upper + i)),
      i16x8.extadd_pairwise_i8x16_u(v128.load(upper + width + i)),
    );
    const from = evens(above + i * 2);
    const gain = i16x8.add(from, i16x8.q15mulr_sat_s(i16x8.sub(evens(below + i * 2), from), weights));
    v128.store(out + i, litBy8(i16x8.shl(sum, 5), gain));
  }
  for (; column < columns; column++) {
    const i = column * 2;
    const sum =
      <i32>load<u8>(upper + i) +
      <i32>load<u8>(upper + i + 1) +
      <i32>load<u8>(upper + width + i) +
      <i32>load<u8>(upper + width + i + 1);
    const from = <i32>load<i16>(above + i * 2);
    const gain = from + q15(<i32>load<i16>(below + i * 2) - from, weight);
    store<i16>(out + i, <i16>litBy(sum << 5, gain));
  }
}

/** Means of 2×2. */
function halve(from: i32, width: i32, height: i32, to: i32): void {
  const columns = width >> 1;
  const rows = height >> 1;
  const two = i32x4.splat(2);
  for (let row = 0; row < rows; row++) {
    const upper = from + row * 2 * width * 2;
    const lower = upper + width * 2;
    const out = to + row * columns * 2;
    let column = 0;
    for (; column + 4 <= columns; column += 4) {
      const i = column * 4;
      const sum = i32x4.add(
        i32x4.extadd_pairwise_i16x8_s(v128.load(upper + i)),
        i32x4.extadd_pairwise_i16x8_s(v128.load(lower + i)),
      );
      const mean = i32x4.shr_s(i32x4.add(sum, two), 2);
      v128.store64_lane(out + column * 2, i16x8.narrow_i32x4_s(mean, mean), 0);
    }
    for (; column < columns; column++) {
      const i = column * 4;
      const sum =
        <i32>load<i16>(upper + i) +
        <i32>load<i16>(upper + i + 2) +
        <i32>load<i16>(lower + i) +
        <i32>load<i16>(lower + i + 2);
      store<i16>(out + column * 2, <i16>((sum + 2) >> 2));
    }
  }
}

/** Weights 1-2-1 across, then down, in place; the border stays as it is. */
function smooth(plane: i32, width: i32, height: i32): void {
  const row = step(14);
  for (let y = 0; y < height; y++) {
    const at = plane + y * width * 2;
    memory.copy(row, at, width * 2);
    smoothRow(row, row + 2, row + 4, at + 2, width - 2);
  }
  // The row above, as it was.
  memory.copy(row, plane, width * 2);
  for (let y = 1; y < height - 1; y++) {
    const at = plane + y * width * 2;
    smoothDown(row, at, at + width * 2, width);
  }
}

function smoothRow(before: i32, own: i32, after: i32, out: i32, count: i32): void {
  let x = 0;
  for (; x + 8 <= count; x += 8) {
    const i = x * 2;
    v128.store(out + i, weighed8(v128.load(before + i), v128.load(own + i), v128.load(after + i)));
  }
  for (; x < count; x++) {
    const i = x * 2;
    store<i16>(out + i, weighed(<i32>load<i16>(before + i), <i32>load<i16>(own + i), <i32>load<i16>(after + i)));
  }
}

/** `before` holds the row above as it was, and then this one. */
function smoothDown(before: i32, own: i32, after: i32, count: i32): void {
  let x = 0;
  for (; x + 8 <= count; x += 8) {
    const i = x * 2;
    const here = v128.load(own + i);
    v128.store(own + i, weighed8(v128.load(before + i), here, v128.load(after + i)));
    v128.store(before + i, here);
  }
  for (; x < count; x++) {
    const i = x * 2;
    const here = load<i16>(own + i);
    store<i16>(own + i, weighed(<i32>load<i16>(before + i), <i32>here, <i32>load<i16>(after + i)));
    store<i16>(before + i, here);
  }
}

/** (a + 2b + c + 2) / 4 without leaving 16 bits: values are below 2^15. */
@inline
function weighed8(a: v128, b: v128, c: v128): v128 {
  const two = i32x4.splat(2);
  const low = i32x4.add(
    i32x4.add(i32x4.extend_low_i16x8_s(a), i32x4.extend_low_i16x8_s(c)),
    i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(b), 1), two),
  );
  const high = i32x4.add(
    i32x4.add(i32x4.extend_high_i16x8_s(a), i32x4.extend_high_i16x8_s(c)),
    i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(b), 1), two),
  );
  return i16x8.narrow_i32x4_s(i32x4.shr_s(low, 2), i32x4.shr_s(high, 2));
}

@inline
function weighed(a: i32, b: i32, c: i32): i16 {
  return <i16>((a + 2 * b + c + 2) >> 2);
}
