/** What a file of a memory's energy holds: the currents of a datasheet. */
import { z } from 'zod';
import { amountUpTo, BOUNDS, countUpTo, numberWithin } from './bounds.ts';

const current = amountUpTo(BOUNDS.dramMilliamperes);

export const dramEnergySchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    source: z.string().min(1).describe('Where the currents come from: datasheet and part. Shown in results.'),
    volts: numberWithin(BOUNDS.dramVolts).describe('VDD.'),
    devices: countUpTo(BOUNDS.dramDevices).describe('Devices of a rank, which all take part in every command.'),
    milliamperes: z
      .strictObject({
        IDD0: current.describe('Activates and precharges of one bank, tRC apart.'),
        IDD2N: current.describe('Precharge standby: all banks closed.'),
        IDD3N: current.describe('Active standby: a row is open.'),
        IDD4R: current.describe('Reads without a pause.'),
        IDD4W: current.describe('Writes without a pause.'),
        IDD5AB: current.describe('Refreshes of all banks, tRFC apart.'),
        IDD5PB: current
          .optional()
          .describe('Refreshes of one bank, tRFCpb apart; needed where banks refresh one by one.'),
      })
      .describe('Of one device.'),
  })
  .meta({ title: 'Systole DRAM energy data' });

/** A file of a memory's energy. */
export type DramEnergyFile = Readonly<z.infer<typeof dramEnergySchema>>;
