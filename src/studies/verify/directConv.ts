/**
 * Convolutions and their gradients by definition, on whole tensors: what the tiled layers must give. The gradients
 * come with the operands that the array convolves for them: rotated weights, dilated gradients (table V).
 */
import type { PerDirection, Sliding } from '../../model/layers/layer.ts';
import { at, placeOf, type Tensor, tensorOf } from './tensor.ts';

/** A convolution in groups: group g makes its own share of the output channels from its share of the input channels. */
export interface Grouped extends Sliding {
  readonly groups: number;
}

/** A forward convolution with its zeros before the first row and column. */
export interface PaddedConv extends Grouped {
  readonly padding: PerDirection;
}

/** Y[n][oc][oh][ow] = bias[oc] + Σ X[n][ic][oh·S + kh·D][ow·S + kw·D] · W[oc][ic][kh][kw] over the group's ic. */
export function directConv(weight: Tensor, ifmap: Tensor, bias: Tensor, { groups, stride, dilation }: Grouped): Tensor {
  const [channels, inputs, kernelHeight, kernelWidth] = weight.sizes;
  const [images, , height, width] = ifmap.sizes;
  const outputs = (extent: number, kernel: number, along: 'h' | 'w'): number =>
    Math.floor((extent - (kernel - 1) * dilation[along] - 1) / stride[along]) + 1;
  const sizes = [images, channels, outputs(height, kernelHeight, 'h'), outputs(width, kernelWidth, 'w')] as const;
  return tensorOf(sizes, (n, oc, oh, ow) => {
    const firstInput = Math.floor(oc / (channels / groups)) * inputs;
    let sum = bias.data[oc]!;
    for (let ic = 0; ic < inputs; ic++)
      for (let kh = 0; kh < kernelHeight; kh++) {
        const weightRow = placeOf(weight.sizes, oc, ic, kh, 0);
        const row = oh * stride.h + kh * dilation.h;
        const ifmapRow = placeOf(ifmap.sizes, n, firstInput + ic, row, ow * stride.w);
        for (let kw = 0; kw < kernelWidth; kw++)
          sum += ifmap.data[ifmapRow + kw * dilation.w]! * weight.data[weightRow + kw]!;
      }
    return sum;
  });
}

/** Calls `visit` for each MAC of a forward convolution whose input has `height` × `width`, but for those with padding. */
function forEachMac(
  weight: Tensor['sizes'],
  [images, channels, rows, columns]: Tensor['sizes'],
  { h: height, w: width }: PerDirection,
  { groups, stride, dilation, padding }: PaddedConv,
  visit: (
    n: number,
    oc: number,
    oh: number,
    ow: number,
    ic: number,
    kh: number,
    kw: number,
    y: number,
    x: number,
  ) => void,
): void {
  const [, inputs, kernelHeight, kernelWidth] = weight;
  for (let n = 0; n < images; n++)
    for (let oc = 0; oc < channels; oc++)
      for (let oh = 0; oh < rows; oh++)
        for (let ow = 0; ow < columns; ow++)
          for (let kh = 0; kh < kernelHeight; kh++)
            for (let kw = 0; kw < kernelWidth; kw++) {
              const y = oh * stride.h + kh * dilation.h - padding.h;
              const x = ow * stride.w + kw * dilation.w - padding.w;
              if (y < 0 || x < 0 || y >= height || x >= width) continue;
              const firstInput = Math.floor(oc / (channels / groups)) * inputs;
              for (let ic = 0; ic < inputs; ic++) visit(n, oc, oh, ow, firstInput + ic, kh, kw, y, x);
            }
}

/** dX of a convolution: each output's gradient goes back along its MACs. */
export function directInputGradient(weight: Tensor, dY: Tensor, plane: PerDirection, how: PaddedConv): Tensor {
  const inputs = weight.sizes[1];
  const dX = tensorOf([dY.sizes[0], how.groups * inputs, plane.h, plane.w], () => 0);
  forEachMac(weight.sizes, dY.sizes, plane, how, (n, oc, oh, ow, ic, kh, kw, y, x) => {
    dX.data[placeOf(dX.sizes, n, ic, y, x)]! += at(dY, n, oc, oh, ow) * at(weight, oc, ic % inputs, kh, kw);
  });
  return dX;
}

/** dW, as (inputs of a group) × oc × kh × kw: what the array leaves where it writes n × oc × oh × ow. */
export function directWeightGradient(X: Tensor, dY: Tensor, kernel: PerDirection, how: PaddedConv): Tensor {
  const [, , height, width] = X.sizes;
  const inputs = X.sizes[1] / how.groups;
  const channels = dY.sizes[1];
  const dW = tensorOf([inputs, channels, kernel.h, kernel.w], () => 0);
  const weight = [channels, inputs, kernel.h, kernel.w] as const;
  forEachMac(weight, dY.sizes, { h: height, w: width }, how, (n, oc, oh, ow, ic, kh, kw, y, x) => {
    dW.data[placeOf(dW.sizes, ic % inputs, oc, kh, kw)]! += at(dY, n, oc, oh, ow) * at(X, n, ic, y, x);
  });
  return dW;
}

/** Weight and ifmap of the dX conv: per group, weights rotated by 180° with their channels swapped; dY dilated, padded. */
export function inputGradientOperands(
  weight: Tensor,
  dY: Tensor,
  plane: PerDirection,
  { groups, stride, dilation, padding }: PaddedConv,
): { weight: Tensor; ifmap: Tensor } {
  const [channels, inputs, kernelHeight, kernelWidth] = weight.sizes;
  const outputs = channels / groups;
  const border = { h: (kernelHeight - 1) * dilation.h, w: (kernelWidth - 1) * dilation.w };
  return {
    weight: tensorOf([groups * inputs, outputs, kernelHeight, kernelWidth], (ic, oc, kh, kw) => {
      const group = Math.floor(ic / inputs);
      return at(weight, group * outputs + oc, ic % inputs, kernelHeight - 1 - kh, kernelWidth - 1 - kw);
    }),
    ifmap: tensorOf([dY.sizes[0], channels, plane.h + border.h, plane.w + border.w], (n, oc, y, x) =>
      dilated(dY, n, oc, y + padding.h - border.h, x + padding.w - border.w, stride),
    ),
  };
}

/** Weight and ifmap of the dW conv: dY dilated is the kernel, the batch its input channels; X padded and transposed. */
export function weightGradientOperands(
  X: Tensor,
  dY: Tensor,
  kernel: PerDirection,
  { groups, stride, dilation, padding }: PaddedConv,
): { weight: Tensor; ifmap: Tensor } {
  const [images, channels, rows, columns] = dY.sizes;
  const spread = { h: stride.h * (rows - 1) + 1, w: stride.w * (columns - 1) + 1 };
  const inputs = X.sizes[1] / groups;
  const plane = { h: spread.h + (kernel.h - 1) * dilation.h, w: spread.w + (kernel.w - 1) * dilation.w };
  return {
    weight: tensorOf([channels, images, spread.h, spread.w], (oc, n, y, x) => dilated(dY, n, oc, y, x, stride)),
    ifmap: tensorOf([inputs, groups * images, plane.h, plane.w], (ic, channel, y, x) => {
      const [group, n] = [Math.floor(channel / images), channel % images];
      return at(X, n, group * inputs + ic, y - padding.h, x - padding.w);
    }),
  };
}

/** An element of a tensor with stride − 1 zeros between neighbours in height and width. */
function dilated(tensor: Tensor, a: number, b: number, y: number, x: number, stride: PerDirection): number {
  return y % stride.h === 0 && x % stride.w === 0 ? at(tensor, a, b, y / stride.h, x / stride.w) : 0;
}
