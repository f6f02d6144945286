import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { WAITING_CAUSES } from '../../src/model/machine/waiting.ts';
import type { What } from '../../src/views/trace/pageData.ts';
import { PAINTS, PALETTE, type Paint, paintOf, textOn } from '../../src/views/trace/palette.ts';

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

/** Relative luminance and contrast ratio as WCAG 2 defines them. */
function luminance(colour: string): number {
  const [red, green, blue] = linear(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** The page's backgrounds of a scheme, from its style sheet: the light ones come first there. */
function backgrounds(scheme: 'light' | 'dark'): string[] {
  const css = readFileSync(new URL('../../src/views/trace/page/style.css', import.meta.url), 'utf8');
  const dark = css.indexOf('prefers-color-scheme: dark');
  const part = scheme === 'light' ? css.slice(0, dark) : css.slice(dark);
  return ['background', 'panel'].map((name) => {
    const value = new RegExp(`--${name}: (#[0-9a-f]+);`).exec(part)![1]!;
    return value.length === 4 ? value.replace(/[0-9a-f]/g, '$&$&') : value;
  });
}

/** What the bars and lanes of one unit are made of; the two units stand side by side in the overview. */
const OF_UNITS: readonly (readonly Paint[])[] = [
  ['sa', 'fill', 'weight', 'bias', 'ifmap', 'psumLoad', 'outputSlot', 'hazard', 'barrier', 'drain', 'other'],
  ['simd', 'fill', 'vmemLoad', 'vmemStore', 'barrier', 'drain', 'other'],
];
/** What is most of most bars, side by side. */
const MOST: readonly (readonly Paint[])[] = [
  ['sa', 'fill', 'outputSlot'],
  ['simd', 'fill', 'vmemStore'],
];
/** What DRAM channels do: bursts of any tensor, of either unit, and refreshes. */
const OF_CHANNELS: readonly Paint[] = [
  ...(['weight', 'bias', 'ifmap', 'psumLoad', 'outputSlot', 'vmemLoad', 'vmemStore', 'other'] as const),
  'refresh',
];
/** Stripes have the colour of what they are stripes of. */
const PLAIN = PAINTS.filter((paint) => PALETTE[paint].isStriped !== true);

const SCHEMES = ['light', 'dark'] as const;
const SEEN = SCHEMES.flatMap((scheme) =>
  Object.entries(VISIONS).map(([vision, matrix]) => ({ scheme, vision, matrix })),
);

describe('contrast', () => {
  it('is computed as WCAG does: 21 between black and white', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 9);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2); // the best known grey that just fails 4.5
  });

  // WCAG 1.4.11 asks 3:1 of graphics.
  it.each(SCHEMES)('of every paint with both backgrounds is 3:1 at least: %s', (scheme) => {
    const faint = backgrounds(scheme).flatMap((background) =>
      PAINTS.filter((paint) => contrast(PALETTE[paint][scheme], background) < 3).map((paint) => [paint, background]),
    );
    expect(faint).toEqual([]);
  });

  // WCAG 1.4.3 asks 4.5:1 of text.
  it.each(SCHEMES)('of text on every paint is 4.5:1 at least: %s', (scheme) => {
    const colours = PAINTS.map((paint) => PALETTE[paint][scheme]);
    const onto = (colour: string): number => contrast(colour, textOn(colour) === '#000' ? '#000000' : '#ffffff');
    expect(colours.filter((colour) => onto(colour) < 4.5)).toEqual([]);
  });
});

describe('the colours', () => {
  const closePairs = (scheme: 'light' | 'dark', matrix: Matrix, paints: readonly Paint[], least: number): string[] => {
    const seen = paints.map((paint) => [paint, lab(PALETTE[paint][scheme], matrix)] as const);
    return seen.flatMap(([first, a], place) =>
      seen.slice(place + 1).flatMap(([second, b]) => (distance(a, b) < least ? [`${first} and ${second}`] : [])),
    );
  };

  it('are those of one unit or the other, or of a DRAM channel', () => {
    expect(new Set([...OF_UNITS.flat(), ...OF_CHANNELS])).toEqual(new Set(PLAIN));
  });

  // A distance of 2.3 is just noticeable; 20 is told apart at a glance.
  it.each(SEEN)('of a unit stay apart from each other: $scheme, $vision vision', ({ scheme, matrix }) => {
    expect(OF_UNITS.flatMap((paints) => closePairs(scheme, matrix, paints, 20))).toEqual([]);
  });

  it.each(SEEN)(
    'tell compute, fill and output slot apart at a glance: $scheme, $vision vision',
    ({ scheme, matrix }) => {
      expect(MOST.flatMap((paints) => closePairs(scheme, matrix, paints, 30))).toEqual([]);
    },
  );

  it.each(SEEN)('of a channel tell a refresh from all that it serves: $scheme, $vision vision', (seen) => {
    const pairs = closePairs(seen.scheme, seen.matrix, OF_CHANNELS, 20);
    expect(pairs.filter((pair) => pair.includes('refresh'))).toEqual([]);
  });

  it.each(SEEN)(
    'of both units do too, a little less for dichromats: $scheme, $vision vision',
    ({ scheme, vision, matrix }) => {
      expect(closePairs(scheme, matrix, PLAIN, vision === 'normal' ? 20 : 12)).toEqual([]);
    },
  );

  it.each(SEEN)('stay apart from the backgrounds: $scheme, $vision vision', ({ scheme, matrix }) => {
    for (const background of backgrounds(scheme)) {
      for (const paint of PAINTS) {
        const apart = distance(lab(PALETTE[paint][scheme], matrix), lab(background, matrix));
        expect([paint, background, apart > 25]).toEqual([paint, background, true]);
      }
    }
  });
});

describe('a slice', () => {
  const what = (kind: string, tensor = '', cause = ''): What => ({ kind, tensor, cause }) as What;

  it('that holds is painted otherwise than one that loads or stores', () => {
    const paints = ['weight', 'bias', 'ifmap', 'psum', 'working set'].map((tensor) =>
      paintOf(what('hold', tensor), 'SA'),
    );
    expect(paints).toEqual(['heldWeight', 'heldBias', 'heldIfmap', 'heldPsum', 'heldOperands']);
    for (const paint of paints) expect([paint, PALETTE[paint].isStriped]).toEqual([paint, true]);
    for (const kind of ['load', 'store']) {
      for (const tensor of ['weight', 'bias', 'ifmap', 'psum', 'ofmap', 'x'])
        expect(PALETTE[paintOf(what(kind, tensor), 'SA')].isStriped).toBe(undefined);
    }
  });

  it('that is a refresh has a paint and a name of its own', () => {
    for (const unit of ['SA', 'SIMD'] as const) expect(paintOf(what('refresh'), unit)).toBe('refresh');
    expect(PALETTE.refresh.text).toBe('refresh');
    expect(WAITING_CAUSES).not.toContain('refresh');
  });

  it('that waits has the paint of its cause', () => {
    for (const cause of WAITING_CAUSES) expect(paintOf(what('wait', '', cause), 'SA')).toBe(cause);
  });

  it('of a kind or with a cause that nobody knows yet is painted all the same', () => {
    expect(paintOf(what('something new'), 'SA')).toBe('other');
    expect(paintOf(what('wait', '', 'toString'), 'SA')).toBe('other');
  });
});
