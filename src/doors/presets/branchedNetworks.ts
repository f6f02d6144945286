/** Networks of branches that are put together: GoogLeNet, Inception v3, DenseNet, U-Net. */
import { type ConvOptions, NetworkBuilder, type Tensor } from './networkBuilder.ts';

/** A convolution, its batch norm and its ReLU. */
function basic(net: NetworkBuilder, name: string, x: Tensor, channels: number, options: ConvOptions): Tensor {
  return net.relu(`${name}.relu`, net.batchNorm(`${name}.bn`, net.conv(`${name}.conv`, x, channels, options)));
}

/** Channels of the four branches: 1×1; 1×1 and 3×3; 1×1 and 3×3 (for 5×5, as torchvision has it); behind a pool. */
type InceptionChannels = readonly [number, number, number, number, number, number];

function inception(net: NetworkBuilder, name: string, x: Tensor, channels: InceptionChannels): Tensor {
  const [single, few3, more3, few5, more5, pooled] = channels;
  const two = (branch: string, few: number, more: number): Tensor =>
    basic(net, `${branch}.1`, basic(net, `${branch}.0`, x, few, { kernel: 1 }), more, { kernel: 3 });
  const pool = (): Tensor => {
    const y = net.pool(`${name}.branch4.0`, 'max-pool', x, 3, { stride: 1, padding: 1, ceilMode: true });
    return basic(net, `${name}.branch4.1`, y, pooled, { kernel: 1 });
  };
  return net.concat(`${name}.concat`, [
    basic(net, `${name}.branch1`, x, single, { kernel: 1 }),
    two(`${name}.branch2`, few3, more3),
    two(`${name}.branch3`, few5, more5),
    pool(),
  ]);
}

export function buildGoogLeNet(): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  const pool = (name: string, x: Tensor, kernel: number): Tensor =>
    net.pool(name, 'max-pool', x, kernel, { stride: 2, ceilMode: true });
  let x = pool('maxpool1', basic(net, 'conv1', net.input, 64, { kernel: 7, stride: 2 }), 3);
  x = basic(net, 'conv2', x, 64, { kernel: 1 });
  x = pool('maxpool2', basic(net, 'conv3', x, 192, { kernel: 3 }), 3);
  x = inception(net, 'inception3a', x, [64, 96, 128, 16, 32, 32]);
  x = inception(net, 'inception3b', x, [128, 128, 192, 32, 96, 64]);
  x = pool('maxpool3', x, 3);
  x = inception(net, 'inception4a', x, [192, 96, 208, 16, 48, 64]);
  x = inception(net, 'inception4b', x, [160, 112, 224, 24, 64, 64]);
  x = inception(net, 'inception4c', x, [128, 128, 256, 24, 64, 64]);
  x = inception(net, 'inception4d', x, [112, 144, 288, 32, 64, 64]);
  x = inception(net, 'inception4e', x, [256, 160, 320, 32, 128, 128]);
  x = pool('maxpool4', x, 2);
  x = inception(net, 'inception5a', x, [256, 160, 320, 32, 128, 128]);
  x = inception(net, 'inception5b', x, [384, 192, 384, 48, 128, 128]);
  x = net.flatten('flatten', net.globalAveragePool('avgpool', x));
  net.gemm('fc', net.dropout('dropout', x), 1000);
  return net;
}

/** What a branch of Inception v3 does: channels and window of each convolution. */
type Chain = readonly (readonly [suffix: string, channels: number, options: ConvOptions])[];

const ROW: ConvOptions = { kernel: [1, 7] };
const COLUMN: ConvOptions = { kernel: [7, 1] };
const ONE: ConvOptions = { kernel: 1 };
const DOWN: ConvOptions = { kernel: 3, stride: 2, padding: 0 };

function chain(net: NetworkBuilder, name: string, x: Tensor, steps: Chain): Tensor {
  return steps.reduce((y, [suffix, channels, options]) => basic(net, `${name}.${suffix}`, y, channels, options), x);
}

/** A 3×3 mean, then a 1×1 convolution. */
function pooledBranch(net: NetworkBuilder, name: string, x: Tensor, channels: number): Tensor {
  const mean = net.pool(`${name}.avg_pool`, 'avg-pool', x, 3, { stride: 1, padding: 1 });
  return basic(net, `${name}.branch_pool`, mean, channels, ONE);
}

function inceptionA(net: NetworkBuilder, name: string, x: Tensor, pooled: number): Tensor {
  return net.concat(`${name}.concat`, [
    basic(net, `${name}.branch1x1`, x, 64, ONE),
    chain(net, name, x, [
      ['branch5x5_1', 48, ONE],
      ['branch5x5_2', 64, { kernel: 5 }],
    ]),
    chain(net, name, x, [
      ['branch3x3dbl_1', 64, ONE],
      ['branch3x3dbl_2', 96, {}],
      ['branch3x3dbl_3', 96, {}],
    ]),
    pooledBranch(net, name, x, pooled),
  ]);
}

function inceptionB(net: NetworkBuilder, name: string, x: Tensor): Tensor {
  return net.concat(`${name}.concat`, [
    basic(net, `${name}.branch3x3`, x, 384, DOWN),
    chain(net, name, x, [
      ['branch3x3dbl_1', 64, ONE],
      ['branch3x3dbl_2', 96, {}],
      ['branch3x3dbl_3', 96, DOWN],
    ]),
    net.pool(`${name}.max_pool`, 'max-pool', x, 3, { stride: 2 }),
  ]);
}

function inceptionC(net: NetworkBuilder, name: string, x: Tensor, inner: number): Tensor {
  return net.concat(`${name}.concat`, [
    basic(net, `${name}.branch1x1`, x, 192, ONE),
    chain(net, name, x, [
      ['branch7x7_1', inner, ONE],
      ['branch7x7_2', inner, ROW],
      ['branch7x7_3', 192, COLUMN],
    ]),
    chain(net, name, x, [
      ['branch7x7dbl_1', inner, ONE],
      ['branch7x7dbl_2', inner, COLUMN],
      ['branch7x7dbl_3', inner, ROW],
      ['branch7x7dbl_4', inner, COLUMN],
      ['branch7x7dbl_5', 192, ROW],
    ]),
    pooledBranch(net, name, x, 192),
  ]);
}

function inceptionD(net: NetworkBuilder, name: string, x: Tensor): Tensor {
  return net.concat(`${name}.concat`, [
    chain(net, name, x, [
      ['branch3x3_1', 192, ONE],
      ['branch3x3_2', 320, DOWN],
    ]),
    chain(net, name, x, [
      ['branch7x7x3_1', 192, ONE],
      ['branch7x7x3_2', 192, ROW],
      ['branch7x7x3_3', 192, COLUMN],
      ['branch7x7x3_4', 192, DOWN],
    ]),
    net.pool(`${name}.max_pool`, 'max-pool', x, 3, { stride: 2 }),
  ]);
}

function inceptionE(net: NetworkBuilder, name: string, x: Tensor): Tensor {
  /** A row and a column of the same tensor, side by side. */
  const crossed = (branch: string, place: string, y: Tensor): Tensor =>
    net.concat(`${name}.${branch}.concat`, [
      basic(net, `${name}.${branch}_${place}a`, y, 384, { kernel: [1, 3] }),
      basic(net, `${name}.${branch}_${place}b`, y, 384, { kernel: [3, 1] }),
    ]);
  const single = basic(net, `${name}.branch1x1`, x, 320, ONE);
  const small = crossed('branch3x3', '2', basic(net, `${name}.branch3x3_1`, x, 384, ONE));
  const large = crossed(
    'branch3x3dbl',
    '3',
    chain(net, name, x, [
      ['branch3x3dbl_1', 448, ONE],
      ['branch3x3dbl_2', 384, {}],
    ]),
  );
  return net.concat(`${name}.concat`, [single, small, large, pooledBranch(net, name, x, 192)]);
}

export function buildInceptionV3(): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 299, W: 299 });
  let x = chain(net, 'Conv2d', net.input, [
    ['1a_3x3', 32, DOWN],
    ['2a_3x3', 32, { padding: 0 }],
    ['2b_3x3', 64, {}],
  ]);
  x = net.pool('maxpool1', 'max-pool', x, 3, { stride: 2 });
  x = chain(net, 'Conv2d', x, [
    ['3b_1x1', 80, ONE],
    ['4a_3x3', 192, { padding: 0 }],
  ]);
  x = net.pool('maxpool2', 'max-pool', x, 3, { stride: 2 });
  x = inceptionA(net, 'Mixed_5b', x, 32);
  x = inceptionA(net, 'Mixed_5c', x, 64);
  x = inceptionA(net, 'Mixed_5d', x, 64);
  x = inceptionB(net, 'Mixed_6a', x);
  x = inceptionC(net, 'Mixed_6b', x, 128);
  x = inceptionC(net, 'Mixed_6c', x, 160);
  x = inceptionC(net, 'Mixed_6d', x, 160);
  x = inceptionC(net, 'Mixed_6e', x, 192);
  x = inceptionD(net, 'Mixed_7a', x);
  x = inceptionE(net, 'Mixed_7b', x);
  x = inceptionE(net, 'Mixed_7c', x);
  x = net.dropout('dropout', net.globalAveragePool('avgpool', x));
  net.gemm('fc', net.flatten('flatten', x), 1000);
  return net;
}

const GROWTH = 32;

/** A dense layer: batch norm, ReLU, convolution, twice. Its input is everything before it in the block. */
function denseLayer(net: NetworkBuilder, name: string, x: Tensor): Tensor {
  const first = net.conv(
    `${name}.conv1`,
    net.relu(`${name}.relu1`, net.batchNorm(`${name}.norm1`, x)),
    4 * GROWTH,
    ONE,
  );
  return net.conv(`${name}.conv2`, net.relu(`${name}.relu2`, net.batchNorm(`${name}.norm2`, first)), GROWTH);
}

export function buildDenseNet121(): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  const stem = net.conv('features.conv0', net.input, 64, { kernel: 7, stride: 2 });
  let x = net.relu('features.relu0', net.batchNorm('features.norm0', stem));
  x = net.pool('features.pool0', 'max-pool', x, 3, { stride: 2, padding: 1 });
  for (const [at, layers] of [6, 12, 24, 16].entries()) {
    const block = `features.denseblock${at + 1}`;
    const parts = [x];
    for (let each = 1; each <= layers; each++) {
      const name = `${block}.denselayer${each}`;
      const all = parts.length === 1 ? x : net.concat(`${name}.concat`, parts);
      parts.push(denseLayer(net, name, all));
    }
    x = net.concat(`${block}.concat`, parts);
    if (at === 3) break;
    const name = `features.transition${at + 1}`;
    const active = net.relu(`${name}.relu`, net.batchNorm(`${name}.norm`, x));
    x = net.pool(`${name}.pool`, 'avg-pool', net.conv(`${name}.conv`, active, x.shape.C / 2, ONE), 2);
  }
  x = net.relu('relu', net.batchNorm('features.norm5', x));
  net.gemm('classifier', net.flatten('flatten', net.globalAveragePool('avgpool', x)), 1000);
  return net;
}

/** Two 3×3 convolutions with batch norm and ReLU. */
function doubleConv(net: NetworkBuilder, name: string, x: Tensor, channels: number): Tensor {
  const one = (first: number, from: Tensor): Tensor => {
    const y = net.batchNorm(`${name}.${first + 1}`, net.conv(`${name}.${first}`, from, channels, {}));
    return net.relu(`${name}.${first + 2}`, y);
  };
  return one(3, one(0, x));
}

/** A small U-Net: 16, 32 and 64 channels, two classes for each pixel. */
export function buildUNet(): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 128, W: 128 });
  const first = doubleConv(net, 'd1', net.input, 16);
  const second = doubleConv(net, 'd2', net.pool('p1', 'max-pool', first, 2), 32);
  const deepest = doubleConv(net, 'd3', net.pool('p2', 'max-pool', second, 2), 64);
  const up = (place: number, x: Tensor, skipped: Tensor): Tensor => {
    const larger = net.transposedConv(`u${place}`, x, skipped.shape.C, 2, 2);
    return doubleConv(net, `e${place}`, net.concat(`concat${place}`, [larger, skipped]), skipped.shape.C);
  };
  net.conv('o', up(1, up(2, deepest, second), first), 2, { kernel: 1, bias: true });
  return net;
}
