/** The first line of SCALE-Sim's topology files, by which they are known. */

/** What the lines of a kind are, column by column behind the layer's name. */
export const COLUMNS = {
  conv: ['IFMAP height', 'IFMAP width', 'filter height', 'filter width', 'channels', 'num filter', 'stride'],
  gemm: ['M', 'N', 'K'],
} as const;
export type TopologyKind = keyof typeof COLUMNS;

/** Which kind of file the cells of a first line announce; undefined if they announce neither. */
export function topologyKind(cells: readonly string[]): TopologyKind | undefined {
  const names = cells.map((cell) => cell.toLowerCase().replaceAll(/[^a-z]/g, ''));
  if (names[1] === 'm' && names[2] === 'n' && names[3] === 'k') return 'gemm';
  const isConv = names[1]?.includes('ifmap') || (names[1]?.includes('height') && names[3]?.includes('filter'));
  return isConv && names.length > COLUMNS.conv.length ? 'conv' : undefined;
}

/** Whether a text looks like a topology file. */
export function isScaleSimTopology(text: string): boolean {
  const [first = ''] = text
    .replace(/^\uFEFF/, '')
    .trimStart()
    .split('\n', 1);
  return topologyKind(first.split(',')) !== undefined;
}
