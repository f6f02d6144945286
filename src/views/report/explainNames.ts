/** What an explanation calls the parts of the accelerator. */

import type { Layer } from '../../model/layers/layer.ts';
import { isInterface, type ResourceName } from '../../studies/explain/resources.ts';
import { amountInWords } from './bandwidthInWords.ts';

const NAMES: Readonly<Record<string, string>> = {
  wbuf: 'WBuf',
  ibuf: 'IBuf',
  obuf: 'OBuf',
  bbuf: 'BBuf',
  vmem: 'VMem',
  rows: 'array rows',
  columns: 'array columns',
  channels: 'DRAM channels',
  obufSlots: 'OBuf slots',
  vmemSlots: 'VMem slots',
};

/** An SRAM, an interface or a size as the reports name it. */
export function nameOf(part: string): string {
  return NAMES[part] ?? part;
}

/** Which arrays what is explained runs on. */
export type Users = Layer['unit'] | 'both';

const COLUMNS: Readonly<Record<Users, string>> = {
  SA: 'the array columns',
  SIMD: 'the SIMD lanes (array columns)',
  both: 'the array columns and SIMD lanes',
};

/** `the ifmap interface`, `the weight interface and the array rows`; a SIMD layer's lanes are the columns. */
export function resourcesInWords(resources: readonly ResourceName[], users: Users): string {
  const inWords = (name: ResourceName): string =>
    isInterface(name) ? `the ${nameOf(name)} interface` : name === 'columns' ? COLUMNS[users] : `the ${nameOf(name)}`;
  return resources.map(inWords).join(' and ');
}

/** `512 bits per cycle`, `512 bits per cycle and 64 rows`. */
export function amountsInWords(resources: readonly ResourceName[], amounts: readonly number[]): string {
  const unitOf = (name: ResourceName, amount: number): string =>
    isInterface(name) ? 'bits per cycle' : name.endsWith('Slots') ? (amount === 1 ? 'slot' : 'slots') : name;
  return resources
    .map((name, place) => `${amountInWords(amounts[place]!)} ${unitOf(name, amounts[place]!)}`)
    .join(' and ');
}
