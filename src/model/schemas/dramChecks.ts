/** What the fields of a DRAM file must be together. */
import { ExpressionError } from '../expressions/expression.ts';
import { BOUNDS } from './bounds.ts';
import { ADDRESS_FIELDS, type Command, fieldSizes, fieldsOf, LEVELS, type Level } from './dramNames.ts';
import { cyclesOf } from './dramRows.ts';
import type { DramSpec } from './dramSchema.ts';

/** All queue entries of all channels. */
const MOST_ENTRIES = 2 ** 20;

/** Notes a problem unless something holds: where it is, what is there and what was expected. */
export type Expect = (holds: boolean, path: string, found: unknown, expected: string) => void;

export function checkAddresses(spec: DramSpec, expect: Expect): void {
  const { mapping, organization: org } = spec;
  const fields: readonly string[] = fieldsOf(mapping);
  const sizes = fieldSizes(spec);
  const needed = ADDRESS_FIELDS.filter((field) => sizes[field] > 1 && !fields.includes(field));
  const isKnown = fields.every((field, place) => field in sizes && fields.indexOf(field) === place);
  const all = `${ADDRESS_FIELDS.slice(0, -1).join(', ')} or co, each once at most`;
  expect(isKnown && mapping.length % 2 === 0, 'mapping', mapping, `fields of two letters: ${all}`);
  expect(needed.length === 0, 'mapping', mapping, `a place for ${needed.join(', ')} too`);
  const banks = org.pseudoChannels * org.ranks * org.stacks * org.bankGroups * org.banksPerGroup;
  expect(
    banks <= BOUNDS.banks.most,
    'organization.banksPerGroup',
    org.banksPerGroup,
    `at most ${BOUNDS.banks.most} banks per channel`,
  );
  const accesses = org.channels * banks * org.rowsPerBank * org.accessesPerRow;
  expect(accesses <= BOUNDS.accesses.most, 'organization', accesses, 'at most 2³¹ bursts in all');
}

export function checkControl(spec: DramSpec, expect: Expect): void {
  const { drainAbove, drainBelow, read, write } = spec.queues;
  const entries = spec.organization.channels * (read + write);
  expect(entries <= MOST_ENTRIES, 'queues', entries, 'at most 2²⁰ entries in the queues of all channels');
  expect(drainBelow <= drainAbove, 'queues.drainBelow', drainBelow, `at most drainAbove (${drainAbove})`);
  const isShared = spec.commandBus === 'shared';
  expect(
    isShared || spec.activate === 'at once',
    'activate',
    spec.activate,
    'at once: this command bus knows no other',
  );
  const { dataClock, ticksPerClock, timing } = spec;
  expect(isShared || dataClock === 'always on', 'dataClock', dataClock, 'always on: this command bus knows no other');
  expect(!isShared || ticksPerClock === 1, 'ticksPerClock', ticksPerClock, '1: a shared command bus has whole clocks');
  const missing = 'a number ≥ 0 (it is missing)';
  expect(spec.activate === 'at once' || timing.AAD !== undefined, 'timing.AAD', undefined, missing);
  expect(dataClock === 'always on' || timing.WCKPST !== undefined, 'timing.WCKPST', undefined, missing);
}

export function checkConstraints(spec: DramSpec, expect: Expect): void {
  const { ranks } = spec.organization;
  const knowsRanks = spec.constraints.some(({ level, other }) => level === 'rank' && other === true);
  expect(ranks === 1 || knowsRanks, 'organization.ranks', ranks, '1: no constraint says what another rank has to wait');
  for (const [place, row] of spec.constraints.entries()) {
    const path = `constraints[${place}]`;
    const isOther = row.other === true;
    expect(!isOther || row.window === undefined, `${path}.window`, row.window, 'none where the other node is meant');
    const hasOthers = row.level !== 'channel' && row.level !== 'bank';
    expect(
      !isOther || hasOthers,
      `${path}.level`,
      row.level,
      `${LEVELS.slice(1, -1).join(', ')} where the other node is meant`,
    );
    try {
      cyclesOf(row, spec.timing);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      expect(false, `${path}.cycles`, row.cycles, `cycles by timing parameters (${error.message})`);
    }
  }
}

/** Else a refresh is due before the one before it has ended, and nothing else ever happens. */
export function checkRefresh(spec: DramSpec, expect: Expect): void {
  if (spec.refresh === 'all-bank') checkNodeRefresh(spec, expect);
  if (spec.refresh === 'per-bank') checkBankRefresh(spec, expect);
}

/** A command on the bus before another of its kind. */
const BETWEEN_NODES = 2;
const NODE_COMMANDS = ['PREab', 'REFab'] as const;

function checkNodeRefresh(spec: DramSpec, expect: Expect): void {
  const { pseudoChannels, ranks, stacks } = spec.organization;
  const { REFI } = spec.timing;
  if (REFI === undefined || REFI === 0) return;
  const nodes = {
    channel: 1,
    'pseudo channel': pseudoChannels,
    rank: pseudoChannels * ranks,
    stack: pseudoChannels * ranks * stacks,
  }[spec.refreshLevel];
  const precharge = longest(spec, 'PREab', 'REFab');
  const { own, between } = rowsOfNodes(spec);
  const refresh = Math.max(
    longest(spec, 'REFab', 'ACT'),
    longest(spec, 'REFab', 'PREab'),
    longestOf(own, spec, 'REFab', 'REFab'),
  );
  const pairs = NODE_COMMANDS.flatMap((from) => NODE_COMMANDS.map((to) => longestOf(between, spec, from, to)));
  const needed = nodes * precharge + (nodes - 1) * Math.max(BETWEEN_NODES, ...pairs) + refresh;
  const room = `to leave room for ${nodes} times a precharge (${precharge}) and a refresh (${refresh})`;
  expect(REFI > needed, 'timing.REFI', REFI, `0, or more than ${needed}, ${room}`);
}

/** The rows that hold for one refreshed node, and those by which the next one waits. */
function rowsOfNodes({ constraints, refreshLevel }: DramSpec): Record<'own' | 'between', DramSpec['constraints']> {
  const above = LEVELS.slice(0, LEVELS.indexOf(refreshLevel));
  const isBetween = ({ level, other }: DramSpec['constraints'][number]): boolean =>
    above.includes(level) || other === true;
  return { own: constraints.filter((row) => !isBetween(row)), between: constraints.filter(isBetween) };
}

function checkBankRefresh(spec: DramSpec, expect: Expect): void {
  const { pseudoChannels, ranks, stacks, bankGroups, banksPerGroup } = spec.organization;
  for (const name of ['REFIpb', 'RFCpb']) {
    const found = spec.timing[name];
    expect((found ?? 0) > 0, `timing.${name}`, found, 'a number > 0 for a refresh of single banks');
  }
  const { REFIpb } = spec.timing;
  if (REFIpb === undefined || REFIpb === 0) return;
  const perBank = longest(spec, 'PREpb', 'REFpb') + longest(spec, 'REFpb', 'REFpb') + BETWEEN_NODES;
  const elsewhere = Math.max(...LEVELS.slice(0, -1).map((level) => longest(spec, 'REFpb', 'ACT', level)));
  const ownBank = Math.ceil(longest(spec, 'REFpb', 'ACT') / (ranks * stacks * bankGroups * banksPerGroup));
  const needed = Math.max(elsewhere + pseudoChannels * perBank, ownBank);
  const room = 'to leave room for a precharge and a refresh';
  expect(REFIpb > needed, 'timing.REFIpb', REFIpb, `more than ${needed}, ${room}`);
}

/** The most cycles that rows, of one level or of all, ask for between two commands. */
function longest(spec: DramSpec, from: Command, to: Command, level?: Level): number {
  return longestOf(level ? spec.constraints.filter((row) => row.level === level) : spec.constraints, spec, from, to);
}

function longestOf(rows: DramSpec['constraints'], spec: DramSpec, from: Command, to: Command): number {
  const longer = (spec.commandCycles[from] ?? 1) - (spec.commandCycles[to] ?? 1);
  return rows
    .filter((row) => row.from.includes(from) && row.to.includes(to))
    .reduce((most, row) => Math.max(most, cyclesOf(row, spec.timing) + longer), 0);
}
