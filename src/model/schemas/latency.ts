/** The file of the simple DRAM model: latency, burst and efficiency per interface. */
import { z } from 'zod';
import { BOUNDS, countUpTo, naturalUpTo, numberWithin } from './bounds.ts';
import { validate } from './parse.ts';

const interfaceSchema = z.strictObject({
  latencyCycles: naturalUpTo(BOUNDS.latencyCycles).describe('Accelerator cycles before the first data of a transfer.'),
  jitterCycles: naturalUpTo(BOUNDS.latencyCycles).describe('Up to so many more, drawn anew for each transfer.'),
  burstBytes: countUpTo(BOUNDS.latencyBurstBytes).describe('A transfer moves whole bursts.'),
  efficiency: numberWithin(BOUNDS.efficiency).describe('Share of the interface’s bandwidth that is reached.'),
});

export const latencySchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    description: z.string().optional(),
    model: z.literal('latency'),
    interfaces: z.strictObject({
      weight: interfaceSchema,
      ifmap: interfaceSchema,
      psum: interfaceSchema,
      vmem: interfaceSchema,
    }),
  })
  .meta({ title: 'Systole latency DRAM' });

/** A validated latency file. */
export type LatencySpec = Readonly<z.infer<typeof latencySchema>>;

/** One interface's part of it. */
export type InterfaceLatency = LatencySpec['interfaces']['weight'];

/** Whether a parsed DRAM file is one of these. */
export function isLatencyFile(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'model' in value;
}

/** Validates a parsed latency file; throws an InputError that names the first thing wrong. */
export function parseLatency(value: unknown, file: string): LatencySpec {
  return validate(latencySchema, value, file);
}
