/** Vision transformers. */
import { NetworkBuilder, type Tensor } from './networkBuilder.ts';

const ViT_B_16 = { patch: 16, layers: 12, heads: 12, channels: 768, inner: 3072 } as const;

/** Scores of every row with every row, per head, then the rows' values by these weights. */
function selfAttention(net: NetworkBuilder, name: string, x: Tensor, heads: number): Tensor {
  const { C } = x.shape;
  const projected = net.gemm(`${name}.in_proj`, x, 3 * C);
  const [q, k, v] = ['q', 'k', 'v'].map((part, place) =>
    net.slice(`${name}.${part}`, projected, 'C', place * C, C),
  ) as [Tensor, Tensor, Tensor];
  const scaled = net.scaled(`${name}.scale`, q, Math.sqrt(heads / C));
  const weights = net.softmax(`${name}.softmax`, net.scores(`${name}.scores`, scaled, k, heads), heads);
  return net.gemm(`${name}.out_proj`, net.weighted(`${name}.values`, weights, v, heads), C);
}

function encoderLayer(net: NetworkBuilder, name: string, x: Tensor): Tensor {
  const { heads, inner, channels } = ViT_B_16;
  const attended = selfAttention(net, `${name}.self_attention`, net.layerNorm(`${name}.ln_1`, x), heads);
  const y = net.sum(`${name}.add_1`, net.dropout(`${name}.dropout`, attended), x);
  const wide = net.activation(
    `${name}.mlp.1`,
    'gelu',
    net.gemm(`${name}.mlp.0`, net.layerNorm(`${name}.ln_2`, y), inner),
  );
  const narrow = net.gemm(`${name}.mlp.3`, net.dropout(`${name}.mlp.2`, wide), channels);
  return net.sum(`${name}.add_2`, y, net.dropout(`${name}.mlp.4`, narrow));
}

export function buildViTB16(): NetworkBuilder {
  const { patch, layers, channels } = ViT_B_16;
  const net = new NetworkBuilder({ C: 3, H: 224, W: 224 });
  const patches = net.conv('conv_proj', net.input, channels, { kernel: patch, stride: patch, padding: 0, bias: true });
  const rows = net.reshape('reshape', patches, { C: channels, H: patches.shape.H * patches.shape.W, W: 1 });
  const token = net.parameter('class_token', { C: channels, H: 1, W: 1 });
  const tokens = net.concat('concat', [token, net.transpose('permute', rows)], 'H');
  const position = net.parameter('encoder.pos_embedding', tokens.shape);
  let x = net.dropout('encoder.dropout', net.sum('encoder.add', tokens, position));
  for (let layer = 0; layer < layers; layer++) x = encoderLayer(net, `encoder.layers.encoder_layer_${layer}`, x);
  const first = net.slice('class', net.layerNorm('encoder.ln', x), 'H', 0, 1);
  net.gemm('heads.head', first, 1000);
  return net;
}
