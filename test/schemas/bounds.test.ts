import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SCHEMA_FILES } from '../../src/doors/cli/writeSchemas.ts';
import { BOUNDS, LARGEST_EXACT } from '../../src/model/schemas/bounds.ts';
import { parseDram } from '../../src/model/schemas/dram.ts';
import { formulaSchema } from '../../src/model/schemas/formulaFile.ts';
import { parseHardware } from '../../src/model/schemas/hardware.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { dramPreset } from '../support/dram.ts';
import { hardwarePreset } from '../support/presets.ts';

interface Part {
  readonly type?: string;
  readonly maximum?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly [key: string]: unknown;
}

/** Every number of a JSON schema, with its path. */
function* numbersIn(part: unknown, path: string): Generator<[path: string, part: Part]> {
  if (typeof part !== 'object' || part === null) return;
  const { type } = part as Part;
  if (type === 'number' || type === 'integer') yield [path, part as Part];
  for (const [key, inner] of Object.entries(part)) yield* numbersIn(inner, `${path}.${key}`);
}

/** Bounds that say no more than that a number is exact: what they mean together is checked elsewhere. */
const ONLY_EXACT = Object.entries(BOUNDS).flatMap(([name, { most }]) => (most === LARGEST_EXACT ? [name] : []));

describe('every number of an input file', () => {
  it.each(Object.entries(SCHEMA_FILES))('%s has a largest value of the table, and a least', (_, schema) => {
    const numbers = [...numbersIn(z.toJSONSchema(schema, { io: 'input' }), '')];
    const largest = new Set<number>(Object.values(BOUNDS).map(({ most }) => most));
    // A formula file holds expressions alone.
    expect(numbers.length > 0).toBe(schema !== formulaSchema);
    for (const [path, { maximum, minimum, exclusiveMinimum }] of numbers) {
      expect(largest, path).toContain(maximum);
      expect(minimum ?? exclusiveMinimum, path).toBeTypeOf('number');
    }
  });

  it('is bounded by more than exactness, but where several are taken together', () => {
    expect(ONLY_EXACT).toEqual(['tileSide', 'statement', 'address', 'stride', 'quantity', 'figure']);
  });

  it('is refused above it, with the bound and the reason', () => {
    const { slots, bitsPerCycle, ...rest } = hardwarePreset('HI1');
    expect(() => parseHardware({ ...rest, bitsPerCycle, slots: { ...slots, wbuf: 1e9 } }, 'my.json')).toThrow(
      'my.json: slots.wbuf: got 1000000000, expected a number ≤ 256 (the machine keeps the state of each slot)',
    );
    expect(() => parseHardware({ ...rest, slots, bitsPerCycle: { ...bitsPerCycle, vmem: 1e-17 } }, 'my.json')).toThrow(
      'my.json: bitsPerCycle.vmem: got 1e-17, expected a number ≥ 0.0009765625 (from a bit in 1024 cycles',
    );
    // Whole numbers beyond 2^53 are refused once, not as whole numbers too.
    expect(() => parseHardware({ ...rest, bitsPerCycle, slots: { ...slots, wbuf: 1e300 } }, 'my.json')).toThrow(
      /^my\.json: slots\.wbuf: got 1e\+300, expected a number ≤ 256 [^\n]*$/,
    );
    const layers = [{ name: 'r', op: 'relu', inputs: ['input'], dimensions: { C: 1, H: 2 ** 20 + 1, W: 1 } }];
    expect(() => parseWorkload({ name: 'n', input: { C: 1, H: 1, W: 1 }, layers }, 'my.json')).toThrow(
      'my.json: layers[0].dimensions.H: got 1048577, expected a number ≤ 1048576 (the tiling generator',
    );
  });

  it('of a memory is bounded together with others', () => {
    const { organization, queues, timing, ...rest } = dramPreset('HBM2');
    const changed =
      (change: object): (() => unknown) =>
      () =>
        parseDram({ ...rest, organization, queues, timing, ...change }, 'my.json');
    // 1024 channels · (1000 + 32) entries are more than 2^20 = 1,048,576.
    const wide = { ...organization, channels: 1024, rowsPerBank: 1024 };
    expect(changed({ organization: wide, queues: { ...queues, read: 1000 } })).toThrow(
      'my.json: queues: got 1056768, expected at most 2²⁰ entries in the queues of all channels',
    );
    // RFC is 260 and RP 14: one cycle is left of 275.
    expect(changed({ timing: { ...timing, REFI: 275 } })).not.toThrow();
    expect(changed({ timing: { ...timing, REFI: 0 } })).not.toThrow();
    expect(changed({ timing: { ...timing, REFI: 274 } })).toThrow(
      'my.json: timing.REFI: got 274, expected 0, or more than 274, to leave room for 1 times a precharge (14) and a refresh (260)',
    );
  });
});
