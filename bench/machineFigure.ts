/** The picture of the machine: its components where figure 2 of the paper has them, and the wires that the code has. */
import type { Wire, Wiring } from './machineWiring.ts';

/** A component's box, and what stands in it. */
interface Box {
  readonly at: readonly [x: number, y: number, width: number, height: number];
  readonly kind: 'sram' | 'unit' | 'port' | 'control';
  readonly name: string;
  readonly note?: string;
}

const BOXES: Readonly<Record<string, Box>> = {
  saDispatcher: { at: [170, 24, 360, 62], kind: 'control', name: 'dispatcher of the PE array' },
  simdDispatcher: { at: [590, 24, 290, 62], kind: 'control', name: 'dispatcher of the SIMD array' },
  peArray: {
    at: [200, 140, 310, 90],
    kind: 'unit',
    name: 'PE array, J × K',
    note: 'weight stationary: ifmap →, psum ↓',
  },
  simdPipeline: { at: [620, 140, 160, 60], kind: 'unit', name: 'SIMD pipeline, 1 × K', note: 'six stages' },
  imem: { at: [812, 140, 68, 60], kind: 'sram', name: 'IMem', note: 'and IMM' },
  ibuf: { at: [20, 157, 120, 56], kind: 'sram', name: 'IBuf' },
  wbuf: { at: [170, 290, 100, 56], kind: 'sram', name: 'WBuf' },
  bbuf: { at: [290, 290, 100, 56], kind: 'sram', name: 'BBuf' },
  obuf: { at: [410, 290, 100, 56], kind: 'sram', name: 'OBuf' },
  vmem: { at: [625, 290, 150, 56], kind: 'sram', name: 'VMem', note: 'in two halves' },
  ifmapInterface: { at: [20, 400, 120, 40], kind: 'port', name: 'ifmap interface' },
  weightInterface: { at: [170, 400, 220, 40], kind: 'port', name: 'weight interface' },
  psumInterface: { at: [405, 400, 110, 40], kind: 'port', name: 'psum interface' },
  vmemInterface: { at: [640, 400, 120, 40], kind: 'port', name: 'vmem interface' },
};

/** Where a wire that is drawn lies: `from carries to`. */
const PATHS: Readonly<Record<string, string>> = {
  'saDispatcher compute peArray': 'M330,86 V138',
  'peArray ended saDispatcher': 'M370,140 V88',
  'simdDispatcher compute simdPipeline': 'M685,86 V138',
  'simdPipeline ended simdDispatcher': 'M715,140 V88',
  'simdDispatcher request imem': 'M835,86 V138',
  'imem ended simdDispatcher': 'M857,140 V88',
  'imem reads simdPipeline': 'M812,170 H782',
  'ibuf reads peArray': 'M140,185 H198',
  'wbuf reads peArray': 'M220,290 V232',
  'bbuf reads peArray': 'M340,290 V232',
  'obuf reads peArray': 'M445,290 V232',
  'peArray writes obuf': 'M475,230 V288',
  'obuf reads simdPipeline': 'M500,290 V258 H650 V202',
  'vmem reads simdPipeline': 'M685,290 V202',
  'simdPipeline writes vmem': 'M715,200 V288',
  'ifmapInterface loads ibuf': 'M80,400 V215',
  'weightInterface loads wbuf': 'M220,400 V348',
  'weightInterface loads bbuf': 'M340,400 V348',
  'psumInterface loads obuf': 'M445,400 V348',
  'obuf stores psumInterface': 'M475,346 V398',
  'vmemInterface loads vmem': 'M685,400 V348',
  'vmem stores vmemInterface': 'M715,346 V398',
};

const [WIDTH, HEIGHT] = [900, 556];
const MEMORY = { x: 20, y: 476, width: 860, height: 34 };

const keyOf = ({ from, carries, to }: Wire): string => `${from} ${carries} ${to}`;

const short = (name: string): string => BOXES[name]!.name.replace(/,.*| interface/g, '');

function text(content: string, x: number, y: number, kind = ''): string {
  return `<text x="${x}" y="${y}"${kind === '' ? '' : ` class="${kind}"`}>${content}</text>`;
}

/** What a dispatcher's box says of its wires to SRAMs and interfaces, which are not drawn. */
function controlNotes(name: string, wires: readonly Wire[]): string[] {
  const to = (carries: Wire['carries']): string[] =>
    wires.filter((wire) => wire.from === name && wire.carries === carries).map((wire) => wire.to);
  const ports = to('request').filter((each) => each.endsWith('Interface'));
  const heard = ports.filter((port) => wires.some((wire) => keyOf(wire) === `${port} ended ${name}`));
  if (heard.length < ports.length) throw new Error(`${name} does not hear of all that it asks for`);
  return [
    `gives slots of ${to('slots').map(short).join(', ')}`,
    `asks the interfaces ${ports.map(short).join(', ')}; hears of ends`,
  ];
}

function box(name: string, { wires, slots }: Wiring): string[] {
  const { at, kind, name: title, note } = BOXES[name]!;
  const [x, y, width, height] = at;
  const count = slots[name];
  const inSlots = count === undefined ? [] : [`${count} tile slot${count === 1 ? '' : 's'}`];
  const own = note === undefined ? [] : [note];
  const notes =
    kind === 'control' ? controlNotes(name, wires) : [[...inSlots, ...own].join(' ')].filter((each) => each);
  const middle = x + width / 2;
  const top = y + height / 2 - notes.length * 8 + 4;
  return [
    `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="3"/>`,
    text(title, middle, top),
    ...notes.map((line, place) => text(line, middle, top + 16 * (place + 1), 'small')),
  ];
}

/** The interfaces' ways to DRAM and back, as far as their SRAMs load and store. */
function memoryWires(wires: readonly Wire[]): string[] {
  const ports = Object.keys(BOXES).filter((name) => BOXES[name]!.kind === 'port');
  return ports.flatMap((port) => {
    const [x, y, width, height] = BOXES[port]!.at;
    const middle = x + width / 2;
    const stores = wires.some(({ to, carries }) => to === port && carries === 'stores');
    const loads = wires.some(({ from, carries }) => from === port && carries === 'loads');
    const shift = stores && loads ? 15 : 0;
    return [
      ...(loads ? [`M${middle - shift},${MEMORY.y} V${y + height + 2}`] : []),
      ...(stores ? [`M${middle + shift},${y + height} V${MEMORY.y - 2}`] : []),
    ];
  });
}

const STYLE = `text{font:13px system-ui,sans-serif;text-anchor:middle;fill:#1d2733}.small{font-size:11px;fill:#44546a}
rect{stroke-width:1.5;stroke:#44546a;fill:#f4f6fa}.background{fill:#fff;stroke:none}
.sram{fill:#dfeaf7;stroke:#2f6db3}.unit{fill:#fbe9d7;stroke:#c06a1a}.control{fill:#eef1e6;stroke:#6b7f3a}
.wire{stroke:#44546a;stroke-width:2;fill:none;marker-end:url(#arrow)}.word{stroke:#6b7f3a;stroke-dasharray:4 3}`;

/** The picture as SVG. Throws where a component or a wire has no place in it, or a place has none. */
export function machineSvg(wiring: Wiring): string {
  const { wires, onQueue } = wiring;
  const drawn = wires.filter((wire) => PATHS[keyOf(wire)] !== undefined);
  const told = (wire: Wire): boolean =>
    wire.carries === 'slots' || [wire.from, wire.to].some((name) => BOXES[name]?.kind === 'port');
  const lost = wires.filter((wire) => !drawn.includes(wire) && !(told(wire) && !/loads|stores/.test(wire.carries)));
  if (lost.length > 0) throw new Error(`no place in the picture: ${lost.map(keyOf).join('; ')}`);
  const missing = Object.keys(PATHS).filter((key) => !drawn.some((wire) => keyOf(wire) === key));
  if (missing.length > 0) throw new Error(`no such wires: ${missing.join('; ')}`);
  const names = new Set(wires.flatMap(({ from, to }) => [from, to]));
  const strange = [...names].filter((name) => BOXES[name] === undefined);
  if (strange.length > 0) throw new Error(`no place in the picture: ${strange.join(', ')}`);
  const isWord = ({ carries }: Wire): boolean => ['compute', 'request', 'ended'].includes(carries);
  const events = onQueue.map((name) => BOXES[name]!.name.replace(/,.*/, '')).join(', ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="The components of the machine and their wires">`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#44546a"/></marker></defs>',
    `<rect class="background" width="${WIDTH}" height="${HEIGHT}" rx="8"/>`,
    `<rect x="${MEMORY.x}" y="${MEMORY.y}" width="${MEMORY.width}" height="${MEMORY.height}" rx="3"/>`,
    text(
      'DRAM: pipes of the interfaces’ bandwidth, pipes with latency, or banks and channels',
      WIDTH / 2,
      MEMORY.y + 22,
    ),
    ...[...names].sort().flatMap((name) => box(name, wiring)),
    ...drawn.map((wire) => `<path class="wire${isWord(wire) ? ' word' : ''}" d="${PATHS[keyOf(wire)]}"/>`),
    ...memoryWires(wires).map((d) => `<path class="wire" d="${d}"/>`),
    text('Solid: bits. Dashed: what is asked for, and that it has ended.', WIDTH / 2, 528, 'small'),
    text(`What ends is an event on one queue: of ${events}.`, WIDTH / 2, 544, 'small'),
    '</svg>',
    '',
  ].join('\n');
}
