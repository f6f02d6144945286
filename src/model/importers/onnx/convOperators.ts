/** Convolutions: in groups, depthwise, dilated, transposed. */
import { outputsAlong, transposedOutputsAlong } from '../../workload/window.ts';
import { newFactor, shapeOf } from './axes.ts';
import { Unsupported } from './layerBuilder.ts';
import type { Lowering } from './nodeReader.ts';
import {
  along,
  checkOutputs,
  isNone,
  outputImage,
  pair,
  plus,
  shortPair,
  windowFields,
  windowInput,
  windowOf,
} from './slidingWindow.ts';

const conv: Lowering = (read, build) => {
  const { image, padding } = windowInput(read, build);
  const { C, H, W } = shapeOf(image.placement);
  const { dims } = read.weight(1, [3, 4]);
  const [OC, ofGroup, ...kernel] = dims as [number, number, ...number[]];
  const groups = read.number('group', 1);
  if (!Number.isSafeInteger(groups) || groups < 1 || OC % groups !== 0) {
    read.complain('group', groups, `a divisor of the ${OC} output channels`);
  }
  if (ofGroup * groups !== C) {
    read.complain('weight', dims, `${C} input channels in ${groups} groups, as the input is ${C}×${H}×${W}`);
  }
  const own = windowOf(read, kernel, image);
  const isSame = read.text('auto_pad', 'NOTSET').startsWith('SAME');
  if (isSame && !isNone(padding)) throw new Unsupported('Conv with auto_pad behind a Pad');
  const window = { ...own, sides: plus(own.sides, padding) };
  const [KH, KW] = window.kernel;
  const [OH, OW] = [outputsAlong(H, along(window, 0)), outputsAlong(W, along(window, 1))];
  checkOutputs(read, OH, OW);
  const output = outputImage(image, [newFactor(OC, 'channel')], OH, OW);
  const bias = read.values[2] !== undefined;
  const isDepthwise = groups >= 2 && groups === OC && groups === C;
  const fields = isDepthwise
    ? { op: 'depthwise-conv', dimensions: { C, KH, KW, OH, OW }, ...windowFields(window), bias }
    : {
        op: 'conv',
        dimensions: { OC, IC: C, KH, KW, OH, OW },
        ...windowFields(window),
        ...(groups > 1 ? { groups } : {}),
        bias,
      };
  return build.add(read.name, fields, [image], output);
};

const transposedConv: Lowering = (read, build) => {
  const image = build.asImage(read.activation(0), read.name, read.op);
  const { C, H, W } = shapeOf(image.placement);
  const { dims } = read.weight(1, [3, 4]);
  const [IC, ofGroup, ...kernel] = dims as [number, number, ...number[]];
  const groups = read.number('group', 1);
  if (IC !== C || !Number.isSafeInteger(groups) || groups < 1 || C % groups !== 0) {
    read.complain('weight', dims, `${C} input channels in ${groups} groups, as the input is ${C}×${H}×${W}`);
  }
  if (read.node.attributes.has('output_shape') || read.text('auto_pad', 'NOTSET').startsWith('SAME')) {
    throw new Unsupported('ConvTranspose with output_shape or auto_pad');
  }
  const window = windowOf(read, kernel, image);
  const added = pair(read.numbers('output_padding') ?? [], 0);
  const [OC, [KH, KW]] = [ofGroup * groups, window.kernel];
  const OH = transposedOutputsAlong(H, along(window, 0), added[0]);
  const OW = transposedOutputsAlong(W, along(window, 1), added[1]);
  checkOutputs(read, OH, OW);
  const fields = {
    op: 'transposed-conv',
    dimensions: { OC, IC: C, KH, KW, OH, OW },
    ...windowFields(window),
    ...(added[0] > 0 || added[1] > 0 ? { outputPadding: shortPair(added) } : {}),
    ...(groups > 1 ? { groups } : {}),
    bias: read.values[2] !== undefined,
  };
  return build.add(read.name, fields, [image], outputImage(image, [newFactor(OC, 'channel')], OH, OW));
};

export const CONV_OPERATORS: Readonly<Record<string, Lowering>> = { Conv: conv, ConvTranspose: transposedConv };
