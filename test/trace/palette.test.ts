import { describe, expect, it } from 'vitest';
import { PAINTS, PALETTE } from '../../src/trace/palette.ts';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** What people see of linear RGB (Machado, Oliveira and Fernandes 2009, severity 1). */
const VISIONS: Readonly<Record<string, Matrix>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const times = (matrix: Matrix, v: Triple): Triple =>
  matrix.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as unknown as Triple;

function linear(colour: string): Triple {
  return [1, 3, 5].map((place) => {
    const value = Number.parseInt(colour.slice(place, place + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as unknown as Triple;
}

/** CIELAB (D65) of a colour as seen. */
function lab(colour: string, vision: Matrix): Triple {
  const seen = times(vision, linear(colour)).map((value) => Math.min(1, Math.max(0, value))) as unknown as Triple;
  const xyz = times(
    [
      [0.4124, 0.3576, 0.1805],
      [0.2126, 0.7152, 0.0722],
      [0.0193, 0.1192, 0.9505],
    ],
    seen,
  );
  const curve = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const [x, y, z] = [curve(xyz[0] / 0.9505), curve(xyz[1]), curve(xyz[2] / 1.089)];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function distance(a: Triple, b: Triple): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

describe('the colours', () => {
  // A distance of 2.3 is just noticeable; 20 is told apart at a glance.
  it.each(Object.entries(VISIONS))('stay apart from each other for %s vision', (_, vision) => {
    const seen = PAINTS.map((paint) => [paint, lab(PALETTE[paint].colour, vision)] as const);
    const close = seen.flatMap(([first, a], place) =>
      seen.slice(place + 1).flatMap(([second, b]) => (distance(a, b) < 20 ? [`${first} and ${second}`] : [])),
    );
    expect(close).toEqual([]);
  });

  it.each(Object.entries(VISIONS))('and from both backgrounds for %s vision', (_, vision) => {
    for (const background of ['#f6f7f9', '#1d2129']) {
      for (const paint of PAINTS) {
        const apart = distance(lab(PALETTE[paint].colour, vision), lab(background, vision));
        expect([paint, background, apart > 25]).toEqual([paint, background, true]);
      }
    }
  });
});
