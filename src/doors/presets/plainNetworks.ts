/** AlexNet, VGGs and SqueezeNet: convolutions one after the other. */
import { NetworkBuilder, type Tensor } from './networkBuilder.ts';

/** Channels of each convolution; M is a pool. */
const VGG = {
  11: [64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M'],
  13: [64, 64, 'M', 128, 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M'],
  16: [64, 64, 'M', 128, 128, 'M', 256, 256, 256, 'M', 512, 512, 512, 'M', 512, 512, 512, 'M'],
  19: [64, 64, 'M', 128, 128, 'M', 256, 256, 256, 256, 'M', 512, 512, 512, 512, 'M', 512, 512, 512, 512, 'M'],
} as const;

/** Three linear layers on all of an image, the last one without an activation. */
function classifier(net: NetworkBuilder, x: Tensor, isDropoutFirst: boolean): void {
  let y = net.flatten('flatten', x);
  for (const [name, isLast] of [
    ['fc1', false],
    ['fc2', false],
    ['fc3', true],
  ] as const) {
    if (isDropoutFirst && !isLast) y = net.dropout(`${name}.dropout`, y);
    y = net.gemm(name, y, isLast ? 1000 : 4096);
    if (isLast) break;
    y = net.relu(`${name}.relu`, y);
    if (!isDropoutFirst) y = net.dropout(`${name}.dropout`, y);
  }
}

export function buildVgg(depth: keyof typeof VGG, hasBatchNorm: boolean): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  let [x, stage, place] = [net.input, 1, 1];
  for (const step of VGG[depth]) {
    if (step === 'M') {
      x = net.pool(`pool${stage}`, 'max-pool', x, 2);
      [stage, place] = [stage + 1, 1];
    } else {
      x = net.conv(`conv${stage}_${place}`, x, step, { bias: true });
      if (hasBatchNorm) x = net.batchNorm(`bn${stage}_${place}`, x);
      x = net.relu(`relu${stage}_${place}`, x);
      place++;
    }
  }
  classifier(net, x, false);
  return net;
}

export function buildAlexNet(): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  const convs = [
    { channels: 64, kernel: 11, stride: 4, padding: 2, isPooled: true },
    { channels: 192, kernel: 5, isPooled: true },
    { channels: 384, kernel: 3, isPooled: false },
    { channels: 256, kernel: 3, isPooled: false },
    { channels: 256, kernel: 3, isPooled: true },
  ];
  let x = net.input;
  for (const [place, { channels, isPooled, ...window }] of convs.entries()) {
    const number = place + 1;
    x = net.relu(`relu${number}`, net.conv(`conv${number}`, x, channels, { ...window, bias: true }));
    if (isPooled) x = net.pool(`pool${number}`, 'max-pool', x, 3, { stride: 2 });
  }
  classifier(net, x, true);
  return net;
}

/** A fire module: fewer channels, then more of two kinds side by side. */
function fire(net: NetworkBuilder, name: string, x: Tensor, squeeze: number, expand: number): Tensor {
  const active = (part: string, from: Tensor, channels: number, kernel: number): Tensor =>
    net.relu(`${name}.${part}_activation`, net.conv(`${name}.${part}`, from, channels, { kernel, bias: true }));
  const squeezed = active('squeeze', x, squeeze, 1);
  return net.concat(`${name}.concat`, [
    active('expand1x1', squeezed, expand, 1),
    active('expand3x3', squeezed, expand, 3),
  ]);
}

export function buildSqueezeNet(): NetworkBuilder {
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  const pool = (place: number, x: Tensor): Tensor =>
    net.pool(`features.${place}`, 'max-pool', x, 3, { stride: 2, ceilMode: true });
  let x = net.relu('features.1', net.conv('features.0', net.input, 64, { stride: 2, padding: 0, bias: true }));
  x = pool(2, x);
  x = fire(net, 'features.3', x, 16, 64);
  x = pool(5, fire(net, 'features.4', x, 16, 64));
  x = fire(net, 'features.6', x, 32, 128);
  x = pool(8, fire(net, 'features.7', x, 32, 128));
  for (const [place, squeeze, expand] of [
    [9, 48, 192],
    [10, 48, 192],
    [11, 64, 256],
    [12, 64, 256],
  ] as const) {
    x = fire(net, `features.${place}`, x, squeeze, expand);
  }
  x = net.conv('classifier.1', net.dropout('classifier.0', x), 1000, { kernel: 1, bias: true });
  net.flatten('flatten', net.globalAveragePool('classifier.3', net.relu('classifier.2', x)));
  return net;
}
