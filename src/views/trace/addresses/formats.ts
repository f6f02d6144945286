/**
 * What a request is in each format of address traces. `dram` has all of it, in the order in which the controller took the
 * requests and with the cycle in which it did, so that a replay in order is the run again. The trace files of other
 * simulators have less: what each loses stands beside it.
 */
import { csvText } from '../../report/csvText.ts';
import type { BurstRequest } from './requestSink.ts';

export const ADDRESS_FORMATS = ['dram', 'dramsim3', 'ramulator2'] as const;
export type AddressFormat = (typeof ADDRESS_FORMATS)[number];

/** The columns of `dram`, of which a reader needs the first three. Cycles are the memory's. */
export const REQUEST_COLUMNS = ['cycle', 'op', 'address', 'bytes', 'interface', 'tensor', 'layer'] as const;

interface Lines {
  /** What the file begins with. */
  readonly head: string;
  readonly line: (request: BurstRequest) => string;
  /** What ends a file that was cut, where there may be such a line. */
  readonly notice?: (text: string) => string;
}

/** Texts as cells, each asked for once. */
function cells(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    let cell = known.get(text);
    if (cell === undefined) {
      cell = csvText([[text]]).slice(0, -1);
      known.set(text, cell);
    }
    return cell;
  };
}

const HEX = 16;
const hex = (address: number): string => `0x${address.toString(HEX)}`;

/** How the requests of one run are written. */
export function linesOf(format: AddressFormat): Lines {
  switch (format) {
    case 'dram': {
      const cell = cells();
      return {
        head: `${REQUEST_COLUMNS.join(',')}\n`,
        line: ({ memoryCycle, isWrite, address, bytes, interface: port, tensor, layer }) =>
          `${memoryCycle},${isWrite ? 'W' : 'R'},${address},${bytes},${port},${cell(tensor)},${cell(layer.name)}\n`,
        notice: (text) => `# ${text}\n`,
      };
    }
    // Loses interface, tensor and layer; the simulator takes at most one request a cycle.
    case 'dramsim3':
      return {
        head: '',
        line: ({ memoryCycle, isWrite, address }) => `${hex(address)} ${isWrite ? 'WRITE' : 'READ'} ${memoryCycle}\n`,
      };
    // Its LoadStoreTrace loses the cycles too: one request after the other, as fast as they are taken.
    case 'ramulator2':
      return { head: '', line: ({ isWrite, address }) => `${isWrite ? 'ST' : 'LD'} ${hex(address)}\n` };
  }
}
