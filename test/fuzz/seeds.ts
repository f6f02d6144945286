/** Small good files of every kind that the command line reads: what is broken on purpose. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceOfBytes } from '../../src/model/importers/byteSource.ts';
import { skeletonOf } from '../../src/model/importers/onnx/skeleton.ts';
import { attentionModel, MOBILE_MODEL, onnxBytes, ROWS_MODEL } from '../support/onnx.ts';

/** The kinds of files, in the order of the summary. */
export const KINDS = [
  'hardware',
  'SimDIT hardware',
  'workload',
  'SimDIT workload',
  'SCALE-Sim topology',
  'ONNX model',
  'banked DRAM',
  'latency DRAM',
  'energy',
  'sweep',
  'formula',
  'predictions',
  'request rule',
  'request trace',
  'result of a run',
] as const;
export type Kind = (typeof KINDS)[number];

/** A good file. */
export interface SeedFile {
  /** With the extension that commands look at. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const image = (C: number, side: number) => ({ C, H: side, W: side });
const plane = image;
const conv = (name: string, from: string, OC: number, IC: number, K: number, O: number, more = {}) => ({
  name,
  op: 'conv',
  inputs: [from],
  dimensions: { OC, IC, KH: K, KW: K, OH: O, OW: O },
  stride: 1,
  padding: (K - 1) / 2,
  bias: true,
  ...more,
});
const pointwise = (op: string, name: string, C: number, side: number, ...inputs: string[]) => ({
  name,
  op,
  inputs,
  dimensions: plane(C, side),
});

const PLAIN = {
  name: 'plain',
  input: image(3, 8),
  layers: [
    conv('conv1', 'input', 20, 3, 3, 8),
    pointwise('relu', 'relu1', 20, 8, 'conv1'),
    {
      name: 'pool1',
      op: 'max-pool',
      inputs: ['relu1'],
      dimensions: { C: 20, KH: 2, KW: 2, OH: 4, OW: 4 },
      stride: 2,
      padding: 0,
    },
    { name: 'flat', op: 'flatten', inputs: ['pool1'] },
    { name: 'fc', op: 'gemm', inputs: ['flat'], dimensions: { OC: 10, IC: 320 }, bias: true },
  ],
};

const BRANCHED = {
  name: 'branched',
  description: 'A residual block with groups, norms and a global pool',
  input: image(16, 6),
  layers: [
    conv('a', 'input', 32, 16, 3, 6, { groups: 4, dilation: [1, 1] }),
    pointwise('batch-norm', 'a.bn', 32, 6, 'a'),
    conv('b', 'input', 32, 16, 1, 6, {
      bias: false,
      tile: { oc: 32, ic: 16, kh: 1, kw: 1, n: 1, oh: 3, ow: 6 },
      loopOrder: ['oc', 'ic', 'kh', 'kw', 'n', 'oh', 'ow'],
      dataTypes: { ifmap: 8, weight: 4 },
    }),
    pointwise('tensor-add', 'sum', 32, 6, 'a.bn', 'b'),
    { name: 'drop', op: 'dropout', inputs: ['sum'] },
    {
      name: 'dw',
      op: 'depthwise-conv',
      inputs: ['drop'],
      dimensions: { C: 32, KH: 3, KW: 3, OH: 3, OW: 3 },
      stride: [2, 2],
      padding: [1, 1, 1, 1],
      bias: true,
      unit: 'SA',
    },
    {
      name: 'up',
      op: 'transposed-conv',
      inputs: ['dw'],
      dimensions: { OC: 8, IC: 32, KH: 2, KW: 2, OH: 6, OW: 6 },
      stride: 2,
      padding: 0,
      bias: false,
    },
    { name: 'gap', op: 'global-avg-pool', inputs: ['up'], dimensions: { C: 8, IH: 6, IW: 6 } },
  ],
};

const ATTENTION = {
  name: 'attention',
  input: { C: 12, H: 5, W: 1 },
  layers: [
    ...['q', 'k', 'v'].map((name) => ({
      name,
      op: 'gemm',
      inputs: ['input'],
      dimensions: { OC: 12, IC: 12, M: 5 },
      bias: name === 'q',
    })),
    {
      name: 'scores',
      op: 'matmul',
      inputs: ['q', 'k'],
      dimensions: { G: 2, M: 5, IC: 6, OC: 5 },
      isSecondTransposed: true,
    },
    { name: 'mixed', op: 'matmul', inputs: ['scores', 'v'], dimensions: { G: 2, M: 5, IC: 5, OC: 6 } },
    { name: 'out', op: 'relu', inputs: ['mixed'], dimensions: { C: 12, H: 5, W: 1 } },
  ],
};

/** Layers that are read and counted, and not all of which can run. */
const READ_ONLY = {
  name: 'read',
  parameters: 0,
  macs: 0,
  input: image(8, 4),
  layers: [
    { name: 'clip', op: 'clip', inputs: ['input'], dimensions: plane(8, 4), min: 0, max: 6 },
    { name: 'scaled', op: 'tensor-mul', inputs: ['clip'], dimensions: plane(8, 4), scalar: 0.5 },
    { name: 'softmax', op: 'softmax', inputs: ['scaled'], dimensions: plane(8, 4), groups: 2 },
    { name: 'norm', op: 'layer-norm', inputs: ['softmax'], dimensions: plane(8, 4), isAffine: false },
    { name: 'up', op: 'upsample', inputs: ['norm'], dimensions: { C: 8, IH: 4, IW: 4, OH: 8, OW: 8 }, mode: 'nearest' },
    { name: 'half', op: 'slice', inputs: ['up'], dimensions: { C: 4, H: 8, W: 8 }, start: { C: 4 }, step: { C: 1 } },
    { name: 'both', op: 'concat', inputs: ['half', 'half'], dimensions: plane(8, 8) },
    { name: 'shuffled', op: 'channel-shuffle', inputs: ['both'], dimensions: plane(8, 8), groups: 2 },
    { name: 'padded', op: 'pad', inputs: ['shuffled'], dimensions: { C: 8, H: 10, W: 10 }, padding: 1 },
    { name: 'turned', op: 'transpose', inputs: ['padded'], dimensions: { C: 10, H: 8, W: 10 }, order: ['H', 'C', 'W'] },
    { name: 'flat', op: 'reshape', inputs: ['turned'], dimensions: { C: 800, H: 1, W: 1 } },
    { name: 'position', op: 'parameter', inputs: [], dimensions: { C: 800, H: 1, W: 1 } },
    { name: 'sum', op: 'tensor-add', inputs: ['flat', 'position'], dimensions: { C: 800, H: 1, W: 1 } },
    { name: 'mean', op: 'reduce-mean', inputs: ['sum'], dimensions: { C: 1, H: 1, W: 1 } },
  ],
};

const LIST = {
  name: 'list',
  graph: 'list',
  layers: [
    { ...conv('c', '', 8, 4, 3, 5), inputs: undefined, padding: 0 },
    { name: 'g', op: 'gemm', dimensions: { OC: 8, IC: 16, M: 3 }, bias: false },
  ],
};

const SWEEPS = [
  {
    name: 'small',
    hardware: 'HI1',
    workload: 'network.json',
    parameters: {
      'sramKiB.wbuf': { from: 32, to: 128, factor: 2 },
      'bitsPerCycle.psum': { from: 64, to: 192, step: 64 },
      'bitsPerCycle.vmem': [64, 128],
    },
    constraints: ['sramKiB.wbuf + sramKiB.ibuf < 160 || bitsPerCycle.psum > 64'],
    budgets: [{ quantity: 'totalSramKiB', budget: 500, minusPercent: 50, plusPercent: 50 }],
    objectives: ['cycles', 'totalSramKiB'],
  },
  {
    name: 'simulated',
    hardware: 'HI2',
    workload: 'network.json',
    phase: 'training',
    batch: 2,
    expansion: 'exact',
    parameters: { 'array.rows': [16, 32], 'sramKiB.vmem': [128, 256], clockPicoseconds: [900, 1000] },
    objectives: ['joules', 'cycles'],
    model: 'simulated',
    assume: 'hardware',
    energy: 'fit',
    rerank: [
      { top: 3, model: 'closed-form' },
      { top: 2, model: 'simulated', dram: 'latency' },
    ],
    sensitivity: 'best',
    points: 'all',
  },
  {
    name: 'memories',
    hardware: 'HI1',
    workload: 'network.json',
    model: 'simulated',
    parameters: {
      dram: ['HBM2', 'DDR4-2400', 'ideal'],
      'dram.layout': ['tiles', 'nhwc'],
      'dram.timing.CL': 'clockPicoseconds / 50',
      clockPicoseconds: [500, 1000],
    },
    constraints: ["dram != 'ideal' || dram.layout == 'tiles'"],
  },
  {
    name: 'fused',
    hardware: 'HI1',
    workload: 'network.json',
    model: 'simulated',
    parameters: {
      hardware: ['HI1', 'HI2'],
      assume: ['hardware', 'paper', 'prefetch'],
      fuse: "assume == 'paper' ? 'none' : 'chains'",
      depthwise: ['SIMD', 'SA'],
    },
    depthwise: 'SIMD',
    fuse: 'none',
  },
];

const RULES = [
  {
    rule: { kind: 'linear', base: 0, stride: 64, count: 200, op: 'R', gap: 2 },
    inject: { mode: 'inorder', max_per_cycle: 1 },
  },
  { rule: { kind: 'random', seed: 7, base: 4096, span_bursts: 512, count: 300, writes_per_256: 64 } },
  {
    rule: {
      kind: 'streams',
      streams: [
        { base: 0, op: 'R' },
        { base: 65536, op: 'W' },
      ],
      bursts_per_stream: 60,
      gran: 4,
      stream_gap: 3,
    },
    inject: { mode: 'ports', max_per_cycle: 2 },
  },
  { rule: { kind: 'rw_tiles', tile_bytes: 2048, tiles: 4, rbase: 0, wbase: 1048576, addr_scale: 1 } },
  { rule: { kind: 'tile2d', base: 0, tiles: 2, tile_step: 4096, rows: 6, row_bytes: 256, pitch: 1024, op: 'W' } },
  {
    name: 'list',
    rule: {
      kind: 'list',
      items: [
        [0, 'R', 0],
        [5, 'W', 64],
        [900, 'R', 4096],
      ],
    },
  },
];

const TRACE = `# a comment
0 R 0 0
2 R 64 0
4 W 4096 1
10 R 0x1000 1
300 R 8192 0
5000 W 64 2
`;

/** Of a run of two layers, one with a name that needs quotes. */
const ADDRESSES = `cycle,op,address,bytes,interface,tensor,layer
0,R,0,64,weight,weight,conv1
0,R,4096,64,ifmap,ifmap,conv1
7,W,0x2000,64,psum,ofmap,conv1
900,R,0,256,vmem,X,"a,""b"""
`;
const DRAMSIM3 = '0x0 READ 0\n0x40 READ 0\n0x1000 WRITE 20\n40 READ 300\n';
const RAMULATOR2 = 'LD 0x0\nLD 64\nST 0x1000\nLD 0x40\n';

const TOPOLOGY = `Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
Conv1,12,12,3,3,3,8,1,
Conv2,10,10,3,3,8,16,2,
FC,1,1,1,1,64,10,1,
`;
const GEMMS = 'Layer,M,N,K,\nL0,19,24,38,\nL1,7,11,64,\n';

const FORMULAS = [
  {
    name: 'mine',
    description: 'Computing and the slowest interface',
    source: 'nowhere',
    let: { fill: 'PSO', 'C.all': '(C_tile + fill) * m' },
    rules: [
      {
        for: ['conv', 'gemm'],
        where: "order == 'oc ic kh kw n oh ow' || N == 1",
        let: { w: 'transfer_w + transfer_b', few: 'M_oc <= 1 && m_ic < 2' },
        computeCycles: 'ceil(C.all)',
        stallCycles: 'few ? max(0, w - C_tile, transfer_i - C_tile) : if(op == "gemm", 0, transfer_p % 7)',
        cycles: 'computeCycles + stallCycles',
        dramBits: { weight: 'V_w * b_w * m_oc * m_ic * m_kh * m_kw' },
        sramBits: { bbuf: 'G * OH * OW * N * OC * b_b' },
      },
      { for: 'relu', cycles: 'm * V * (b_in + b_out) / BW_v' },
      { for: 'SIMD', cycles: 'max(1, abs(own.C - C), log2(K), tile.cycles)' },
    ],
  },
  { name: 'ours', reference: 'corner' },
  { name: 'short', rules: [{ for: 'any', cycles: 'J * K / slots.wbuf - λ_div' }] },
];

const PREDICTIONS = [
  'layer,cycles\nconv1,700\nrelu1,300\npool1,120.5\nfc,1e3\n',
  'network,hardware,phase,batch,op,layer,cycles\nnetwork.json,HI1,inference,1,conv,conv1,700\nnetwork.json,HI3,,2,gemm,fc,5\n',
];

/** What an earlier run has written, made by the command line itself. */
export interface Made {
  readonly runs: readonly Uint8Array[];
}

const text = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

/** The good files of every kind; `root` is the repository's. */
export function seedFiles(root: string, { runs }: Made): Record<Kind, readonly SeedFile[]> {
  const read = (path: string): Uint8Array => readFileSync(join(root, path));
  const named =
    (name: string) =>
    (bytes: Uint8Array): SeedFile => ({ name, bytes });
  const presets = (folder: string, names: readonly string[], as: string): SeedFile[] =>
    names.map((name) => named(as)(read(`${folder}/${name}.json`)));
  const simdit = JSON.parse(Buffer.from(read('test/simdit/resnet18-inference.json')).toString()) as {
    program: { operation: string }[];
  };
  // The first layer of each operation, which are enough.
  const kinds = new Set<string>();
  const program = simdit.program.filter(({ operation }) => !kinds.has(operation) && kinds.add(operation));
  const models = [attentionModel(1), MOBILE_MODEL, ROWS_MODEL].map(onnxBytes);
  const unet = skeletonOf(sourceOfBytes(read('test/importers/onnx/unet_small.onnx')), 'unet_small');
  return {
    hardware: presets('hw', ['HI1', 'HI3', 'HT2'], 'hardware.json'),
    'SimDIT hardware': [named('simdit-hardware.json')(read('test/simdit/hardware-HI3.json'))],
    workload: [PLAIN, BRANCHED, ATTENTION, READ_ONLY, LIST].map(text).map(named('workload.json')),
    'SimDIT workload': [
      { ...simdit, program },
      { ...simdit, program: simdit.program.slice(0, 3) },
    ]
      .map(text)
      .map(named('simdit-workload.json')),
    'SCALE-Sim topology': [TOPOLOGY, GEMMS].map(text).map(named('topology.csv')),
    'ONNX model': [...models, unet].map(named('model.onnx')),
    'banked DRAM': presets('hw/dram', ['HBM2', 'DDR4-2400', 'LPDDR5-6400', 'GDDR6-14000'], 'dram.json'),
    'latency DRAM': presets('hw/dram', ['latency'], 'dram.json'),
    energy: presets('hw/energy', ['fit'], 'energy.json'),
    sweep: SWEEPS.map(text).map(named('sweep.json')),
    formula: FORMULAS.map(text).map(named('mine.formula.json')),
    predictions: PREDICTIONS.map(text).map(named('predictions.csv')),
    'request rule': RULES.map(text).map(named('rule.json')),
    'request trace': [TRACE, ADDRESSES, DRAMSIM3, RAMULATOR2].map((each) => named('trace.txt')(text(each))),
    'result of a run': runs.map(named('a.json')),
  };
}

/** Networks that run, small enough for a hundred runs a second. */
export const SMALL_NETWORKS = { plain: PLAIN, branched: BRANCHED, attention: ATTENTION } as const;
