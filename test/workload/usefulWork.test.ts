/** Useful work of convs and their gradients from first principles: images, zeros around and between, products. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SaLayer } from '../../src/model/layers/layer.ts';
import type { UsefulAxis } from '../../src/model/layers/usefulAxis.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { trafficOf } from '../../src/model/schedule/traffic.ts';
import type { WorkloadLayer } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import type { Expansion } from '../../src/model/workload/expansion.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph, type Graph, windowOutputs } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { sample } from '../support/arbitraries.ts';
import { hardwarePreset } from '../support/presets.ts';

const hardware = hardwarePreset('HT1');

interface Conv {
  readonly H: number;
  readonly W: number;
  readonly KH: number;
  readonly KW: number;
  readonly stride: number;
  readonly padding: number;
  readonly IC: number;
  readonly OC: number;
  readonly batch: number;
}

/** Oblong kernels and images, remainders of the stride, padding up to the kernel and beyond. */
const convs: fc.Arbitrary<Conv> = fc
  .record({
    H: fc.integer({ min: 1, max: 9 }),
    W: fc.integer({ min: 1, max: 9 }),
    KH: fc.integer({ min: 1, max: 4 }),
    KW: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    padding: fc.integer({ min: 0, max: 4 }),
    IC: fc.integer({ min: 1, max: 40 }),
    OC: fc.integer({ min: 1, max: 40 }),
    batch: fc.integer({ min: 1, max: 3 }),
  })
  .filter(({ H, W, KH, KW, padding }) => H + 2 * padding >= KH && W + 2 * padding >= KW);

const outputs = ({ H, W, KH, KW, stride, padding }: Conv): { OH: number; OW: number } => ({
  OH: windowOutputs(H, KH, stride, padding),
  OW: windowOutputs(W, KW, stride, padding),
});

function graphOf(conv: Conv, more: readonly WorkloadLayer[] = []): Graph {
  const { H, W, KH, KW, stride, padding, IC, OC } = conv;
  const dimensions = { IC, OC, KH, KW, ...outputs(conv) };
  const first = { IC: 1, OC: IC, KH: 1, KW: 1, OH: H, OW: W };
  const layers: WorkloadLayer[] = [
    // The network's first layer has no dX, so another one goes before.
    { name: 'first', op: 'conv', inputs: ['input'], dimensions: first, stride: 1, padding: 0, bias: false },
    { name: 'conv', op: 'conv', inputs: ['first'], dimensions, stride, padding, bias: true },
    ...more,
  ];
  return buildGraph({ name: 'two convs', input: { C: 1, H, W }, layers }, 'two convs');
}

function trained(conv: Conv, expansion: Expansion = 'exact'): (which: string) => SaLayer {
  const layers = tileProgram(trainingProgram(graphOf(conv), conv.batch, expansion), hardware);
  return (which) => layers.find((layer): layer is SaLayer => layer.unit === 'SA' && layer.name === which)!;
}

/** Which positions of the first `extent` hold an element. */
function isElement({ from, step, count }: UsefulAxis, extent: number): boolean[] {
  const there = new Array<boolean>(extent).fill(false);
  for (let place = 0; place < count; place++) if (from + place * step in there) there[from + place * step] = true;
  return there;
}

/** An image's line with zeros around it, as far as a window reaches. */
function padded(line: readonly boolean[], before: number, extent: number): boolean[] {
  const zeros = new Array<boolean>(Math.max(before, 0)).fill(false);
  const behind = new Array<boolean>(extent).fill(false);
  return [...zeros, ...line.slice(Math.max(-before, 0)), ...behind].slice(0, extent);
}

const line = (length: number): boolean[] => new Array<boolean>(length).fill(true);

/** A line with `stride` − 1 zeros between neighbours. */
function dilated(of: readonly boolean[], stride: number): boolean[] {
  return of.flatMap((each, place) => (place === 0 ? [each] : [...new Array<boolean>(stride - 1).fill(false), each]));
}

/** Products of a forward pass, one by one: the taps of every output, those on padding included. */
function productsOf(conv: Conv): number {
  const { OH, OW } = outputs(conv);
  let products = 0;
  for (let row = 0; row < OH; row++) for (let tap = 0; tap < conv.KH; tap++) products += OW * conv.KW;
  return products * conv.IC * conv.OC * conv.batch;
}

describe('the useful work of a conv', () => {
  it('has the elements of its image, wherever its padding is', () => {
    fc.assert(
      fc.property(convs, (conv) => {
        const { useful, sizes } = trained(conv)('conv');
        const { OH, OW } = outputs(conv);
        const rows = (OH - 1) * conv.stride + conv.KH;
        const columns = (OW - 1) * conv.stride + conv.KW;
        expect(isElement(useful!.ifmap.rows, rows)).toEqual(padded(line(conv.H), conv.padding, rows));
        expect(isElement(useful!.ifmap.columns, columns)).toEqual(padded(line(conv.W), conv.padding, columns));
        expect(isElement(useful!.kernel.rows, sizes.kh)).toEqual(line(conv.KH));
        expect(useful!.sizes).toEqual({ oc: conv.OC, ic: conv.IC, n: conv.batch, oh: OH, ow: OW });
        expect(useful!.macs).toBe(productsOf(conv));
      }),
      sample(50),
    );
  });

  it('has as many products in each of its gradients, and no inserted zeros', () => {
    fc.assert(
      fc.property(convs, (conv) => {
        const { OH, OW } = outputs(conv);
        const layers = trained(conv);
        const [dX, dW] = [layers('conv.dX'), layers('conv.dW')];
        expect([dX.useful!.macs, dW.useful!.macs]).toEqual([productsOf(conv), productsOf(conv)]);
        // dX: dY dilated, behind K − 1 − P zeros; negative: so many are cut off.
        const [rows, columns] = [conv.H + conv.KH - 1, conv.W + conv.KW - 1];
        expect(isElement(dX.useful!.ifmap.rows, rows)).toEqual(
          padded(dilated(line(OH), conv.stride), conv.KH - 1 - conv.padding, rows),
        );
        expect(isElement(dX.useful!.ifmap.columns, columns)).toEqual(
          padded(dilated(line(OW), conv.stride), conv.KW - 1 - conv.padding, columns),
        );
        // dW: the image under dY, dilated, as the kernel.
        expect(isElement(dW.useful!.kernel.rows, dW.sizes.kh)).toEqual(dilated(line(OH), conv.stride));
        expect(isElement(dW.useful!.kernel.columns, dW.sizes.kw)).toEqual(dilated(line(OW), conv.stride));
        const reach = dW.sizes.kh + conv.KH - 1;
        expect(isElement(dW.useful!.ifmap.rows, reach)).toEqual(padded(line(conv.H), conv.padding, reach));
        expect(dW.useful!.sizes).toEqual({ oc: conv.OC, ic: conv.batch, n: conv.IC, oh: conv.KH, ow: conv.KW });
      }),
      sample(50),
    );
  });

  it('is the same whatever a published run computes beside it', () => {
    // Stride 2: the published window slides further than the kernel.
    const conv: Conv = { H: 8, W: 8, KH: 3, KW: 3, stride: 2, padding: 1, IC: 3, OC: 5, batch: 2 };
    const [exact, published] = [trained(conv)('conv.dW'), trained(conv, 'published')('conv.dW')];
    expect(published.sizes.oh).toBeGreaterThan(exact.sizes.oh);
    expect(published.useful).toEqual(exact.useful);
  });
});

describe('updates and pools', () => {
  it('leave out the channels that a published run adds', () => {
    const conv: Conv = { H: 4, W: 4, KH: 1, KW: 1, stride: 1, padding: 0, IC: 3, OC: 5, batch: 1 };
    const layers = tileProgram(trainingProgram(graphOf(conv), 1, 'published'), hardware);
    const sgd = layers.find(({ name }) => name === 'conv.sgd')!;
    // P and dP in, P out, 5 · 3 of 5 · 32 of them useful; the SIMD array pads 32 to its lanes.
    const { useful } = trafficOf(sgd, hardware, HARDWARE);
    expect([useful.ifmap, useful.ofmap]).toEqual([2 * 15 * 32, 15 * 32]);
  });

  it('leave out the padding of a pool', () => {
    // A 3×3 window on 4×4, padded by 1: rows −1 … 3 of the 5×5 that it reaches hold four.
    const pool: WorkloadLayer = {
      name: 'pool',
      op: 'max-pool',
      inputs: ['conv'],
      dimensions: { C: 5, KH: 3, KW: 3, OH: 2, OW: 2 },
      stride: 2,
      padding: 1,
    };
    const conv: Conv = { H: 4, W: 4, KH: 1, KW: 1, stride: 1, padding: 0, IC: 3, OC: 5, batch: 1 };
    const layers = tileProgram(inferenceProgram(graphOf(conv, [pool]), 1), hardware);
    const { useful, issued } = trafficOf(layers.at(-1)!, hardware, HARDWARE);
    const lanes = hardware.array.columns;
    expect([issued.ifmap, useful.ifmap]).toEqual([5 * 5 * lanes * 32, 4 * 4 * 5 * 32]);
    expect([issued.ofmap, useful.ofmap]).toEqual([2 * 2 * lanes * 32, 2 * 2 * 5 * 32]);
  });
});

describe('a bias', () => {
  const conv: Conv = { H: 4, W: 4, KH: 1, KW: 1, stride: 1, padding: 0, IC: 3, OC: 5, batch: 1 };
  const norm: WorkloadLayer = {
    name: 'norm',
    op: 'batch-norm',
    inputs: ['first'],
    dimensions: { C: 3, H: 4, W: 4 },
  };
  const biasOf = (layers: ReturnType<typeof tileProgram>, name: string): number[] => {
    const { issued, useful } = trafficOf(layers.find((layer) => layer.name === name)!, hardware, HARDWARE);
    return [issued.bias, useful.bias];
  };

  it('that is charged is useful where the layer has one, or a batch norm folded into it', () => {
    const lanes = hardware.array.columns;
    const plain = tileProgram(inferenceProgram(graphOf(conv), 1), hardware);
    expect(biasOf(plain, 'conv')).toEqual([lanes * 32, 5 * 32]);
    expect(biasOf(plain, 'first')).toEqual([lanes * 32, 0]);
    const [first, second] = graphOf(conv).nodes.map(({ layer }) => layer) as [WorkloadLayer, WorkloadLayer];
    const layers = [first, norm, { ...second, inputs: ['norm'] }] as WorkloadLayer[];
    const between = buildGraph({ name: 'a norm between', input: { C: 1, H: 4, W: 4 }, layers }, 'a norm between');
    const normed = tileProgram(inferenceProgram(between, 1), hardware);
    expect(biasOf(normed, 'first')).toEqual([lanes * 32, 3 * 32]);
    // A conv that something else reads too stays as it is, and the batch norm runs by itself.
    const beside = tileProgram(inferenceProgram(graphOf(conv, [norm]), 1), hardware);
    expect(biasOf(beside, 'first')).toEqual([lanes * 32, 0]);
    expect(beside.map(({ name }) => name)).toEqual(['first', 'conv', 'norm']);
    // In training the batch norm is a layer of its own.
    const training = tileProgram(trainingProgram(graphOf(conv, [norm]), 1, 'exact'), hardware);
    expect(biasOf(training, 'first')).toEqual([lanes * 32, 0]);
  });
});
